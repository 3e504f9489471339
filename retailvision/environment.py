"""Strict readers of environment variables.

They name the variable and the remedy when a value does not fit, so that a typing slip stops the start
with one clear line instead of becoming another value. django-environ reads `.env` and the database's
URL; its own readers would take a value that begins with `$`, as a secret may, for another's name.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

from retailvision.branding.pictures import BrandPicture, read_picture

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_RATE = re.compile(r"[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day)")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_ADDRESS = re.compile(r"(https?://|/(?!/))\S+$")


class Environment:
    """Reads variables, each at most once by name; `names` lists what was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        self.names.add(name)
        return os.environ.get(name, default).strip()

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        value = self.text(name, default) or default
        if value not in choices:
            raise ImproperlyConfigured(f"{name}={value!r}: choose one of {', '.join(choices)}.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        raise ImproperlyConfigured(f"{name}={value!r}: write true or false.")

    def integer(self, name: str, default: int, *, minimum: int = 0) -> int:
        value = self.text(name)
        if not value:
            return default
        try:
            number = int(value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}={value!r}: write a whole number.") from error
        if number < minimum:
            raise ImproperlyConfigured(f"{name}={value!r}: the least that works is {minimum}.")
        return number

    def fraction(self, name: str, default: float) -> float:
        """A share, from 0 to 1."""
        value = self.text(name)
        if not value:
            return default
        try:
            number = float(value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}={value!r}: write a number like 0.1.") from error
        if not 0 <= number <= 1:
            raise ImproperlyConfigured(f"{name}={value!r}: write a number between 0 and 1.")
        return number

    def items(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Comma-separated values; blanks around and between them do not count."""
        value = self.text(name)
        return [item.strip() for item in value.split(",") if item.strip()] or list(default)

    def links(self, name: str) -> list[tuple[str, str]]:
        """Texts with addresses, as in `Imprint=https://example.com/imprint, Privacy=/privacy/`."""
        links = []
        for item in self.items(name):
            text, sign, address = (part.strip() for part in item.partition("="))
            if not (text and sign and _ADDRESS.match(address)):
                raise ImproperlyConfigured(
                    f"{name}: {item!r} is no link; write a text, = and an address that begins with"
                    " https://, http:// or /, as in Imprint=https://example.com/imprint."
                )
            links.append((text, address))
        return links

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        try:
            return Path(value).expanduser().absolute() if value else None
        except RuntimeError as error:
            raise ImproperlyConfigured(
                f"{name}={value!r}: there is no such user; write the whole path."
            ) from error

    def picture(self, name: str, stem: str, *, square: bool = False) -> BrandPicture | None:
        """A picture of the retailer's own, read at once; `stem` begins its name in addresses."""
        path = self.path(name)
        try:
            return read_picture(path, stem, square=square) if path else None
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}") from error

    def color(self, name: str) -> str:
        """A colour as in `#c8102e`, or ""."""
        value = self.text(name)
        if value and not _COLOR.fullmatch(value):
            raise ImproperlyConfigured(f"{name}={value!r}: write a colour like #c8102e.")
        return value.lower()

    def time_zone(self, name: str, default: str) -> str:
        value = self.text(name) or default
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ImproperlyConfigured(
                f"{name}={value!r}: write a time zone like Europe/Berlin or UTC."
            ) from error
        return value

    def rate(self, name: str, default: str) -> str:
        """How often something may be done, as in `120/min`."""
        value = self.text(name) or default
        if not _RATE.fullmatch(value):
            raise ImproperlyConfigured(
                f"{name}={value!r}: write a number and s, min, h or d, as in 120/min."
            )
        return value

    def database(self, name: str) -> dict[str, object] | None:
        """The PostgreSQL database of a URL, or None while the variable is unset.

        Raises:
            ImproperlyConfigured: the URL is not of PostgreSQL. Vectors live in pgvector, so no
                other database can serve.
        """
        value = self.text(name)
        if not value:
            return None
        if not value.startswith(("postgres://", "postgresql://")):
            # Nothing of what stands behind the scheme is shown: a password is in it.
            scheme = value.split("://", 1)[0] if "://" in value else ""
            raise ImproperlyConfigured(
                f"{name} starts with {scheme!r}: RetailVision needs PostgreSQL with pgvector, as "
                "in postgresql://user:password@host:5432/retailvision"
            )
        try:
            config: dict[str, object] = environ.Env.db_url_config(value)
        except (ValueError, ImproperlyConfigured):
            raise ImproperlyConfigured(
                f"{name} cannot be read; special characters in the password must be "
                "percent-encoded."
            ) from None  # the parser's own words may quote the password
        if not config.get("NAME"):
            raise ImproperlyConfigured(
                f"{name} names no database; write it after the host, as in "
                "postgresql://user:password@host:5432/retailvision"
            )
        return config
