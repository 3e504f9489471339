"""Embedded servers of a test's own: real ones, in directories of their own, stopped afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from retailvision.embedded_postgres import EmbeddedServer
from retailvision.embedded_postgres.account import account_of
from retailvision.embedded_postgres.binaries import packaged_binaries
from retailvision.embedded_postgres.paths import first_closed_directory

PROJECT_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that every account may enter; pytest's own are closed to all but their owner."""
    path = Path(tempfile.mkdtemp(prefix="retailvision-test-", dir=_quick_disk()))
    path.chmod(0o755)
    yield path
    for cluster in sorted(path.rglob("postgres")):
        if (cluster / "PG_VERSION").exists():
            EmbeddedServer(cluster.parent).stop()
    shutil.rmtree(path)


def _quick_disk() -> str | None:
    """Memory, where there is enough: each server begins with some 1,000 flushes to the disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a fresh directory is made in it
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30:
        return str(memory)
    return None


@pytest.fixture
def embedded(open_dir: Path) -> EmbeddedServer:
    """A server that has not been started."""
    return EmbeddedServer(open_dir / "data")


@pytest.fixture
def running(embedded: EmbeddedServer) -> EmbeddedServer:
    """A server that runs."""
    embedded.ensure_running()
    return embedded


@contextlib.contextmanager
def connected(server: EmbeddedServer, dbname: str = "postgres") -> Iterator[psycopg.Connection]:
    params: dict[str, Any] = {**server.connect_params(dbname), "autocommit": True}
    with psycopg.connect(**params) as connection:
        yield connection


def pid_of(server: EmbeddedServer) -> int:
    pid = server.status().pid
    assert pid is not None
    return pid


def command(action: str, server: EmbeddedServer) -> list[str]:
    """The command line that does `action` to the server in a process of its own."""
    module = "retailvision.embedded_postgres"
    return [sys.executable, "-m", module, action, "--data-dir", str(server.data_dir)]


def run_command(action: str, server: EmbeddedServer) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(action, server),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def as_nobody() -> Callable[..., None]:
    """Runs a function in a child process as the account `nobody`; fails when it raises there."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("there is no account `nobody`")
    bin_dir = packaged_binaries().bin_dir
    closed = first_closed_directory(bin_dir, account_of(nobody.pw_uid))
    if closed is not None:
        pytest.skip(f"the account `nobody` cannot reach the programs: {closed} is closed to it")

    def run(function: Callable[[], None], **environment: str) -> None:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.setgroups([])
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
                os.environ.pop("XDG_RUNTIME_DIR", None)
                os.environ.update(HOME="/nonexistent", **environment)
                function()
                status = 0
            except BaseException:  # noqa: BLE001 - the parent learns of it through the exit code
                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0, "it failed as `nobody`; see its traceback"

    return run
