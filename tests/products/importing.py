"""Catalogue files for tests of the import."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management import call_command

HEADER = "sku,name,category,description,brand,price,barcode,images"
NOTHING = {
    "created": 0,
    "updated": 0,
    "unchanged": 0,
    "failed": [],
    "images": {"created": 0, "unchanged": 0, "failed": 0},
}


class Folder:
    """A folder with a catalogue file and photos, imported by the command itself."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.encode()
        (self.path / "catalogue.csv").write_bytes(data)

    def rows(self, *rows: str, header: str = HEADER) -> None:
        self.write("\n".join([header, *rows]) + "\n")

    def photos(self, photos: dict[str, bytes]) -> None:
        for name, data in photos.items():
            (self.path / name).write_bytes(data)

    def run(self, *options: str) -> dict[str, Any]:
        """The report that `import_catalogue --json` writes."""
        return self.run_file(self.path / "catalogue.csv", *options)

    def run_file(self, file: Path, *options: str) -> dict[str, Any]:
        out = self.path / "report.json"
        out.unlink(missing_ok=True)
        call_command("import_catalogue", str(file), "--json", str(out), *options)
        report = json.loads(out.read_text(encoding="utf-8"))
        assert list(report) == list(NOTHING)
        assert list(report["images"]) == list(NOTHING["images"])  # type: ignore[call-overload]
        return dict(report)

    def import_rows(self, *rows: str, header: str = HEADER) -> dict[str, Any]:
        self.rows(*rows, header=header)
        return self.run()

    def errors(self, *rows: str, header: str = HEADER) -> list[tuple[int, str]]:
        return errors_of(self.import_rows(*rows, header=header))


def errors_of(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["line"], row["error"]) for row in report["failed"]]


def report(images: Iterable[int] = (0, 0, 0), **counts: Any) -> dict[str, Any]:
    """A report by its counts; `images` are created, unchanged, failed."""
    names = ("created", "unchanged", "failed")
    return {**NOTHING, **counts, "images": dict(zip(names, images, strict=True))}


def stored_files() -> list[str]:
    root = Path(default_storage.path(""))
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
