"""What can be imported. Apps above this one add theirs in `AppConfig.ready()`: `register(Kind())`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ImproperlyConfigured

from products.imports.batches import BatchImporter
from products.imports.tables import Table

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Column:
    """A column, as the upload page explains it."""

    name: str
    help: Any
    required: bool = False
    example: str = ""  # for the template file


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What an importer may know of its run. The file is the same in the dry run and in the real."""

    table: Table
    photos: Path | None
    dry_run: bool
    run_id: int | None = None
    user: "User | None" = None  # who started it; None for a command


class ImportKind(ABC):
    """One kind of table: its columns, who may import it, and what writes its rows."""

    key: ClassVar[str]
    label: Any  # as in “Products”
    help: Any = ""
    columns: ClassVar[list[Column]]
    # All of them are needed, to import and to read of others' imports.
    permissions: ClassVar[tuple[str, ...]]
    takes_photos: ClassVar[bool] = False

    @abstractmethod
    def check_header(self, columns: list[str]) -> None:
        """Raises:
        RowError: a column is missing, unknown or there twice.
        """

    @abstractmethod
    def importer(self, context: ImportContext) -> BatchImporter:
        """Raises:
        RowError: the file as a whole cannot be imported; says why.
        """

    def notes(self, importer: BatchImporter) -> list[str]:  # noqa: ARG002
        """What is worth saying after a check that is no error of a row."""
        return []

    def allows(self, user: Any) -> bool:
        return bool(user.is_active and user.has_perms(self.permissions))

    def shows_others(self, user: Any) -> bool:
        """Whether somebody may see, start and cancel what others have uploaded."""
        return self.allows(user)


_kinds: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> None:
    """Adds a kind; called once for each, from `AppConfig.ready()`."""
    if _kinds.setdefault(kind.key, kind) is not kind:
        raise ImproperlyConfigured(f"There are two kinds of import called {kind.key!r}.")


def all_kinds() -> list[ImportKind]:
    return list(_kinds.values())


def find_kind(key: str) -> ImportKind | None:
    return _kinds.get(key)


def kinds_for(user: Any) -> list[ImportKind]:
    """Those that a user may import."""
    return [kind for kind in _kinds.values() if kind.allows(user)]
