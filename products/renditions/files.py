"""Where renditions lie, and which of them a page may name. No query, and no look into the storage."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import Storage

from products.imaging.renditions import (
    FALLBACK,
    FORMER,
    MODERN,
    RECIPE,
    SIDES,
    Rendition,
    RenditionFormat,
    fallback_format,
    fit,
    needed,
    renditions_of,
)

if TYPE_CHECKING:
    from products.models import ProductImage

# Of each name that pages ask by, the sides that a browser may choose from.
SIDES_OF_ALIAS = {
    "small": (120, 240),
    "card": (240, 480),
    "large": (480, 720, 1200),
    # Who enlarges a photo wants all that there is of it.
    "zoom": (2000,),
}


def has_renditions(image: ProductImage) -> bool:
    """Whether all renditions of a photo are there, by the recipe of today."""
    return image.renditions == RECIPE


def rendition_name(file_name: str, rendition: Rendition) -> str:
    """A rendition's name in the storage: as easy-thumbnails names a thumbnail of these options."""
    folder, name = posixpath.split(file_name)
    side = rendition.side
    return posixpath.join(
        folder,
        settings.THUMBNAIL_SUBDIR,
        f"{name}.{side}x{side}_q{rendition.quality}.{rendition.format}",
    )


def candidates(image: ProductImage, alias: str, of: RenditionFormat) -> list[tuple[str, int]]:
    """(address, width in pixels) of a photo's renditions that a browser may choose from, smallest
    first; none where this format is not made of it. Ask only for photos that have renditions.
    """
    size = (image.width, image.height)
    wanted = list(SIDES_OF_ALIAS[alias])
    if of in MODERN:
        sides = MODERN[of]
        if _at_least(wanted[-1], needed(SIDES, size)) not in sides:
            return []  # another format has more of the photo
    elif of == fallback_format(transparent=image.transparent):
        sides = FALLBACK[of]
    else:
        return []
    made = needed(sides, size)
    # The largest that is wanted may have been made under a smaller name: it had all pixels.
    wanted = [side for side in wanted if side in sides] or [max(sides)]
    chosen = sorted({_at_least(side, made) for side in wanted})
    return [
        (
            image.file.storage.url(
                rendition_name(str(image.file.name), Rendition(side, of, sides[side]))
            ),
            fit(size, side)[0],
        )
        for side in chosen
    ]


def largest_url(image: ProductImage) -> str:
    """The address of the largest picture that a page shows of a photo: at most 2000 pixels wide once
    renditions are made, until then the photo itself.
    """
    if not has_renditions(image):
        return image.file.url
    of = fallback_format(transparent=image.transparent)
    return (candidates(image, "zoom", of if of == "jpg" else "webp"))[-1][0]


def _at_least(side: int, made: list[int]) -> int:
    return next((each for each in made if each >= side), made[-1])


def delete_renditions(storage: Storage, file_name: str, size: tuple[int, int]) -> None:
    """Deletes what was made of a photo, and what an earlier recipe made; none is no error."""
    every = {
        *renditions_of(size, transparent=False),
        *renditions_of(size, transparent=True),
        *FORMER,
    }
    for name in sorted(rendition_name(file_name, each) for each in every):
        storage.delete(name)


def srcset(choices: Sequence[tuple[str, int]]) -> str:
    """As HTML writes it; without a width where there is no choice, so that a script that asks for the
    picture's size is told its pixels.
    """
    if len(choices) == 1:
        return choices[0][0]
    return ", ".join(f"{url} {width}w" for url, width in choices)
