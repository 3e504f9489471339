"""Trade item numbers (GS1 General Specifications, sections 3 and 7.9)."""

import unicodedata

from stdnum import ean
from stdnum.exceptions import ValidationError

LENGTHS = (8, 12, 13, 14)


def canonical_gtin(text: str) -> str | None:
    """The one way to write a GTIN: the shortest of 8, 12, 13 or 14 digits that holds it.

    ``text`` is a GTIN-8, -12, -13 or -14, or an eight-digit UPC-E, with any spaces and hyphens.
    None where it is not one, or its check digit is wrong. Leading zeros only fill up, so
    ``0036000291452`` and ``036000291452`` are one number; the check digit is counted from the right
    and stays valid. Eight digits that are valid as both GTIN-8 and UPC-E are taken as GTIN-8.
    """
    digits = ean.compact(unicodedata.normalize("NFKC", text))
    if not (digits.isascii() and digits.isdecimal()):
        return None
    if not _valid(digits):
        expanded = expand_upc_e(digits)
        if expanded is None or not _valid(expanded):
            return None
        digits = expanded
    significant = digits.lstrip("0")
    if not significant:  # all zeros pass the check and name nothing
        return None
    return significant.zfill(next(n for n in LENGTHS if n >= len(significant)))


# First digits of numbers that companies and stores give to goods of their own, by length.
_RESTRICTED = {8: ("0", "2"), 12: ("2", "4"), 13: ("2",), 14: ("2", "02", "04")}


def is_restricted(gtin: str) -> bool:
    """Whether a canonical GTIN means something in its own shop alone (GS1 General Specifications,
    section 1.4), so that nobody else may take it for a product's number.
    """
    # The first of fourteen says how much is packed together.
    number = gtin[1:] if len(gtin) == 14 else gtin
    return number.startswith(_RESTRICTED.get(len(gtin), ()))


def expand_upc_e(digits: str) -> str | None:
    """The twelve digits of UPC-A behind the eight of UPC-E; None where it is not one.

    UPC-E leaves out zeros; its seventh digit says which (GS1 General Specifications, 5.2.2.4).
    """
    if len(digits) != 8 or digits[0] not in "01":
        return None
    system, body, rule, check = digits[0], digits[1:6], digits[6], digits[7]
    if rule in "012":
        inner = body[:2] + rule + "0000" + body[2:5]
    elif rule == "3":
        inner = body[:3] + "00000" + body[3:5]
    elif rule == "4":
        inner = body[:4] + "00000" + body[4]
    else:
        inner = body + "0000" + rule
    return system + inner + check


def _valid(digits: str) -> bool:
    try:
        ean.validate(digits)
    except ValidationError:
        return False
    return True
