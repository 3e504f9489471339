"""Photos on pages: `{% picture %}`."""

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from products.imaging.renditions import MODERN, fallback_format, fit
from products.models import ProductImage
from products.renditions.files import candidates, has_renditions, largest_url, srcset
from products.thumbnails import thumbnail_side, thumbnail_url

register = template.Library()

# How wide the square is that a photo is fitted into, where a template does not say it.
_SIZES = {
    "small": "4rem",
    "card": "(width >= 40rem) 15rem, 45vw",
    "large": "(width >= 64rem) 40rem, 94vw",
    "zoom": "100vw",
}
_CONDITION = re.compile(r"(\([^()]*\)(?:\s+and\s+\([^()]*\))*\s+)?(.+)", re.DOTALL)


@register.simple_tag
def picture(
    image: ProductImage | None,
    alias: str,
    alt: str = "",
    *,
    sizes: str = "",
    eager: bool = False,
    icon: str = "photo",
    **attributes: Any,
) -> SafeString:
    """A photo as `<picture>`, loaded when it comes near the window, or an icon where there is none.

    It has the formats and sizes that are made of the photo (`products.renditions`); until they are,
    the plain thumbnail. `width` and `height` are the photo's own, so that nothing moves when it
    comes.

    Args:
        image: the photo; None gives the icon.
        alias: small, card, large or zoom: which sizes a browser chooses from.
        alt: what a screen reader says; "" where the text beside it says it already.
        sizes: how wide the square is that the photo is fitted into, as `<img sizes>` writes it; for
            a photo that is higher than wide the tag narrows it.
        eager: for the largest picture in the first window: loaded at once, before others.
        icon: shown where there is no picture; "" for nothing.
        attributes: further ones of the `<img>`, such as `class` and `itemprop`.
    """
    shown = _shown(image, alias) if image is not None else None
    if image is None or shown is None:
        return SafeString(render_to_string("_icon.html", {"name": icon})) if icon else SafeString()
    sources, own = shown
    wide = narrowed(sizes or _SIZES[alias], min(1.0, image.width / image.height))
    every = {
        **own,
        **_choice(str(own.get("srcset", "")), wide),
        "alt": alt,
        "decoding": "async",
        **({"fetchpriority": "high"} if eager else {"loading": "lazy"}),
        **attributes,
    }
    return format_html(
        "<picture>{}<img{}></picture>",
        format_html_join(
            "",
            '<source type="image/{}"{}>',
            ((each, _written(_choice(choices, wide))) for each, choices in sources),
        ),
        _written(every),
    )


def _choice(choices: str, sizes: str) -> dict[str, str | int]:
    """`srcset`, with `sizes` where there is something to choose."""
    if not choices:
        return {}
    return {"srcset": choices, **({"sizes": sizes} if "w, " in choices else {})}


def _written(attributes: Mapping[str, Any]) -> SafeString:
    return format_html_join("", ' {}="{}"', attributes.items())


@register.filter
def largest(image: ProductImage) -> str:
    """The address of the largest picture that pages show of a photo."""
    return largest_url(image)


def _shown(
    image: ProductImage, alias: str
) -> tuple[list[tuple[str, str]], dict[str, str | int]] | None:
    """(format, srcset) of each better format, and the attributes of an `<img>` that all can show."""
    size = (image.width, image.height)
    if not has_renditions(image) and alias == "zoom":
        return [], _attributes(image.file.url, size)
    if not has_renditions(image):
        url = thumbnail_url(image.file, alias)
        box = thumbnail_side(alias)
        return ([], _attributes(url, fit(size, box))) if url else None
    better = ((each, candidates(image, alias, each)) for each in MODERN)
    choices = candidates(image, alias, fallback_format(transparent=image.transparent))
    url, width = choices[-1]
    own = _attributes(url, (width, max(1, round(width * size[1] / size[0]))))
    if len(choices) > 1:
        own["srcset"] = srcset(choices)
    return [(each, srcset(made)) for each, made in better if made], own


def _attributes(url: str, size: tuple[int, int]) -> dict[str, str | int]:
    return {"src": url, "width": size[0], "height": size[1]}


def narrowed(sizes: str, share: float) -> str:
    """`sizes` with each width taken by this share."""
    if share == 1.0:
        return sizes
    found = (_CONDITION.match(each) for each in _parts(sizes))
    return ", ".join(
        f"{each[1] or ''}calc({share:.3g} * ({each[2]}))" for each in found if each is not None
    )


def _parts(sizes: str) -> list[str]:
    """What stands between commas, except those inside `min()` and the like."""
    parts, depth = [""], 0
    for sign in sizes:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]
