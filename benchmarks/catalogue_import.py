"""Importing 10,000 rows, 50 of them bad: time, rows a second and peak memory of the process.

The peer is django-import-export's own way for the same rows in the same run: a ModelResource that
looks each product up by SKU, with the category by its path, validation (`clean_model_instances`),
bad rows collected and skipped. Each way runs in a process and a database of its own. Alternating.
"""

import csv
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import django
import tablib
from django.apps import apps
from django.test.utils import setup_databases, teardown_databases

if not apps.ready:  # this module is also run by itself, a process for each way
    django.setup()

from import_export import fields, resources
from import_export.widgets import Widget

from products.catalogue_import import ImportReport, import_catalogue
from products.imports.photo_sources import NoPhotos
from products.imports.tables import open_table
from products.models import Category, Product

ROWS, BAD, ROUNDS = 10_000, 50, 2
HEADER = ["sku", "name", "category", "description", "brand", "price", "barcode", "is_active"]
WAYS = ("ours", "import-export")


def gtin(number: int) -> str:
    digits = f"{number:012d}"
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return digits + str(-total % 10)


def write_rows(path: Path, rows: int = ROWS, bad: int = BAD) -> list[int]:
    """A catalogue file; the lines that are wrong, of five kinds in turn."""
    wrong = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(rows):
            cells = [
                f"SKU-{n:06d}", f"Product {n} “{n % 97}”", f"Shop {n % 10}/Aisle {n % 100}",
                f"Description of product {n}, with some words to be found by. " * 3,
                f"Brand {n % 50}", f"{n % 500}.{n % 100:02d}", gtin(400_000_000_000 + n), "true",
            ]  # fmt: skip
            if n % (rows // bad) == rows // bad - 1:
                wrong.append(n + 2)
                kind = len(wrong) % 5
                if kind == 0:
                    cells[0] = ""
                elif kind == 1:
                    cells[1] = ""
                elif kind == 2:
                    cells[5] = "3,49 €"
                elif kind == 3:
                    cells[6] = "4006381333930"
                else:
                    cells[0] = f"A/{n}"
            writer.writerow(cells)
    return wrong


def ours(path: Path) -> tuple[int, int, int, list[int]]:
    table = open_table(path)
    table.check()
    report = ImportReport()
    for report in import_catalogue(table.rows(), read_photo=NoPhotos()):  # noqa: B007
        pass
    failed = [row["line"] for row in report.failed]
    return report.created, report.updated, report.unchanged, failed


def peer(path: Path) -> tuple[int, int, int, list[int]]:
    class ByPath(Widget):
        def clean(self, value: str, *_args: object, **_kwargs: object) -> Category:
            return Category.objects.at_path(value)

    class Peer(resources.ModelResource):
        category = fields.Field("category", "category", widget=ByPath())

        class Meta:
            model = Product
            import_id_fields = ["sku"]
            fields = HEADER
            skip_unchanged = True
            report_skipped = True
            clean_model_instances = True
            use_transactions = False

    data = tablib.Dataset().load(path.read_text(encoding="utf-8"), format="csv")
    result = Peer().import_data(data)
    kinds = [row.import_type for row in result.rows]
    failed = [row.number + 1 for row in result.invalid_rows]
    failed += [number + 1 for number, _errors in result.row_errors()]
    return kinds.count("new"), kinds.count("update"), kinds.count("skip"), sorted(failed)


def child(way: str, path: Path) -> None:
    old = setup_databases(verbosity=0, interactive=False)
    try:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        run = ours if way == "ours" else peer
        for what in ("new", "again"):
            started = perf_counter()
            created, updated, unchanged, failed = run(path)
            seconds = perf_counter() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(
                f"{way}\t{what}\t{seconds:.2f}\t{peak / 1024:.0f}\t{(peak - before) / 1024:.0f}"
                f"\t{created}/{updated}/{unchanged}/{len(failed)}/{Product.objects.count()}",
                flush=True,
            )
    finally:
        teardown_databases(old, verbosity=0)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        write_rows(path)
        found: dict[tuple[str, str], list[list[str]]] = {}
        for _round in range(ROUNDS):
            for way in WAYS:
                out = subprocess.run(
                    [sys.executable, "-m", "benchmarks.catalogue_import", way, str(path)],
                    capture_output=True, text=True, check=True,
                    env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
                )  # fmt: skip
                for line in out.stdout.splitlines():
                    cells = line.split("\t")
                    if cells[0] in WAYS:
                        found.setdefault((cells[0], cells[1]), []).append(cells[2:])
        print(f"{ROWS} rows, {BAD} bad; best of {ROUNDS}; peak of the process, and above its start")
        for (way, what), runs in found.items():
            best = min(runs, key=lambda cells: float(cells[0]))
            seconds = float(best[0])
            base = min(float(cells[0]) for cells in found["ours", what])
            print(
                f"{way:14} {what:6} {seconds:7.2f} s {ROWS / seconds:8.0f} rows/s"
                f" {best[1]:>5} MB (+{best[2]} MB)  {best[3]}   ratio {seconds / base:.1f}"
            )
        print("counts: new/changed/same/errors/products there")


if __name__ == "__main__":
    child(sys.argv[1], Path(sys.argv[2]))
