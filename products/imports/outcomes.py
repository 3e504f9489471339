"""What becomes of the rows of a file."""

from dataclasses import dataclass, field
from typing import Any, Literal

# A line of the file, as its reader sees it, and its cells by column. The key None holds cells
# beyond the last column; a cell is None where the line ends before it.
Row = tuple[int, dict[str | None, Any]]
State = Literal["created", "updated", "unchanged", "failed"]


class RowError(ValueError):
    """What is wrong with a row or a whole file and what to do, for the report."""


class Overtaken(Exception):
    """Another worker has the run now, or somebody cancelled it: this one stops."""


class NumberText(str):
    """The text of a cell that holds a number, which may have lost its leading zeros."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """Stands where a cell has no value that could be read."""

    message: str


@dataclass(slots=True)
class RowOutcome:
    """What a row did, or in a dry run would do."""

    line: int
    state: State
    key: str = ""  # what the row is about, as in a SKU
    error: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)  # column, old, new
    images_created: int = 0
    images_unchanged: int = 0
    images_failed: int = 0


@dataclass(slots=True)
class ImageCounts:
    created: int = 0
    unchanged: int = 0
    failed: int = 0


@dataclass(slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    images: ImageCounts = field(default_factory=ImageCounts)

    def add(self, outcome: RowOutcome) -> None:
        if outcome.state == "failed":
            self.failed.append({"line": outcome.line, "error": outcome.error})
        else:
            setattr(self, outcome.state, getattr(self, outcome.state) + 1)
        self.images.created += outcome.images_created
        self.images.unchanged += outcome.images_unchanged
        self.images.failed += outcome.images_failed
