"""The site as `make serve` serves it (gunicorn, compressed and hashed static files), on the database
that the benchmark has filled.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.db import connection

_WAIT_SECONDS = 60


@contextmanager
def site(media: Path, encoder: str = "pixel") -> Iterator[str]:
    """Its address, while it runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")},
        "DJANGO_SETTINGS_MODULE": "benchmarks.served_settings",
        "BENCHMARK_DATABASE": str(connection.settings_dict["NAME"]),
        "BENCHMARK_MEDIA": str(media),
        "RETAILVISION_DATA_DIR": str(settings.DATA_DIR),
        "RETAILVISION_ENCODER": encoder,
        "RETAILVISION_ALLOW_TEST_ENCODERS": "true",
        "RETAILVISION_PORT": str(port),
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(collect, env=environment, check=True)
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "retailvision.wsgi",
        "--access-logfile",
        "/dev/null",
    ]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait(address: str) -> None:
    deadline = monotonic() + _WAIT_SECONDS
    while monotonic() < deadline:
        try:
            with urlopen(f"{address}/health/", timeout=5):  # noqa: S310 - our own address
                return
        except (URLError, OSError):
            sleep(0.3)
    raise SystemExit("The site did not come up.")
