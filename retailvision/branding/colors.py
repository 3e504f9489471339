"""The site's colours made from one of the retailer's, so that every text stays readable.

Lightness is changed in Oklch, in which a step looks like the same step for every hue; what is readable
is WCAG 2.2's contrast, of which AA asks 4.5 for text.
"""

from collections.abc import Callable

from coloraide import Color

# A little more than AA's 4.5, since browsers round.
READABLE = 5.0
# The grounds of site.css that an accent stands on; the last of the dark ones is that of panels.
LIGHT_GROUNDS = ("#f6f9f8", "#ffffff", "#eff3f2")
DARK_GROUNDS = ("#0b1211", "#131d1b")
# Luminances that a ground of each scheme keeps to, or no text on it would be readable.
_BRIGHTEST_DARK, _DARKEST_LIGHT = 0.03, 0.78
# What a button has to differ from the ground that it stands on, whose text says what it is.
_SEEN_ON_LIGHT, _SEEN_ON_DARK = 1.3, 2.0
_STEP = 0.01


def brand_sheet(color: str) -> str:
    """A style sheet that follows site.css, for a colour as in `#c8102e`."""
    light, dark = (
        "".join(f"--{name}:{value};" for name, value in tokens.items())
        for tokens in (light_tokens(color), dark_tokens(color))
    )
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def light_tokens(color: str) -> dict[str, str]:
    """The tokens of site.css for the light scheme: the colour itself, as text darker where it must be."""
    soft = _brightened(_mixed(color, "#ffffff", 0.9))
    accent = _until(color, -_STEP, lambda each: _is_readable(each, soft, *LIGHT_GROUNDS))
    return {
        "accent": accent,
        "accent-strong": _shifted(accent, -0.08),
        **_fill(color if contrast(color, LIGHT_GROUNDS[0]) >= _SEEN_ON_LIGHT else accent),
        "accent-soft": soft,
        "glow": _brightened(_mixed(color, "#ffffff", 0.82)),
    }


def dark_tokens(color: str) -> dict[str, str]:
    """The tokens of site.css for the dark scheme: the colour itself, as text lighter where it must be."""
    soft = _dimmed(_mixed(color, DARK_GROUNDS[1], 0.8))
    accent = _until(color, _STEP, lambda each: _is_readable(each, soft, *DARK_GROUNDS))
    return {
        "accent": accent,
        "accent-strong": _shifted(accent, 0.08),
        **_fill(color if contrast(color, DARK_GROUNDS[1]) >= _SEEN_ON_DARK else accent),
        "accent-soft": soft,
        "glow": _dimmed(_mixed(color, DARK_GROUNDS[0], 0.84)),
    }


def _fill(color: str) -> dict[str, str]:
    """Buttons: in the colour itself, with whichever text is readable on it; `fill-strong` is for pointing."""
    white, ink = "#ffffff", _dimmed(_mixed(color, "#000000", 0.85))
    if not _is_readable(white, color) and _is_readable(ink, color):
        darker = _shifted(color, -0.06)
        strong = darker if _is_readable(ink, darker) else _shifted(color, 0.06)
        return {"fill": color, "fill-strong": strong, "on-fill": ink}
    fill = _until(color, -_STEP, lambda each: _is_readable(white, each))
    return {"fill": fill, "fill-strong": _shifted(fill, -0.06), "on-fill": white}


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours, 1 to 21."""
    return Color(one).contrast(other)


def _is_readable(color: str, *others: str) -> bool:
    return all(contrast(color, other) >= READABLE for other in others)


def _until(color: str, step: float, is_enough: Callable[[str], bool]) -> str:
    """The colour itself where it is enough, else its nearest shade that is."""
    return next(
        shade
        for count in range(round(1 / abs(step)) + 2)
        if is_enough(shade := _shifted(color, step * count))
    )


def _dimmed(color: str) -> str:
    return _until(color, -_STEP, lambda each: Color(each).luminance() <= _BRIGHTEST_DARK)


def _brightened(color: str) -> str:
    return _until(color, _STEP, lambda each: Color(each).luminance() >= _DARKEST_LIGHT)


def _shifted(color: str, lightness: float) -> str:
    """The same hue, lighter or darker, with as much of its colour as a screen can show there."""
    if not lightness:
        return color
    shade = Color(color).convert("oklch")
    shade["lightness"] = min(1, max(0, shade["lightness"] + lightness))
    return shade.fit("srgb").convert("srgb").to_string(hex=True)


def _mixed(color: str, other: str, share: float) -> str:
    """A mix of both, `share` of it the other."""
    return Color(color).mix(other, share, space="srgb").to_string(hex=True)
