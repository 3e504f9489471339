"""Changes with their sign, as people read and hear them: always a true minus, which a hyphen is not."""

from decimal import Decimal

from products.templatetags.catalogue import price

_MINUS = "\N{MINUS SIGN}"


def signed(number: int) -> str:
    """A change of a level: "+3", "\N{MINUS SIGN}2", "0"."""
    return f"{_sign(number)}{abs(number)}"


def signed_price(amount: Decimal | None) -> str:
    """What a change is worth, the sign before all else, where that of its pieces is, too; "" for none."""
    return f"{_sign(amount)}{price(abs(amount))}" if amount is not None else ""


def _sign(number: int | Decimal) -> str:
    return "+" if number > 0 else _MINUS if number < 0 else ""
