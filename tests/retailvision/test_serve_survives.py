"""`serve` with its real processes: kill -9 of worker, web and database, and it all comes back."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
import pytest

from retailvision.embedded_postgres import EmbeddedServer
from tests.pictures import product_photo
from tests.retailvision.conftest import connected

ROOT = Path(__file__).resolve().parents[2]
# So many that the worker is still busy when web and database are killed, too.
PHOTOS = 240

STATES = """
import json
from django.db.models import Count
from products.models import ProductImage
from recognition.models import ImageEmbedding as E
print(json.dumps({
    "photos": ProductImage.objects.count(), "rows": E.objects.count(),
    "ready": E.objects.ready().count(), "failed": E.objects.failed().count(),
    "attempts": max(E.objects.values_list("attempts", flat=True), default=0),
}))
"""


class Site:
    """A served site with its own data directory and port."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RETAILVISION_", "DJANGO_", "DATABASE_"))
        }
        self.folder = folder
        self.env = {
            **clean,
            "RETAILVISION_READ_DOTENV": "false",
            "RETAILVISION_DATA_DIR": str(folder / "data"),
            "RETAILVISION_PORT": str(self.port),
            "RETAILVISION_ENCODER": "packaged",
            "RETAILVISION_ENCODER_THREADS": "1",
            "RETAILVISION_BATCH_SIZE": "8",
            "RETAILVISION_EMBEDDING_LEASE_SECONDS": "4",
        }

    def manage(self, *args: str) -> str:
        return self.ended(self.begin(*args))

    def begin(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *args],
            cwd=ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ended(self, command: subprocess.Popen[str]) -> str:
        """What a command has printed, which has to succeed."""
        try:
            out, err = command.communicate(timeout=240)
        finally:
            command.kill()
        assert command.returncode == 0, out + err
        return out

    def states(self) -> dict[str, int]:
        result: dict[str, int] = json.loads(self.manage("shell", "-v", "0", "-c", STATES))
        return result

    def ready(self) -> int:
        """Photos with a vector, as the database itself says: a command takes seconds to start, and the
        worker goes on meanwhile.
        """
        try:
            with connected(EmbeddedServer(self.folder / "data"), "retailvision") as connection:
                row = connection.execute(
                    "SELECT count(*) FROM recognition_imageembedding WHERE state = 'ready'"
                ).fetchone()
        except psycopg.OperationalError:  # it has just been killed
            return 0
        assert row is not None
        return int(row[0])

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def processes(self, part: str) -> list[int]:
        """Processes of this site (known by its environment) whose command line holds a text."""
        found = []
        mark = f"RETAILVISION_DATA_DIR={self.folder / 'data'}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if part in command and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def postmaster(self) -> int:
        return int((self.folder / "data/postgres/postmaster.pid").read_text().split()[0])


def wait_for(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)


@pytest.fixture
def site(open_dir: Path) -> Iterator[Site]:
    site = Site(open_dir)
    photos = open_dir / "photos"
    photos.mkdir()
    rows = ["sku,name,category,images"]
    for n in range(PHOTOS):
        (photos / f"{n}.jpg").write_bytes(product_photo(n))
        rows.append(f"S{n},Thing {n},Things,{n}.jpg")
    (open_dir / "catalogue.csv").write_text("\n".join(rows) + "\n")
    try:
        yield site
    finally:
        site.manage("stop")


@pytest.mark.real_encoder
def test_kill_9_of_every_part_loses_and_doubles_nothing(site: Site) -> None:
    site.manage("serve", "--detach")
    wait_for(site.answers, 60)
    importing = site.begin(
        "import_catalogue", str(site.folder / "catalogue.csv"), "--images",
        str(site.folder / "photos"),
    )  # fmt: skip
    wait_for(lambda: site.ready() > 0, 90)

    # While the import still goes on, so that the worker cannot be done too soon.
    workers = site.processes("manage.py worker")
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert site.ready() < PHOTOS, "the worker was too fast to be killed in its work"
    site.ended(importing)

    for pid in site.processes("gunicorn"):
        os.kill(pid, signal.SIGKILL)
    wait_for(site.answers, 60)

    os.kill(site.postmaster(), signal.SIGKILL)
    wait_for(site.answers, 60)

    wait_for(lambda: site.ready() == PHOTOS, 200)
    states = site.states()
    assert (states["photos"], states["rows"], states["failed"]) == (PHOTOS, PHOTOS, 0)
    assert site.processes("manage.py worker"), "no worker came back"
    assert site.processes("gunicorn")


@pytest.mark.real_encoder
def test_stop_ends_every_process_and_serve_refuses_a_second_start(site: Site) -> None:
    site.manage("serve", "--detach")
    wait_for(site.answers, 60)
    second = subprocess.run(
        [sys.executable, "manage.py", "serve", "--detach"],
        check=False,
        cwd=ROOT, env=site.env, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert f"running already at http://127.0.0.1:{site.port}" in second.stderr
    site.env["RETAILVISION_PORT"] = str(site.port + 1)
    demo = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        check=False,
        cwd=ROOT, env=site.env, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert demo.returncode == 1
    assert f"running already at http://127.0.0.1:{site.port}" in demo.stderr
    assert "Web and worker stopped." in site.manage("stop")
    wait_for(lambda: not site.processes("gunicorn") + site.processes("manage.py worker"), 30)
    assert not site.answers()
