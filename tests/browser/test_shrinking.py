"""Photos that a browser makes smaller before it sends them: the same picture as the site would see."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from products.imaging import PhotoLimits, open_photo
from tests.browser.conftest import Visitor
from tests.pictures import encoded, product_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONGEST = 1600
LIMITS = PhotoLimits(max_bytes=200 * 2**20, max_pixels=200_000_000)
_SHRINK = """async ([data, name]) => {
  const { shrink } = await import("/static/retailvision/shrink.js");
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  const small = await shrink(new File([bytes], name));
  const reader = new FileReader();
  await new Promise((done) => { reader.onload = done; reader.readAsDataURL(small); });
  return [reader.result.split(",")[1], small.name];
}"""

Shrink = Callable[..., tuple[bytes, str]]


@pytest.fixture(scope="module")
def _page(browser: Any) -> Any:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def shrink(transactional_db: None, live_server: Any, _page: Any) -> Shrink:
    """What the browser makes of a file: its bytes and its name."""
    _page.goto(live_server.url)

    def call(data: bytes, name: str = "IMG_2041") -> tuple[bytes, str]:
        small, small_name = _page.evaluate(_SHRINK, [base64.b64encode(data).decode(), name])
        return base64.b64decode(small), small_name

    return call


def large_picture(width: int = 2400, height: int = 1800) -> Image.Image:
    """No two of its eight orientations look alike."""
    picture = product_picture(7, 400).resize((width, height), Image.Resampling.BICUBIC)
    picture.paste("red", (0, 0, width // 3, height // 5))
    picture.paste("blue", (0, height * 4 // 5, width // 6, height))
    return picture


def turned(picture: Image.Image, orientation: int, **options: Any) -> bytes:
    """The picture as a camera stores it that was held in another way."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture, exif=exif, quality=95, **options)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Root of the mean square, in levels of 255; infinite where the shapes differ."""
    small = (one.width // 8, one.height // 8)
    if abs(one.width / one.height - other.width / other.height) > 0.01:
        return float("inf")
    pixels = [np.asarray(each.resize(small, Image.Resampling.BOX), float) for each in (one, other)]
    return float(np.sqrt(((pixels[0] - pixels[1]) ** 2).mean()))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_is_upright_as_the_site_has_it(shrink: Shrink, orientation: int) -> None:
    original = turned(large_picture(), orientation)
    small, name = shrink(original)
    assert name == "photo.jpg"
    assert len(small) < len(original)
    assert not Image.open(io.BytesIO(small)).getexif()
    here, there = open_photo(small, LIMITS), open_photo(original, LIMITS)
    assert max(here.size) == LONGEST
    assert difference(here, there) < 3
    wrong = open_photo(turned(large_picture(), orientation % 8 + 1), LIMITS)
    assert difference(here, wrong) > 20


def test_what_is_transparent_is_white(shrink: Shrink) -> None:
    picture = large_picture().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    original = encoded(picture, "PNG")
    small, _ = shrink(original)
    assert difference(open_photo(small, LIMITS), open_photo(original, LIMITS)) < 3


def test_of_a_moving_picture_the_first_is_taken(shrink: Shrink) -> None:
    frames = [each.quantize() for each in (large_picture(), Image.new("RGB", (2400, 1800), "lime"))]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=40)
    small, _ = shrink(out.getvalue())
    assert max(Image.open(io.BytesIO(small)).size) == LONGEST
    assert difference(open_photo(small, LIMITS), open_photo(out.getvalue(), LIMITS)) < 3


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_huge_photo_is_made_small(shrink: Shrink, orientation: int) -> None:
    picture = large_picture(9248, 6936)  # 64 megapixels
    original = turned(picture, orientation)
    small, _ = shrink(original)
    assert len(small) < 500_000
    assert max(Image.open(io.BytesIO(small)).size) == LONGEST
    assert difference(open_photo(small, LIMITS), open_photo(original, LIMITS, at_least=800)) < 4


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_ink(shrink: Shrink, mode: str) -> None:
    original = encoded(large_picture().convert(mode), quality=95)
    small, _ = shrink(original)
    assert difference(open_photo(small, LIMITS), open_photo(original, LIMITS)) < 6


def _heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(large_picture()).save(out, quality=90)
    return out.getvalue()


@pytest.mark.parametrize(
    "original",
    [
        pytest.param(_heic, id="a format that the browser does not read"),
        pytest.param(lambda: turned(product_picture(1, 400), 6), id="small already"),
        pytest.param(lambda: b"no photo at all", id="no photo"),
        pytest.param(lambda: encoded(large_picture())[:300], id="cut off"),
        pytest.param(lambda: b"", id="empty"),
    ],
)
def test_others_go_as_they_are(shrink: Shrink, original: Callable[[], bytes]) -> None:
    data = original()
    assert shrink(data, "as it is.bin") == (data, "as it is.bin")


@pytest.mark.parametrize("kind", ["orientation 1", "orientation 6", "orientation 7", "png", "heic"])
def test_the_same_product_is_found_with_and_without(
    shop: Any, live_server: Any, visitor: Visitor, plain_visitor: Visitor, kind: str
) -> None:
    picture = product_picture(5, 160).resize((2400, 2400), Image.Resampling.BICUBIC)
    if kind == "png":
        data = encoded(picture, "PNG")
    elif kind == "heic":
        out = io.BytesIO()
        pillow_heif.from_pillow(picture).save(out, quality=90)
        data = out.getvalue()
    else:
        orientation = int(kind[-1])
        back = {1: None, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE}[orientation]
        data = turned(picture.transpose(back) if back is not None else picture, orientation)
    file: FilePayload = {"name": "IMG_2041", "mimeType": "", "buffer": data}
    answers = []
    for each in (visitor, plain_visitor):
        each.page.goto(live_server.url)
        each.page.get_by_test_id("photo-input").set_input_files(file)
        if each is plain_visitor:
            each.page.get_by_test_id("search-submit").click()
        first = each.page.get_by_test_id("result-card").first
        expect(first).to_have_attribute("data-sku", "P5", timeout=20_000)
        answers.append(each.skus())
    assert answers[0] == answers[1]
