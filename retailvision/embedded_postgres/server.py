"""The embedded server: started when it is needed, found again when it runs already."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from retailvision.embedded_postgres import cluster as files
from retailvision.embedded_postgres import launch, paths
from retailvision.embedded_postgres.account import (
    Account,
    account_of,
    ensure_system_account,
    find_system_account,
)
from retailvision.embedded_postgres.binaries import Binaries, copied_binaries, packaged_binaries
from retailvision.embedded_postgres.errors import EmbeddedPostgresError
from retailvision.embedded_postgres.locks import exclusive
from retailvision.embedded_postgres.probe import accepts_connections
from retailvision.embedded_postgres.processes import belongs_to

# As long as another process may take to make the database and recover it after a crash.
_LOCK_SECONDS = 180.0
_SUPERUSER = "postgres"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What `doctor` tells about the server."""

    running: bool
    accepts_connections: bool
    version: str | None
    """PostgreSQL's version, such as `18.4`; None while it does not run."""
    wheel_version: str | None
    pid: int | None
    data_dir: Path
    """Of the cluster."""
    socket_dir: Path | None
    log_dir: Path
    os_user: str | None
    """None when root has not made the account yet."""
    problem: str | None
    """What is wrong and what to do, or None."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A PostgreSQL server of our own on `data_dir`/postgres. Building one starts nothing."""

    data_dir: Path

    @property
    def user(self) -> str:
        """The database user: the superuser of the cluster, which is ours alone."""
        return _SUPERUSER

    @property
    def cluster(self) -> Path:
        """The directory of the cluster, with all links followed."""
        return self.data_dir.resolve() / "postgres"

    @property
    def socket_dir(self) -> Path:
        """Where the running server listens, or where the next one will."""
        return self._listening_dir() or paths.socket_place(self.cluster, self._account())

    def connect_params(self, dbname: str = _SUPERUSER) -> dict[str, str]:
        """Return everything that psycopg needs to connect to the running server.

        PGHOSTADDR and PGPORT in the environment would lead elsewhere, so both are given; and
        libpq itself refuses a server that another account runs.
        """
        return {
            "host": str(self.socket_dir),
            "hostaddr": "",
            "port": paths.PORT,
            "user": _SUPERUSER,
            "dbname": dbname,
            "requirepeer": self._account().name,
        }

    def ensure_running(self) -> None:
        """Return when the server accepts connections; start it, or make it, when that is needed.

        Takes a few milliseconds when it runs, a few seconds the first time. Any number of
        processes may call this at once. Raises EmbeddedPostgresError.
        """
        if self._accepts_connections():
            return
        with self._locked("starting the database") as account:
            if self._accepts_connections():
                return
            binaries = self._binaries()
            if not files.exists(self.cluster):
                files.create(self.cluster, account, binaries)
            files.write_settings(self.cluster, account)
            launch.start(self.cluster, account, binaries, self._accepts_connections)

    def stop(self) -> bool:
        """Stop the server; open connections are cut, nothing committed is lost.

        Returns False when it was not running. Raises EmbeddedPostgresError when it does not stop.
        """
        if not self._cluster_is_there():
            return False
        with self._locked("stopping the database") as account:
            return launch.stop(self.cluster, account, self._binaries())

    def status(self) -> ServerStatus:
        """Return what is known about the server. Changes nothing, and never raises for its state."""
        problem: str | None = None
        account: Account | None = None
        wheel: str | None = None
        version: str | None = None
        pid: int | None = None
        try:
            wheel = packaged_binaries().wheel_version
            account = self._known_account()
            if self._cluster_is_there():
                pid = launch.server_pid(self.cluster)
            if pid is not None:
                with self._connect(_SUPERUSER) as connection:
                    version = connection.info.parameter_status("server_version")
            else:
                self._check_place(account)
        except (EmbeddedPostgresError, OSError, psycopg.Error) as error:
            problem = str(error).strip()
        return ServerStatus(
            running=pid is not None,
            accepts_connections=version is not None,
            version=version,
            wheel_version=wheel,
            pid=pid,
            data_dir=self.cluster,
            socket_dir=self._listening_dir(),
            log_dir=self.cluster / "log",
            os_user=account.name if account else None,
            problem=problem,
        )

    def ensure_database(self, name: str) -> None:
        """Make the database (UTF8, C.UTF-8) unless it is there; the server runs already.

        Any number of processes may call this at once. Raises EmbeddedPostgresError.
        """
        try:
            with self._connect(_SUPERUSER) as connection:
                row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if row.fetchone() is not None:
                    return
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                        sql.Identifier(name)
                    )
                )
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return  # another process was faster
        except psycopg.Error as error:
            raise EmbeddedPostgresError(
                f"The database {name} could not be made: {str(error).strip()}. "
                f"The server's log is in {self.cluster / 'log'}."
            ) from error

    # ------------------------------------------------------------------ who, where, with what

    def _known_account(self) -> Account | None:
        """Return the account that runs the server, or None while root has not made it."""
        try:
            owner = self.cluster.stat().st_uid
        except OSError:
            owner = None
        if os.geteuid() != 0:
            account = account_of(os.geteuid())
            if owner is not None and owner != account.uid:
                raise EmbeddedPostgresError(
                    f"The database in {self.cluster} belongs to user number {owner}, and this is "
                    f"{account.name}. Either run as its owner (or root), or set "
                    "RETAILVISION_DATA_DIR to a place of your own."
                )
            return account
        if owner:
            # Root in a plain user's checkout works on that user's server, as that user.
            return account_of(owner)
        return find_system_account()

    def _account(self) -> Account:
        account = self._known_account()
        if account is None:
            raise EmbeddedPostgresError(
                "The embedded PostgreSQL has never been started here. Start it with "
                "`python -m retailvision.embedded_postgres start`."
            )
        return account

    def _binaries(self) -> Binaries:
        if os.geteuid() != 0:
            return packaged_binaries()
        with _system_lock():
            return copied_binaries(paths.system_directory("postgresql"))

    def _check_place(self, account: Account | None) -> None:
        """Raise EmbeddedPostgresError for what would stop a start and can be seen before it."""
        if os.geteuid() == 0 and account is not None:
            paths.require_open_way(self.cluster.parent, account)
        files.exists(self.cluster)

    def _cluster_is_there(self) -> bool:
        try:
            return self.cluster.is_dir()
        except OSError:
            return False

    @contextlib.contextmanager
    def _locked(self, doing: str) -> Iterator[Account]:
        """Hold the lock of the data directory, which is made when it is missing."""
        account = self._known_account()
        if account is None:
            with _system_lock():
                account = ensure_system_account()
        directory = self.cluster.parent
        if os.geteuid() == 0:
            paths.require_open_way(directory, account)
        paths.make_data_dir(directory)
        lock = directory / ".postgres.lock"
        with exclusive(lock, account.uid, seconds=_LOCK_SECONDS, doing=doing):
            yield account

    # ------------------------------------------------------------------ is it there

    def _listening_dir(self) -> Path | None:
        """Return the socket directory of the running server, as far as its own files tell."""
        pid_file = files.read_pid_file(self.cluster)
        if pid_file is None or pid_file.socket_dir is None:
            return None
        return pid_file.socket_dir if belongs_to(pid_file.pid, self.cluster) else None

    def _accepts_connections(self) -> bool:
        directory = self._listening_dir()
        if directory is None:
            return False
        return accepts_connections(paths.socket_file(directory), _SUPERUSER)

    def _connect(self, dbname: str) -> psycopg.Connection[tuple[object, ...]]:
        params = self.connect_params(dbname)
        return psycopg.connect(
            make_conninfo(**params, connect_timeout=10, application_name="retailvision"),
            autocommit=True,
        )


@contextlib.contextmanager
def _system_lock() -> Iterator[None]:
    """Hold the lock for what root does once for the whole machine: the account and the copy."""
    path = paths.system_directory() / ".lock"
    with exclusive(path, 0, seconds=_LOCK_SECONDS, doing="preparing PostgreSQL for this machine"):
        yield
