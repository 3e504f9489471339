"""Barcodes as they lie in photos: small, turned, blurred, several, and none."""

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from products.imaging import canonical_gtin, open_photo, read_barcodes
from products.imaging.barcodes import EVERYTHING
from tests.products.imaging.samples import LIMITS, exif, quarters, saved

F = zxingcpp.BarcodeFormat
EAN, EAN_DIGITS = F.EAN13, "4006381333931"


def label(digits: str, kind: F, width: int = 400, **options: bool) -> Image.Image:
    """A printed code with its quiet zone, ``width`` pixels wide."""
    code = zxingcpp.create_barcode(digits, kind, **options)
    bars = np.pad(np.asarray(code.to_image(scale=4)), 40, constant_values=255)
    image = Image.fromarray(bars)
    return image.resize((width, image.height * width // image.width), Image.Resampling.LANCZOS)


def photo_with(
    code: Image.Image, *, size: tuple[int, int] = (1600, 1200), angle: float = 0
) -> Image.Image:
    """The code lying on a noisy ground, turned about its middle."""
    noise = np.random.default_rng(5).normal(120, 12, (size[1] // 4, size[0] // 4))
    ground = Image.fromarray(noise.clip(0, 255).astype(np.uint8)).resize(size).convert("RGB")
    mask = Image.new("L", code.size, 255).rotate(angle, expand=True)
    turned = code.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    place = ((size[0] - turned.width) // 3, (size[1] - turned.height) // 2)
    ground.paste(turned.convert("RGB"), place, mask)
    return ground


@pytest.mark.parametrize(
    ("digits", "kind", "expected"),
    [
        ("4006381333931", F.EAN13, "4006381333931"),
        ("96385074", F.EAN8, "96385074"),
        ("036000291452", F.UPCA, "036000291452"),
        ("04252614", F.UPCE, "042100005264"),
        ("10036000291459", F.ITF14, "10036000291459"),
        ("0109501101530003", F.DataBarOmni, "9501101530003"),
        ("(01)09501101530003", F.DataBarExp, "9501101530003"),
        ("https://id.gs1.org/01/09501101530003/10/AB?x=1", F.QRCode, "9501101530003"),
        ("https://shop.example/gtin/4006381333931", F.QRCode, "4006381333931"),
    ],
)
def test_every_retail_code(digits: str, kind: F, expected: str) -> None:
    assert read_barcodes(photo_with(label(digits, kind))) == [expected]


def test_gs1_128_gives_its_item() -> None:
    code = label("(01)09501101530003(17)301231(10)AB12", F.Code128, width=900, gs1=True)
    assert read_barcodes(photo_with(code)) == ["9501101530003"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4006381333931", F.Code128),  # no GS1 mark: anybody's own number
        ("https://shop.example/product/4006381333931", F.QRCode),
        ("https://shop.example/01/4006381333932", F.QRCode),
        ("4006381333931", F.QRCode),
    ],
)
def test_other_contents_are_no_item(text: str, kind: F) -> None:
    assert read_barcodes(photo_with(label(text, kind))) == []


@pytest.mark.parametrize("angle", [0, 10, 45, 90, 135, 180, 225, 270, 350])
def test_turned(angle: int) -> None:
    assert read_barcodes(photo_with(label(EAN_DIGITS, EAN), angle=angle)) == [EAN_DIGITS]


@pytest.mark.parametrize("blur", [0.8, 1.2])
def test_blurred(blur: float) -> None:
    photo = photo_with(label(EAN_DIGITS, EAN)).filter(ImageFilter.GaussianBlur(blur))
    assert read_barcodes(photo) == [EAN_DIGITS]


@pytest.mark.parametrize("width", [320, 600, 2500])
def test_small_and_large_in_a_phone_photo(width: int) -> None:
    photo = photo_with(label(EAN_DIGITS, EAN, width=width), size=(4000, 3000))
    assert read_barcodes(photo) == [EAN_DIGITS]


def test_in_a_thumbnail_with_bars_of_little_more_than_a_pixel() -> None:
    photo = photo_with(label(EAN_DIGITS, EAN, width=200), size=(320, 240))
    assert read_barcodes(photo) == [EAN_DIGITS]


def test_a_wrong_reading_with_a_valid_check_digit_is_not_believed() -> None:
    photo = photo_with(label("0036000291452", EAN, width=195), angle=7)
    grey = np.asarray(photo.convert("L"))
    raw = zxingcpp.read_barcodes(grey, formats=EVERYTHING, try_downscale=False)
    assert [code.text for code in raw] == ["0036000201451"]
    assert canonical_gtin(raw[0].text) == "036000201451"
    assert read_barcodes(photo) == []


def test_the_larger_of_two_is_first_and_a_short_code_last() -> None:
    photo = Image.new("RGB", (1600, 1200), (190, 190, 190))
    photo.paste(label("96385074", F.EAN8, width=700), (100, 700))
    photo.paste(label("5901234123457", EAN, width=300), (1000, 100))
    photo.paste(label(EAN_DIGITS, EAN, width=500), (100, 100))
    assert read_barcodes(photo) == [EAN_DIGITS, "5901234123457", "96385074"]


def test_one_code_twice_is_one() -> None:
    photo = Image.new("L", (1600, 1200), 190)
    photo.paste(label(EAN_DIGITS, EAN), (100, 100))
    photo.paste(label(EAN_DIGITS, EAN), (800, 700))
    assert read_barcodes(photo) == [EAN_DIGITS]


def test_no_code() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (900, 1200, 3), np.uint8)
    stripes = np.tile(np.repeat([0, 255], 5), 100)[None, :].repeat(300, 0).astype(np.uint8)
    for image in (quarters(), quarters(16, 16), Image.fromarray(noise), Image.fromarray(stripes)):
        assert read_barcodes(image) == []


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1"])
def test_any_mode(mode: str) -> None:
    photo = Image.new("L", (600, 400), 255)
    photo.paste(label(EAN_DIGITS, EAN), (100, 100))
    assert read_barcodes(photo.convert(mode)) == [EAN_DIGITS]


def test_from_a_phone_photo_through_the_fast_door() -> None:
    photo = photo_with(label(EAN_DIGITS, EAN, width=1000), size=(4000, 3000))
    data = saved(photo, "JPEG", quality=85, exif=exif(6))
    assert read_barcodes(open_photo(data, LIMITS, at_least=1200)) == [EAN_DIGITS]
