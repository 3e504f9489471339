"""Text that a spreadsheet would run as a formula, made harmless and brought back.

A cell that begins with = + - @, a tab or a carriage return is a formula or a command to some
spreadsheet (OWASP, “CSV Injection”). Such text gets an apostrophe in front, which spreadsheets take
as “this is text”. So does text that looks as if it had one already, hence `restored` undoes exactly
what `neutral` did.
"""

import re

# Blanks of any kind in front do not help: some programs trim them. Full-width signs are the same
# keys on East Asian keyboards, and become the plain ones on import by some programs.
_RISKY = re.compile(
    "'*(?:[\\s\\u200b\\u200e\\u200f\\u2060\\ufeff\\0]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20\\u2212]"
    "|[ ]*[\\t\\r\\n])"
)


def neutral(text: str) -> str:
    """Text as it may stand in a cell."""
    return f"'{text}" if _RISKY.match(text) else text


def restored(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell[1:]) else cell
