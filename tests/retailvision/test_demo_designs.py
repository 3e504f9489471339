"""The designs of the demo shop: names, codes and prices, without drawing anything."""

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from retailvision.demo.art import MOTIFS
from retailvision.demo.barcode import check_digit, draw_barcode, in_store_number
from retailvision.demo.designs import FAMILY_ORDER, SIBLINGS, design, siblings
from retailvision.demo.fonts import FACES, fit, font, lines, width_of
from retailvision.demo.labels import back, front
from retailvision.demo.words import BRANDS, FAMILIES


def test_five_hundred_designs_are_all_different() -> None:
    designs = [design(2026, n) for n in range(500)]
    for field in ("sku", "name", "barcode"):
        assert len({getattr(d, field) for d in designs}) == 500
    looks = {(d.family, d.look, d.accent, d.motif, d.variant, d.size) for d in designs}
    assert len(looks) == 500


def test_ten_thousand_products_have_names_and_codes_of_their_own() -> None:
    designs = [design(1, n) for n in range(10_000)]
    assert len({d.sku for d in designs}) == 10_000
    assert len({d.name for d in designs}) == 10_000
    assert len({d.barcode for d in designs}) == 10_000


def test_a_design_depends_on_the_seed_and_the_number_alone() -> None:
    first = design(5, 17)
    design.cache_clear()
    assert design(5, 17) == first
    assert design(6, 17) != first


def test_siblings_share_the_brand_and_the_look_but_not_the_variant() -> None:
    for line in range(60):
        group = [design(2026, line * SIBLINGS + i) for i in range(SIBLINGS)]
        assert len({d.brand for d in group}) == 1
        assert len({d.look for d in group}) == 1
        assert len({(d.variant, d.size) for d in group}) == SIBLINGS


def test_siblings_are_those_of_the_line_that_are_sold() -> None:
    assert siblings(4, 72) == [3, 5]
    assert siblings(3, 5) == [4]
    assert siblings(6, 7) == []


def test_a_shop_of_72_has_every_family_twice() -> None:
    found = [design(2026, n).family for n in range(72)]
    assert {f: found.count(f) for f in FAMILY_ORDER} == dict.fromkeys(FAMILY_ORDER, 6)
    assert len({design(2026, n).category for n in range(72)}) == len(FAMILY_ORDER) >= 10


def test_barcodes_are_in_store_numbers_with_a_right_check_digit() -> None:
    for n in range(0, 500, 7):
        code = design(2026, n).barcode
        assert len(code) == 13
        assert code.startswith("2")
        weighted = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(code))
        assert weighted % 10 == 0
    assert check_digit("400638133393") == 1  # a published example
    with pytest.raises(ValueError, match="ten digits"):
        in_store_number(10**10)


@pytest.mark.parametrize("serial", [1, 123456789, 9999999999])
def test_drawn_bars_are_read_back(serial: int) -> None:
    code = in_store_number(serial)
    page = Image.new("RGB", (600, 400), (225, 220, 210))
    page.paste(draw_barcode(code, 420, 220), (80, 80))
    found = zxingcpp.read_barcodes(page)
    assert [(b.text, b.format) for b in found] == [(code, zxingcpp.BarcodeFormat.EAN13)]


def test_every_letter_of_every_word_is_in_every_font() -> None:
    words = "".join(BRANDS)
    for _, category, ranges in FAMILIES.values():
        words += category
        for title, variants, sizes, _, _ in ranges:
            words += title + "".join(v[0] for v in variants) + "".join(sizes)
    for face in FACES:
        missing = bytes(font(face, 40).getmask("\uffff"))
        for letter in set(words) - {" "}:
            assert bytes(font(face, 40).getmask(letter)) != missing, (face, letter)


def test_every_print_has_a_picture() -> None:
    for _, _, ranges in FAMILIES.values():
        for _, variants, _, _, _ in ranges:
            assert {v[2] for v in variants} <= {*MOTIFS, ""}


def test_text_fits_where_it_is_asked_to() -> None:
    for face in FACES:
        size = fit("Harbour & Pine", face, 300, 60)
        assert width_of("Harbour & Pine", face, size) <= 306
        for line in lines("a few plain words about a product", face, 20, 120):
            assert width_of(line, face, 20) <= 130


@pytest.mark.parametrize("number", range(0, 21, 3))
def test_fronts_and_backs_fill_their_panel_and_differ(number: int) -> None:
    d, sibling = design(2026, number), design(2026, number + 1)
    one, other, rear = front(d, 300, 420), front(sibling, 300, 420), back(d, 300, 420)
    assert one.size == other.size == rear.size == (300, 420)
    assert np.abs(np.asarray(one, int) - np.asarray(other, int)).mean() > 3
    assert np.abs(np.asarray(one, int) - np.asarray(rear, int)).mean() > 3
