"""Strict readers of environment variables.

django-environ parses; these name the variable and the remedy when a value does not fit, so that a
typing slip stops the start with one clear line instead of becoming another value.
"""

from collections.abc import Sequence
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


class Environment:
    """Reads variables, each at most once by name; `names` lists what was asked for."""

    def __init__(self) -> None:
        self._env = environ.Env()
        self.names: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        self.names.add(name)
        return str(self._env.str(name, default=default)).strip()

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

    def items(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Comma-separated values; blanks around and between them do not count."""
        value = self.text(name)
        return [item.strip() for item in value.split(",") if item.strip()] or list(default)

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(value).expanduser().absolute() if value else None

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
            scheme = value.split("://", 1)[0]
            raise ImproperlyConfigured(
                f"{name} starts with {scheme!r}: RetailVision needs PostgreSQL with pgvector, as "
                "in postgresql://user:password@host:5432/retailvision"
            )
        try:
            config: dict[str, object] = self._env.db_url_config(value)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} cannot be read; special characters in the password must be "
                "percent-encoded."
            ) from error
        return config
