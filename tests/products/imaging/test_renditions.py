"""Small pictures of a photo: sizes, formats, and what is kept of the photo."""

import hashlib
import io
from dataclasses import astuple

import numpy as np
import pytest
from PIL import Image

from products.imaging import PhotoLimits, PhotoRefused, renditions
from products.imaging.renditions import (
    FALLBACK,
    MODERN,
    RECIPE,
    Rendition,
    fit,
    make_renditions,
    needed,
    open_shrunk,
    renditions_of,
)
from tests.pictures import encoded, product_picture

LIMITS = PhotoLimits()
# What each recipe makes: whoever changes the one, raises the other, and puts what was into FORMER.
RECIPES = {1: "fd378e7ebc37"}


def made(data: bytes) -> dict[Rendition, Image.Image]:
    photo = open_shrunk(data, LIMITS)
    return {
        rendition: Image.open(io.BytesIO(content)) for rendition, content in make_renditions(photo)
    }


def test_another_recipe_has_another_number() -> None:
    recipe = repr((renditions.SIDES, MODERN, FALLBACK, renditions._WRITERS))
    assert RECIPES[RECIPE] == hashlib.sha256(recipe.encode()).hexdigest()[:12]
    assert len(RECIPES) == 1 or renditions.FORMER


@pytest.mark.parametrize("size", [(3000, 2000), (900, 1200), (250, 250), (40, 16), (16, 320)])
def test_each_is_as_large_as_a_page_is_told(size: tuple[int, int]) -> None:
    for rendition, picture in made(encoded(Image.new("RGB", size, "green"))).items():
        assert picture.size == fit(size, rendition.side), rendition


@pytest.mark.parametrize(
    ("longest", "sides"),
    [
        (100, [120]),
        (120, [120]),
        (121, [120, 480]),
        (480, [120, 480]),
        (900, [120, 480, 1200]),
        (9000, [120, 480, 1200, 2000]),
    ],
)
def test_a_photo_is_never_enlarged_and_its_pixels_are_in_the_last(
    longest: int, sides: list[int]
) -> None:
    assert needed(FALLBACK["jpg"], (longest, longest // 2)) == sides
    assert max(fit((longest, longest // 2), sides[-1])) == min(longest, 2000)


def test_a_photo_has_all_formats_and_the_full_screen_no_avif() -> None:
    every = renditions_of((3000, 2000), transparent=False)
    assert {each.format for each in every} == {"avif", "webp", "jpg"}
    assert {each.format for each in every if each.side == 2000} == {"webp", "jpg"}


def test_formats_are_what_their_names_say() -> None:
    for rendition, picture in made(encoded(product_picture(1, 300))).items():
        assert picture.format == {"jpg": "JPEG"}.get(rendition.format, rendition.format.upper())


def test_what_shines_through_does_so_in_all_formats() -> None:
    picture = product_picture(1, 300).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    every = made(encoded(picture, "PNG"))
    assert {each.format for each in every} == {"avif", "webp", "png"}
    for small in every.values():
        low, high = small.convert("RGBA").getchannel("A").getextrema()
        assert low < 10
        assert high > 245


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_an_alpha_that_hides_nothing_is_no_transparency(mode: str) -> None:
    photo = open_shrunk(encoded(product_picture(1, 200).convert(mode), "PNG"), LIMITS)
    assert not photo.transparent
    assert {each.format for each, _ in make_renditions(photo)} == {"avif", "webp", "jpg"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_all_modes_of_stored_photos(mode: str) -> None:
    assert made(encoded(product_picture(1, 130).convert(mode), "PNG"))


def test_each_looks_like_the_photo() -> None:
    photo = product_picture(3, 900)
    for rendition, small in made(encoded(photo, quality=95)).items():
        expected = photo.resize(small.size, Image.Resampling.LANCZOS)
        difference = np.asarray(small.convert("RGB"), float) - np.asarray(expected, float)
        assert np.sqrt((difference**2).mean()) < 8, astuple(rendition)


def test_making_ends_early_where_it_is_told_to() -> None:
    photo = open_shrunk(encoded(product_picture(1, 300)), LIMITS)
    answers = iter([True, True, False])
    assert len(list(make_renditions(photo, go_on=lambda: next(answers)))) == 2


@pytest.mark.parametrize("data", [b"", b"no photo", encoded(product_picture(1, 300))[:900]])
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoRefused):
        open_shrunk(data, LIMITS)
