"""Text that a spreadsheet would run leaves as text, and comes back as it was."""

import pytest

from products.imports.formulas import neutral, restored

RISKY = [
    "=1+1", "+49 30", "-5 °C pack", "@cmd", "\tx", "\rx", "\nx", "  =1", "\t=1", "=1", "+1",
    "-1", "@x", "\u00a0=1", "\u200b=1", "\ufeff=1", "'=1", "''=1", "' =1", "\u22125",
    '=HYPERLINK("http://x")', "-", "=",
]  # fmt: skip
HARMLESS = ["", "Apple", "5 - 3", "a=b", "'", "'quoted'", "''", "1", " 1", "O'Neil", "(=1)", "1-2"]


@pytest.mark.parametrize("text", RISKY)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text
    assert restored(text) == text


@pytest.mark.parametrize("text", RISKY + HARMLESS)
def test_what_left_comes_back(text: str) -> None:
    assert restored(neutral(text)) == text
    assert not neutral(text).lstrip().startswith(tuple("=+-@=+-@"))


@pytest.mark.parametrize("text", RISKY + HARMLESS)
def test_twice_out_and_twice_in_is_the_same_too(text: str) -> None:
    assert restored(restored(neutral(neutral(text)))) == text
