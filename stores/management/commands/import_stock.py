"""`manage.py import_stock FILE.csv --user NAME`"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from products.imports.outcomes import ImportReport, RowError
from products.imports.tables import open_table
from products.ready_command import DatabaseCommand
from stores.stock_import import StockKind, check_header, import_stock


class Command(DatabaseCommand):
    help = (
        "Imports stock levels from a CSV or XLSX file with the columns store, sku or barcode, and"
        " quantity, reorder_point, reason. The quantity is what a level will be afterwards; the"
        " difference is booked as an adjustment. Rows with errors are listed by line, the others are"
        " kept; a second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--user", required=True, metavar="NAME", help="who books it")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the report here")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None or not StockKind().allows(user):
            raise CommandError(
                f"{options['user']} is nobody who may adjust stock; --user names who books it."
            )
        if options["json"] and not options["json"].parent.is_dir():
            raise CommandError(f"{options['json'].parent} is not a folder to write the report to.")
        try:
            table = open_table(options["file"])
            check_header(table.columns)
            number = table.check()
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except RowError as error:
            raise CommandError(str(error)) from error
        report = ImportReport()
        reports = import_stock(
            table.rows(), actor=user, file_name=options["file"].name, dry_run=options["dry_run"]
        )
        for each in tqdm(reports, total=number, unit="row", desc="import", disable=None):
            report = each
        if options["json"]:
            text = json.dumps(_figures(report), indent=2, ensure_ascii=False)
            options["json"].write_text(text + "\n", encoding="utf-8")
        for row in report.failed:
            self.stderr.write(f"line {row['line']}: {row['error']}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written. It would be:")
        self.stdout.write(
            f"levels: {report.created} created, {report.updated} updated,"
            f" {report.unchanged} unchanged, {len(report.failed)} rows with errors"
        )


def _figures(report: ImportReport) -> dict[str, Any]:
    figures = asdict(report)
    del figures["images"]  # stock has none
    return figures
