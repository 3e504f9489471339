"""`{% picture %}`: what a page says of a photo, and what that costs."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.template import Context, Template

from products.imaging.renditions import RECIPE, Rendition, renditions_of
from products.models import ProductImage
from products.photos import add_photo
from products.renditions.files import SIDES_OF_ALIAS, largest_url, rendition_name
from products.renditions.making import make_due
from products.templatetags.pictures import narrowed
from products.thumbnails import thumbnail_url
from tests.factories import ProductFactory, with_photo
from tests.pictures import encoded, product_picture

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


def photo_of(width: int, height: int, **fields: Any) -> ProductImage:
    """A row alone: a page that asks for the file would fail."""
    image = ProductImage(
        product=ProductFactory(), file="products/ab/cd.jpg", width=width, height=height, **fields
    )
    image.digest = image.source_digest = "a" * 64
    image.save()
    return image


def render(image: ProductImage | None, call: str = '"card"') -> str:
    text = "{% load pictures %}{% picture image " + call + " %}"
    return Template(text).render(Context({"image": image}))


def parsed(image: ProductImage | None, call: str = '"card"') -> list[dict[str, str]]:
    """The attributes of each element inside `<picture>`; of the `<img>` last."""
    found: list[dict[str, str]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            found.append({"tag": tag, **{name: value or "" for name, value in attributes}})

    Reader().feed(render(image, call))
    assert found[0]["tag"] == "picture"
    return found[1:]


def widths(srcset: str) -> list[int]:
    return [int(each.split()[1].rstrip("w")) for each in srcset.split(", ")]


def test_formats_in_the_order_in_which_a_browser_should_take_them() -> None:
    avif, webp, img = parsed(photo_of(3000, 3000, renditions=RECIPE))
    assert (avif["type"], webp["type"], img["tag"]) == ("image/avif", "image/webp", "img")
    assert widths(avif["srcset"]) == widths(webp["srcset"]) == [240, 480]
    assert img["src"].endswith("thumbnails/cd.jpg.480x480_q82.jpg")
    assert img.get("width") == img.get("height") == "480"


def test_widths_are_those_of_the_pictures() -> None:
    avif, _, img = parsed(photo_of(1500, 3000, renditions=RECIPE), '"large"')
    assert widths(avif["srcset"]) == [240, 360, 600]
    assert (img.get("width"), img.get("height")) == ("600", "1200")


@pytest.mark.parametrize("alias", SIDES_OF_ALIAS)
@pytest.mark.parametrize("longest", [100, 240, 300, 700, 1300, 4000])
@pytest.mark.parametrize("transparent", [False, True])
def test_only_what_was_made_is_named(alias: str, longest: int, transparent: bool) -> None:
    image = photo_of(longest, longest * 2 // 3, renditions=RECIPE, transparent=transparent)
    every = renditions_of((image.width, image.height), transparent=transparent)
    made = {default_storage.url(rendition_name(image.file.name, each)) for each in every}
    element = parsed(image, f'"{alias}"')
    named = {element[-1].get("src")}
    for each in element:
        named |= {part.split()[0] for part in (each.get("srcset") or "").split(", ") if part}
    assert named <= made


def test_the_full_screen_is_offered_in_the_format_that_has_most_of_the_photo() -> None:
    large = parsed(photo_of(4000, 4000, renditions=RECIPE), '"zoom"')
    assert [each.get("type") for each in large] == ["image/webp", None]
    small = parsed(photo_of(900, 900, renditions=RECIPE), '"zoom"')
    assert [each.get("type") for each in small] == ["image/avif", "image/webp", None]


def test_what_is_seen_first_is_loaded_first_and_all_else_when_it_is_near() -> None:
    image = photo_of(900, 900, renditions=RECIPE)
    later, first = parsed(image)[-1], parsed(image, '"card" eager=True')[-1]
    assert (later.get("loading"), later.get("fetchpriority")) == ("lazy", None)
    assert (first.get("loading"), first.get("fetchpriority")) == (None, "high")


def test_attributes_are_those_of_the_img_and_text_is_escaped() -> None:
    image = photo_of(900, 900, renditions=RECIPE)
    image.product.name = 'A "b" <c>'
    call = '"card" alt=image.product.name class="nearest" itemprop="image"'
    img = parsed(image, call)[-1]
    assert (img["class"], img["itemprop"], img["alt"]) == ("nearest", "image", 'A "b" <c>')
    assert 'alt="A &quot;b&quot; &lt;c&gt;"' in render(image, call)


def test_until_they_are_made_the_plain_thumbnail_is_shown() -> None:
    image = with_photo(1)
    (img,) = parsed(image)
    assert img["src"] == thumbnail_url(image.file, "card")
    assert default_storage.exists(img["src"].removeprefix("/media/"))
    assert (img.get("width"), img.get("height")) == ("160", "160")
    assert largest_url(image) == image.file.url


def test_no_picture_is_an_icon_or_nothing() -> None:
    image = with_photo(1)
    default_storage.delete(image.file.name)
    for each in (None, image):
        assert "#photo" in render(each)
        assert "#store" in render(each, '"card" icon="store"')
        assert render(each, '"card" icon=""').strip() == ""


def test_a_page_of_cards_asks_neither_the_database_nor_the_storage(
    django_assert_num_queries: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [photo_of(900, 900, renditions=RECIPE) for _ in range(24)]

    def asked(*_args: object) -> None:
        raise AssertionError

    for name in ("exists", "open", "size", "get_modified_time", "path"):
        monkeypatch.setattr(type(default_storage), name, asked, raising=False)
    with django_assert_num_queries(0):
        for image in images:
            render(image)
            thumbnail_url(image.file, "card")


@pytest.mark.parametrize("transparent", [False, True])
def test_names_are_those_of_the_library(transparent: bool) -> None:
    """So that a thumbnail that was made at a first showing is none beside the rendition."""
    picture = product_picture(1, 1300)
    if transparent:
        picture.putalpha(100)
    data = encoded(picture, "PNG")
    image = add_photo(product=ProductFactory(), data=data).image
    at_first = [thumbnail_url(image.file, alias) for alias in ("small", "card", "large")]
    make_due()
    image.refresh_from_db()
    assert [thumbnail_url(image.file, alias) for alias in ("small", "card", "large")] == at_first


def test_a_name_has_no_room_for_mischief() -> None:
    assert (
        rendition_name("products/ab/cd.jpg", Rendition(120, "avif", 64))
        == "products/ab/thumbnails/cd.jpg.120x120_q64.avif"
    )


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("94vw", "calc(0.5 * (94vw))"),
        (
            "(width >= 40rem) 15rem, calc(50vw - 2rem)",
            "(width >= 40rem) calc(0.5 * (15rem)), calc(0.5 * (calc(50vw - 2rem)))",
        ),
        (
            "(width >= 40rem) and (width < 60rem) min(50vw, 20rem), 4rem",
            "(width >= 40rem) and (width < 60rem) calc(0.5 * (min(50vw, 20rem))), calc(0.5 * (4rem))",
        ),
    ],
)
def test_a_high_photo_is_narrower_than_the_square_it_stands_in(sizes: str, expected: str) -> None:
    assert narrowed(sizes, 0.5) == expected
    assert narrowed(sizes, 1.0) == sizes
