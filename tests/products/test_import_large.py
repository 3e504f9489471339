"""Many rows: exactly the bad ones are reported, few queries are asked, and a kill changes nothing."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.catalogue_import import write_rows
from products.catalogue_import import import_catalogue
from products.imports.photo_sources import NoPhotos
from products.imports.runs import start_import
from products.imports.tables import open_table
from products.models import ImportRun, Product
from tests.factories import StaffFactory
from tests.products.import_runs import begun, counts, worked
from tests.products.importing import Folder


@pytest.mark.django_db
def test_a_thousand_rows_with_fifty_bad_ones(folder: Folder) -> None:
    wrong = write_rows(folder.path / "catalogue.csv", rows=1000, bad=50)
    first = folder.run()
    assert [row["line"] for row in first["failed"]] == wrong
    assert (first["created"], Product.objects.count()) == (950, 950)
    again = folder.run()
    assert (again["unchanged"], again["created"], again["updated"]) == (950, 0, 0)
    assert again["failed"] == first["failed"]


def queries(folder: Folder, rows: int) -> int:
    write_rows(folder.path / "catalogue.csv", rows=rows, bad=1)
    table = open_table(folder.path / "catalogue.csv")
    with CaptureQueriesContext(connection) as captured:
        for _report in import_catalogue(table.rows(), read_photo=NoPhotos()):
            pass
    return len(captured)


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_rows(folder: Folder) -> None:
    queries(folder, 150)  # makes the categories
    Product.objects.all().delete()
    few = queries(folder, 20)
    Product.objects.all().delete()
    assert few == queries(folder, 150)
    assert queries(folder, 20) == queries(folder, 150)  # unchanged
    Product.objects.update(name="Other")
    few = queries(folder, 20)
    Product.objects.update(name="Other")
    assert few == queries(folder, 150)


# --- killed -----------------------------------------------------------------------------------

# Killed by itself after so many batches, inside of the transaction of the last.
WORKER = textwrap.dedent(
    """
    import os, signal, sys
    import django
    django.setup()
    from django.conf import settings
    from django.db import connections
    connections["default"].settings_dict["NAME"] = sys.argv[1]
    settings.IMPORT_DIR, settings.MEDIA_ROOT = sys.argv[2:4]
    from products.imports import work
    record, batches = work._RunJournal.record, [int(sys.argv[5])]

    def counted(self, outcomes):
        record(self, outcomes)
        batches[0] -= 1
        if not batches[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    work._RunJournal.record = counted
    work.work_on(int(sys.argv[4]))
    """
)


def start_worker(run: ImportRun, batches: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]),
            str(django_settings.IMPORT_DIR), str(django_settings.MEDIA_ROOT), str(run.pk), str(batches),
        ],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_ends_in_the_same_state(tmp_path: Path) -> None:
    wrong = write_rows(tmp_path / "rows.csv", rows=1000, bad=50)
    header, *rows = (tmp_path / "rows.csv").read_text().splitlines()
    run = begun(*rows, header=header)
    assert start_worker(run, 3).wait(60) == -signal.SIGKILL
    assert worked(run).state == "checked"
    assert not Product.objects.exists()
    start_import(run_id=run.pk, user=StaffFactory())
    for _ in range(2):
        assert start_worker(run, 2).wait(60) == -signal.SIGKILL
    run.refresh_from_db()
    assert (run.state, run.rows_done, Product.objects.count()) == ("importing", 400, 380)
    run = worked(run)
    assert (run.state, counts(run), run.rows_done) == ("done", (950, 0, 0, 50), 1000)
    assert list(run.reported().values_list("line", flat=True)) == wrong
    assert Product.objects.count() == 950


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_double_nothing(tmp_path: Path, settings: Any) -> None:
    write_rows(tmp_path / "rows.csv", rows=1000, bad=50)
    header, *rows = (tmp_path / "rows.csv").read_text().splitlines()
    run = worked(begun(*rows, header=header))
    start_import(run_id=run.pk, user=StaffFactory())
    workers = []
    for _ in range(3):
        workers.append(start_worker(run, 1000))
        time.sleep(0.15)
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    run.refresh_from_db()
    assert (run.state, counts(run), run.errors.filter(of_check=False).count()) == (
        "done", (950, 0, 0, 50), 50,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_dry_run_makes_each_category_once(folder: Folder) -> None:
    rows = [f"A-{n},Apple,Fruit/{n % 3},,,,," for n in range(650)]
    folder.rows(*rows)
    with CaptureQueriesContext(connection) as captured:
        found = folder.run("--dry-run")
    assert found["created"] == 650
    made = [query for query in captured if 'INSERT INTO "products_category"' in query["sql"]]
    assert len(made) <= 6  # three, and what stands above them
    assert not Product.objects.exists()
    assert found == folder.run()
