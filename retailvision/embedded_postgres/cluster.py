"""The files of the cluster: made whole or not at all, and checked before a server uses them."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retailvision.embedded_postgres import configuration
from retailvision.embedded_postgres.account import Account
from retailvision.embedded_postgres.binaries import MAJOR_VERSION, Binaries
from retailvision.embedded_postgres.errors import EmbeddedPostgresError, remedy_for, with_log
from retailvision.embedded_postgres.processes import clean_environment

_INITDB_SECONDS = 600
_UNFINISHED = ".postgres-unfinished-"


@dataclass(frozen=True, slots=True)
class PidFile:
    """What postmaster.pid says. It stays behind after a crash, so it proves nothing alone."""

    pid: int
    socket_dir: Path | None


def read_pid_file(cluster: Path) -> PidFile | None:
    """Return what postmaster.pid says, or None when there is none or it cannot be understood."""
    try:
        lines = (cluster / "postmaster.pid").read_text("utf-8", "surrogateescape").splitlines()
        # A process number below zero is a single-user server's, which nobody can connect to.
        pid = abs(int(lines[0]))
    except (OSError, ValueError, IndexError):
        return None
    socket_dir = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    return PidFile(pid, socket_dir)


def exists(cluster: Path) -> bool:
    """Say whether there is a cluster, as opposed to nothing or an empty directory.

    Raises EmbeddedPostgresError when there is something that this PostgreSQL cannot use.
    """
    try:
        names = os.listdir(cluster)  # noqa: PTH208
    except FileNotFoundError:
        return False
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The database directory {cluster} cannot be read: {error.strerror}. "
            "Run as the user who owns it, or set RETAILVISION_DATA_DIR to another place."
        ) from error
    if not names:
        return False
    if "PG_VERSION" not in names or not (cluster / "global" / "pg_control").exists():
        raise EmbeddedPostgresError(
            f"{cluster} holds files, but no whole PostgreSQL cluster. Move it away to begin with an "
            "empty database, or put it back from a backup."
        )
    version = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if version != str(MAJOR_VERSION):
        raise EmbeddedPostgresError(
            f"The data in {cluster} were written by PostgreSQL {version}, and this is PostgreSQL "
            f"{MAJOR_VERSION}, which cannot read them. Either go back to the RetailVision that "
            f"wrote them, dump the database there with pg_dump, move {cluster} away and restore "
            f"the dump here; or set DATABASE_URL to a PostgreSQL {version} server."
        )
    return True


def create(cluster: Path, account: Account, binaries: Binaries) -> None:
    """Run initdb for `account`. Aside and then renamed, so that a crash leaves no half cluster.

    The caller holds the lock of the data directory.
    """
    for leftover in cluster.parent.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=cluster.parent))
        try:
            _give(fresh, account)
            _initdb(fresh, account, binaries)
            _write_access_rules(fresh, account)
            fresh.rename(cluster)
            _flush(cluster.parent)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The database could not be made in {cluster}: {error.strerror}. "
            + remedy_for(str(error.strerror))
        ) from error


def write_settings(cluster: Path, account: Account) -> None:
    """Bring our settings file up to date; called before each start, so that upgrades reach it."""
    path = cluster / configuration.SETTINGS_FILE
    text = configuration.settings_text(configuration.memory_bytes())
    try:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            _write(path, text, account)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The settings file {path} could not be written: {error.strerror}. "
            + remedy_for(str(error.strerror))
        ) from error


def log_tail(cluster: Path, lines: int = 15) -> str:
    """Return the last lines of the newest log file, or an empty text."""
    try:
        newest = max((cluster / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        with newest.open("rb") as file:
            file.seek(max(0, newest.stat().st_size - 8192))
            text = file.read().decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
    return "\n".join(text.splitlines()[-lines:])


def child_identity(account: Account) -> dict[str, Any]:
    """Return what subprocess needs to run a child as `account`, with nothing of ours in it."""
    identity: dict[str, Any] = {"env": clean_environment(), "cwd": "/", "umask": 0o077}
    if os.geteuid() == 0:
        identity |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return identity


def _initdb(directory: Path, account: Account, binaries: Binaries) -> None:
    command = [
        *(binaries.program("initdb"), "-D", str(directory), "-U", "postgres"),
        *("--auth-local=peer", "--auth-host=reject"),
        *("--encoding=UTF8", "--locale=C.UTF-8"),
        # Sorted by PostgreSQL itself: an upgrade of the C library cannot spoil text indexes.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        # initdb's own helpers too leave nothing in /dev/shm when they are killed.
        *("-c", "dynamic_shared_memory_type=mmap"),
    ]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_INITDB_SECONDS,
            check=False,
            **child_identity(account),
        )
    except subprocess.TimeoutExpired as error:
        raise EmbeddedPostgresError(
            f"Making the database in {directory.parent} took more than {_INITDB_SECONDS} s. "
            "The disk may hang or be very slow: look at it, then try again."
        ) from error
    if done.returncode != 0:
        output = done.stdout.decode("utf-8", "replace")
        raise EmbeddedPostgresError(
            with_log(
                f"The database could not be made in {directory.parent}. {remedy_for(output)}",
                "\n".join(output.splitlines()[-15:]),
            )
        )


def _write_access_rules(directory: Path, account: Account) -> None:
    names = [pwd.getpwuid(0).pw_name, account.name]
    _write(directory / "pg_hba.conf", configuration.HBA, account)
    _write(directory / "pg_ident.conf", configuration.ident_map(names), account)
    main = directory / "postgresql.conf"
    _write(main, main.read_text(encoding="utf-8") + configuration.INCLUDE_LINES, account)
    write_settings(directory, account)


def _write(path: Path, text: str, account: Account) -> None:
    """Write a file of the account's whole, or leave the old one; on the disk when this returns."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
        if os.geteuid() == 0:
            os.fchown(file.fileno(), account.uid, account.gid)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def _give(directory: Path, account: Account) -> None:
    """Hand the new, empty directory to the account (root only)."""
    if os.geteuid() != 0:
        return
    # By descriptor: a name could be swapped for a link by whoever owns the directory above.
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        info = os.fstat(descriptor)
        if info.st_uid != 0 or stat.S_IMODE(info.st_mode) != 0o700:
            raise EmbeddedPostgresError(
                f"{directory} changed hands while it was made. Set RETAILVISION_DATA_DIR to a "
                "place where only root can write."
            )
        os.fchown(descriptor, account.uid, account.gid)
    finally:
        os.close(descriptor)


def _flush(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
