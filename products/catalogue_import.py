"""Catalogue files into products and photos. The command and the admin both come through here."""

from collections.abc import Callable, Iterable, Iterator

from products.catalogue_batches import CatalogueImporter
from products.imports.batches import run_batches
from products.imports.outcomes import ImportReport, Row
from products.imports.photo_sources import FolderPhotos, PhotoSource

__all__ = ["FolderPhotos", "ImportReport", "import_catalogue"]


def import_catalogue(
    rows: Iterable[Row],
    *,
    read_photo: PhotoSource,
    photos_of: Callable[[str], list[str]] | None = None,
    dry_run: bool = False,
) -> Iterator[ImportReport]:
    """Brings the catalogue to what the rows say; yields the report after each row.

    A row is written whole or, with an error in the report, not at all. Rows that are there already
    change nothing, so a file may be imported again after its mistakes were mended. `photos_of`
    names the photos of a SKU where the file has no column for them.
    """
    report = ImportReport()
    importer = CatalogueImporter(read_photo=read_photo, photos_of=photos_of, dry_run=dry_run)
    for outcomes in run_batches(rows, importer, dry_run=dry_run):
        for outcome in outcomes:
            report.add(outcome)
            yield report
