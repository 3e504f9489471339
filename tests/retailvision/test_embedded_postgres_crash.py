"""What the embedded server survives: kills at any moment, leftovers, and things in its place."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from retailvision.embedded_postgres import EmbeddedPostgresError, EmbeddedServer
from retailvision.embedded_postgres.processes import processes_of
from tests.retailvision.conftest import PROJECT_ROOT, command, connected, pid_of


def test_what_was_committed_is_there_after_a_kill(running: EmbeddedServer) -> None:
    with connected(running) as connection:
        connection.execute("CREATE TABLE sale AS SELECT n FROM generate_series(1, 1000) n")
        killed = pid_of(running)
        os.kill(killed, signal.SIGKILL)

    running.ensure_running()

    assert pid_of(running) != killed
    with connected(running) as connection:
        assert connection.execute("SELECT count(*) FROM sale").fetchone() == (1000,)


def test_a_busy_process_of_a_killed_server_is_ended_before_the_next_start(
    running: EmbeddedServer,
) -> None:
    def work() -> None:
        with contextlib.suppress(psycopg.OperationalError), connected(running) as connection:
            busy.append(connection.info.backend_pid)
            connection.execute("SELECT count(*) FROM generate_series(1, 100000000000) n")

    busy: list[int] = []
    worker = threading.Thread(target=work)
    worker.start()
    deadline = time.monotonic() + 10
    while not busy and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    os.kill(pid_of(running), signal.SIGKILL)
    time.sleep(0.1)
    assert busy[0] in processes_of(running.cluster)

    running.ensure_running()

    assert busy[0] not in processes_of(running.cluster)
    assert running.status().accepts_connections
    worker.join(10)
    assert not worker.is_alive()


def test_stop_ends_what_a_killed_server_left_behind(running: EmbeddedServer) -> None:
    # A stopped process cannot notice that its server is gone.
    others = [pid for pid in processes_of(running.cluster) if pid != pid_of(running)]
    os.kill(others[0], signal.SIGSTOP)
    os.kill(pid_of(running), signal.SIGKILL)
    time.sleep(0.1)

    assert running.stop() is True

    assert processes_of(running.cluster) == []


def test_an_interrupted_initdb_leaves_no_broken_cluster(embedded: EmbeddedServer) -> None:
    starter = subprocess.Popen(command("start", embedded), cwd=PROJECT_ROOT, start_new_session=True)
    deadline = time.monotonic() + 30
    while not list(embedded.data_dir.glob(".postgres-unfinished-*/PG_VERSION")):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    assert not embedded.cluster.exists()

    embedded.ensure_running()

    assert embedded.status().accepts_connections
    assert not list(embedded.data_dir.glob(".postgres-unfinished-*"))


def test_a_server_whose_starter_was_killed_is_attached(running: EmbeddedServer) -> None:
    with connected(running) as connection:
        # Gives the next start something to recover, which takes a moment.
        connection.execute("CREATE TABLE t AS SELECT repeat('x', 90) FROM generate_series(1, 3e5)")
        old = pid_of(running)
        os.kill(old, signal.SIGKILL)
    pid_file = running.cluster / "postmaster.pid"
    starter = subprocess.Popen(command("start", running), cwd=PROJECT_ROOT)
    deadline = time.monotonic() + 30
    while (begun := _first_line(pid_file)) in {"", str(old)}:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    starter.kill()
    starter.wait()

    running.ensure_running()

    assert pid_of(running) == int(begun)


def test_a_process_number_that_went_to_another_program_does_not_stop_a_start(
    running: EmbeddedServer,
) -> None:
    pid_file = running.cluster / "postmaster.pid"
    socket_lock = running.socket_dir / ".s.PGSQL.5432.lock"
    content, owner = pid_file.read_text(), running.cluster.stat()
    os.kill(pid_of(running), signal.SIGKILL)
    with _program_of(owner) as stranger:
        for path in (pid_file, socket_lock):
            path.write_text("\n".join([str(stranger.pid), *content.splitlines()[1:]]) + "\n")
        assert not running.status().running

        running.ensure_running()

        assert pid_of(running) != stranger.pid
        assert stranger.poll() is None


def test_a_server_that_lost_its_socket_is_started_anew(running: EmbeddedServer) -> None:
    old, socket_dir = pid_of(running), running.socket_dir
    shutil.rmtree(socket_dir)  # as logging out does below XDG_RUNTIME_DIR

    running.ensure_running()

    assert pid_of(running) != old
    assert running.status().accepts_connections


def test_a_server_that_cannot_be_seen_from_here_is_not_doubled(running: EmbeddedServer) -> None:
    # As in another container that shares the directory: its processes are hidden, its files are not.
    hidden = running.data_dir / "moved"
    (running.data_dir / ".postgres.running").chmod(0o600)
    running.cluster.rename(hidden)
    shutil.copytree(hidden, running.cluster)
    if os.geteuid() == 0:
        owner = hidden.stat()
        for path in (running.cluster, *running.cluster.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    try:
        with pytest.raises(EmbeddedPostgresError, match="another container"):
            running.ensure_running()
    finally:
        shutil.rmtree(running.cluster)
        hidden.rename(running.cluster)


def test_a_slow_server_is_waited_for(running: EmbeddedServer) -> None:
    pid = pid_of(running)
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.5, os.kill, [pid, signal.SIGCONT]).start()

    running.ensure_running()

    assert pid_of(running) == pid


def test_data_of_another_major_version_are_refused_with_the_way_out(
    running: EmbeddedServer,
) -> None:
    running.stop()
    version = running.cluster / "PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(EmbeddedPostgresError, match=r"written by PostgreSQL 17.*pg_dump"):
        running.ensure_running()
    assert "PostgreSQL 17" in (running.status().problem or "")
    version.write_text("18\n")


def test_files_that_are_no_cluster_are_left_alone(embedded: EmbeddedServer) -> None:
    embedded.cluster.mkdir(parents=True)
    embedded.data_dir.chmod(0o755)
    (embedded.cluster / "letter.txt").write_text("mine")
    if os.geteuid() == 0:
        os.chown(embedded.cluster, 65534, 65534)

    with pytest.raises(EmbeddedPostgresError, match="no whole PostgreSQL cluster"):
        embedded.ensure_running()

    assert (embedded.cluster / "letter.txt").read_text() == "mine"


def test_a_mistake_in_the_settings_is_told_with_its_line(running: EmbeddedServer) -> None:
    running.stop()
    local = running.cluster / "local.conf"
    local.write_text("work_mem = much\n")
    if os.geteuid() == 0:
        owner = running.cluster.stat()
        os.chown(local, owner.st_uid, owner.st_gid)

    with pytest.raises(EmbeddedPostgresError, match='invalid value for parameter "work_mem"'):
        running.ensure_running()


def test_a_full_disk_is_named(open_dir: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = open_dir / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=0755", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("this container may not mount a small disk")
    try:
        server = EmbeddedServer(disk / "data")
        with pytest.raises(EmbeddedPostgresError, match="The disk is full"):
            server.ensure_running()
        assert list(server.data_dir.glob("*postgres-*")) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _first_line(path: Path) -> str:
    try:
        return path.read_text().partition("\n")[0]
    except FileNotFoundError:
        return ""


@contextlib.contextmanager
def _program_of(owner: os.stat_result) -> Iterator[subprocess.Popen[Any]]:
    """A program that has nothing to do with PostgreSQL, of the same account."""
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    program = subprocess.Popen(["sleep", "60"], cwd="/", **identity)
    try:
        yield program
    finally:
        program.kill()
        program.wait()
