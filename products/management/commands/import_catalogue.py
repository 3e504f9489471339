"""`manage.py import_catalogue FILE.csv --images DIR`"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from products.catalogue_import import ImportReport, import_catalogue
from products.catalogue_kind import photo_source
from products.catalogue_rows import check_header
from products.history import acting
from products.imports.outcomes import RowError
from products.imports.tables import open_table
from products.ready_command import DatabaseCommand


class Command(DatabaseCommand):
    help = (
        "Imports products and photos from a CSV or XLSX file with the columns sku, name, category,"
        " description, brand, price, barcode, images and, optional, is_active and attribute:NAME."
        " Rows with errors are listed by line, the others are kept; a second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--images",
            type=Path,
            metavar="DIR",
            help="folder, or ZIP file, that the images column names files in",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the report here")

    def handle(self, *_args: Any, **options: Any) -> None:
        images = options["images"] or options["file"].parent
        if not images.is_dir() and images.suffix.lower() != ".zip":
            raise CommandError(f"{images} is not a folder; name the photos' folder by --images.")
        if options["json"] and not options["json"].parent.is_dir():
            raise CommandError(f"{options['json'].parent} is not a folder to write the report to.")
        try:
            table = open_table(options["file"])
            check_header(table.columns)
            number = table.check()
            read_photo, photos_of = photo_source(table, images)
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except RowError as error:
            raise CommandError(str(error)) from error
        report = ImportReport()
        reports = import_catalogue(
            table.rows(), read_photo=read_photo, photos_of=photos_of, dry_run=options["dry_run"]
        )
        with acting(source="import_catalogue"):
            for each in tqdm(reports, total=number, unit="row", desc="import", disable=None):
                report = each
        if options["json"]:
            text = json.dumps(asdict(report), indent=2, ensure_ascii=False)
            options["json"].write_text(text + "\n", encoding="utf-8")
        self._print(report, dry_run=options["dry_run"])

    def _print(self, report: ImportReport, *, dry_run: bool) -> None:
        for row in report.failed:
            self.stderr.write(f"line {row['line']}: {row['error']}")
        if dry_run:
            self.stdout.write("Dry run: nothing was written. It would be:")
        self.stdout.write(
            f"products: {report.created} created, {report.updated} updated,"
            f" {report.unchanged} unchanged, {len(report.failed)} rows with errors\n"
            f"photos: {report.images.created} created, {report.images.unchanged} unchanged,"
            f" {report.images.failed} refused"
        )
