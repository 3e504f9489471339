import pytest

from products.imaging import canonical_gtin, is_restricted
from products.imaging.gtin import expand_upc_e


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("036000291452", "036000291452"),  # UPC-A
        ("0036000291452", "036000291452"),  # the same as EAN-13
        ("00036000291452", "036000291452"),  # and as GTIN-14
        ("4006381333931", "4006381333931"),
        ("04006381333931", "4006381333931"),
        ("10036000291459", "10036000291459"),  # a carton of them is another item
        ("96385074", "96385074"),
        ("0000096385074", "96385074"),
        ("000096385074", "96385074"),
        (" 4 006381-333931 ", "4006381333931"),
        ("4006381\N{HYPHEN}333931", "4006381333931"),
        ("\N{FULLWIDTH DIGIT FOUR}006381333931", "4006381333931"),
        ("04252614", "042100005264"),  # UPC-E
        ("4006381333932", None),  # check digit
        ("4006381339331", None),  # two digits changed places
        ("400638133393", None),
        ("123", None),
        ("0425261", None),
        ("00000000", None),
        ("0000000000000", None),
        ("", None),
        ("abc", None),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", None),
        ("-4006381333931e0", None),
    ],
)
def test_canonical_form(written: str, canonical: str | None) -> None:
    assert canonical_gtin(written) == canonical
    if canonical is not None:
        assert canonical_gtin(canonical) == canonical


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("01245714", "012100004574"),
        ("04252614", "042100005264"),
        ("01234531", "012300000451"),
        ("01234545", "012340000055"),
        ("01234565", "012345000065"),
        ("12345670", "123456000070"),
        ("22345670", None),
        ("123", None),
    ],
)
def test_upc_e_puts_its_zeros_back(short: str, full: str | None) -> None:
    assert expand_upc_e(short) == full


def test_upc_e_by_rule() -> None:
    body = {"0": "ab000 00cde", "1": "ab100 00cde", "2": "ab200 00cde", "3": "abc00 000de"}
    body |= {"4": "abcd0 0000e", "5": "abcde 00005", "9": "abcde 00009"}
    letters = dict(zip("abcde", "67891", strict=True))
    for rule, pattern in body.items():
        inner = "".join(letters.get(sign, sign) for sign in pattern if sign != " ")
        assert expand_upc_e(f"067891{rule}4") == f"0{inner}4"


@pytest.mark.parametrize(
    ("gtin", "expected"),
    [
        ("4006381333931", False),
        ("2002600000013", True),
        ("036000291452", False),
        ("200000000004", True),
        ("400000000008", True),
        ("96385074", False),
        ("20123451", True),
        ("00123457", True),
        ("14006381333938", False),
        ("12002600000010", True),
        ("10400000000005", True),
        ("", False),
    ],
)
def test_numbers_that_a_shop_gave_itself(gtin: str, expected: bool) -> None:
    assert is_restricted(gtin) is expected
