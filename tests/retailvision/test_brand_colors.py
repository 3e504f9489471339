"""Colours made from the retailer's: readable whatever it is, and the retailer's own where they can be."""

import re
from pathlib import Path

import pytest

from retailvision.branding import colors
from retailvision.branding.colors import brand_sheet, contrast, dark_tokens, light_tokens

SITE_CSS = Path(__file__).resolve().parents[2] / "static/retailvision/site.css"
HUES = [
    f"#{r}{g}{b}"
    for r in ("00", "80", "ff")
    for g in ("00", "80", "ff")
    for b in ("00", "80", "ff")
]
BRANDS = ["#c8102e", "#ffd500", "#0050aa", "#ff6a00", "#0f766e", "#123456", "#fafafa", "#4b0082"]
AA = 4.5


def tokens_of(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", css))


SHEET = SITE_CSS.read_text()
OURS = tokens_of(SHEET[: SHEET.index("@media")])
OURS_DARK = tokens_of(SHEET[SHEET.index("@media") : SHEET.index("--- everywhere")])


def test_the_grounds_are_those_of_the_sheet() -> None:
    assert colors.LIGHT_GROUNDS[0] == OURS["ground"]
    assert colors.LIGHT_GROUNDS[2] == OURS["tile"]
    assert OURS["surface"] == "#fff"
    assert (OURS_DARK["ground"], OURS_DARK["surface"]) == colors.DARK_GROUNDS


@pytest.mark.parametrize("color", HUES + BRANDS)
@pytest.mark.parametrize(("ours", "tokens"), [(OURS, light_tokens), (OURS_DARK, dark_tokens)])
def test_all_text_is_readable(color: str, ours: dict[str, str], tokens: object) -> None:
    made = tokens(color)  # type: ignore[operator]
    assert made.keys() <= ours.keys()
    for accent in (made["accent"], made["accent-strong"]):
        for ground in (ours["ground"], ours["surface"], made["accent-soft"]):
            assert contrast(accent, ground) >= AA, (accent, ground)
    for fill in (made["fill"], made["fill-strong"]):
        assert contrast(made["on-fill"], fill) >= AA
    assert contrast(made["fill"], ours["ground"]) >= 1.3, "a button that nobody sees"
    for text in (ours["text"], ours["muted"]):
        for ground in (made["accent-soft"], made["glow"]):
            assert contrast(text, ground) >= AA, (text, ground)


@pytest.mark.parametrize("color", ["#0050aa", "#b00020", "#4b0082"])
def test_what_is_readable_on_light_stays_as_it_is(color: str) -> None:
    assert light_tokens(color)["accent"] == color


@pytest.mark.parametrize("color", ["#ffd500", "#7fd1ff"])
def test_what_is_readable_on_dark_stays_as_it_is(color: str) -> None:
    assert dark_tokens(color)["accent"] == color


@pytest.mark.parametrize("color", ["#c8102e", "#ffd500", "#0050aa", "#ff6a00"])
def test_buttons_have_the_colour_itself(color: str) -> None:
    assert light_tokens(color)["fill"] == dark_tokens(color)["fill"] == color


def test_what_is_too_bright_becomes_a_shade_of_itself() -> None:
    accent = light_tokens("#ffd500")["accent"]
    red, green, blue = (int(accent[at : at + 2], 16) for at in (1, 3, 5))
    assert red > green > blue
    assert contrast(accent, "#ffffff") < 7, "darker than it has to be"


def test_the_sheet_sets_the_same_tokens_for_both_schemes() -> None:
    sheet = brand_sheet("#c8102e")
    light, dark = sheet.split("@media (prefers-color-scheme:dark)")
    assert tokens_of(light) == light_tokens("#c8102e")
    assert tokens_of(dark) == dark_tokens("#c8102e")
