"""Numbers of rows as they come in an address."""

# The largest that the column of an id can hold has 19 digits.
_MOST_DIGITS = 18


def row_id(text: str) -> int | None:
    """None where no row can have that number: Python refuses to read one of 5,000 digits."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_one else None
