"""Who runs the embedded server, and whose directories it leaves alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from retailvision.embedded_postgres import EmbeddedPostgresError, EmbeddedServer, default_data_dir
from retailvision.embedded_postgres.account import SYSTEM_ACCOUNT, account_of
from retailvision.embedded_postgres.paths import make_socket_place
from tests.retailvision.conftest import connected

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")
NOBODY = 65534

AsNobody = Callable[..., None]


def test_a_start_widens_nobodys_permissions(open_dir: Path) -> None:
    server = EmbeddedServer(open_dir / "a" / "data")
    server.data_dir.parent.mkdir(mode=0o711)
    watched = [*server.data_dir.parents, Path.home(), *Path.home().parents, *Path(__file__).parents]
    before = [_rights(path) for path in watched]

    server.ensure_running()

    assert [_rights(path) for path in watched] == before
    assert server.data_dir.stat().st_mode & 0o066 == 0


@only_root
def test_for_root_an_account_without_login_runs_the_server(running: EmbeddedServer) -> None:
    account = account_of(running.cluster.stat().st_uid)
    login = next(
        line.split(":")[-1]
        for line in Path("/etc/passwd").read_text().splitlines()
        if line.startswith(f"{account.name}:")
    )

    assert running.status().os_user == account.name == SYSTEM_ACCOUNT
    assert account.uid != 0
    assert login.endswith(("nologin", "false"))


@only_root
def test_for_root_programs_come_from_a_copy_that_only_root_can_change(
    running: EmbeddedServer,
) -> None:
    program = Path(f"/proc/{running.status().pid}/exe").readlink()

    assert program.is_relative_to("/var/lib/retailvision/postgresql")
    for path in (program, *program.parents):
        assert path.stat().st_uid == 0
        assert not path.stat().st_mode & 0o022
    assert not (program.parent / "psql").exists()


@only_root
def test_root_is_told_which_directory_is_in_the_way(open_dir: Path) -> None:
    closed = open_dir / "private"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "deep" / "data")

    with pytest.raises(EmbeddedPostgresError) as caught:
        server.ensure_running()

    assert f"the directory {closed} is closed to it (mode 0700)" in str(caught.value)
    assert "RETAILVISION_DATA_DIR" in str(caught.value)
    assert "run RetailVision as the user" in str(caught.value)
    assert list(closed.iterdir()) == []
    assert _rights(closed) == (0o700, 0, 0)


@only_root
def test_root_keeps_data_outside_a_checkout_that_is_closed(open_dir: Path) -> None:
    checkout = open_dir / "home" / "checkout"
    checkout.mkdir(parents=True)
    assert default_data_dir(checkout) == checkout / ".data"

    checkout.parent.chmod(0o700)

    outside = default_data_dir(checkout)
    assert outside.parent == Path("/var/lib/retailvision")
    assert outside == default_data_dir(checkout)
    assert not outside.exists()


@only_root
def test_a_start_by_root_with_a_tight_umask_works(open_dir: Path) -> None:
    old = os.umask(0o077)
    try:
        server = EmbeddedServer(open_dir / "new" / "data")
        server.ensure_running()
    finally:
        os.umask(old)

    assert server.status().accepts_connections


def test_a_plain_user_runs_the_server_and_root_joins_it(
    open_dir: Path, as_nobody: AsNobody
) -> None:
    home = open_dir / "nobody"
    home.mkdir(mode=0o700)
    os.chown(home, NOBODY, NOBODY)
    server = EmbeddedServer(home / "data")

    def start() -> None:
        server.ensure_running()
        server.ensure_database("shop")
        assert server.status().os_user == "nobody"
        assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
        assert server.socket_dir.parent.name == f"retailvision-{NOBODY}"

    as_nobody(start)

    # Root meets the same server: not a second one on the same files.
    assert server.status().os_user == "nobody"
    with connected(server, "shop") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert server.stop() is True
    # And a server that root starts there still is that user's.
    server.ensure_running()
    as_nobody(server.ensure_running)
    assert server.cluster.stat().st_uid == NOBODY


def test_another_user_gets_neither_the_files_nor_a_connection(
    running: EmbeddedServer, as_nobody: AsNobody
) -> None:
    params: dict[str, Any] = {**running.connect_params()}

    def intrude() -> None:
        with pytest.raises(EmbeddedPostgresError, match="belongs to user number"):
            running.ensure_running()
        assert "belongs to user number" in (running.status().problem or "")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(**params)

    as_nobody(intrude)


@pytest.mark.parametrize("trap", ["somebody else's", "a link"])
def test_a_socket_directory_that_somebody_else_prepared_is_refused(
    open_dir: Path, as_nobody: AsNobody, trap: str
) -> None:
    runtime = open_dir / "runtime"
    runtime.mkdir()
    runtime.chmod(0o777)
    if trap == "a link":
        (open_dir / "elsewhere").mkdir()
        os.chown(open_dir / "elsewhere", NOBODY, NOBODY)
        (runtime / "retailvision").symlink_to(open_dir / "elsewhere")
        os.chown(runtime / "retailvision", NOBODY, NOBODY, follow_symlinks=False)
    else:
        (runtime / "retailvision").mkdir(mode=0o777)
        (runtime / "retailvision").chmod(0o777)
    home = open_dir / "nobody"
    home.mkdir(mode=0o700)
    os.chown(home, NOBODY, NOBODY)

    def start() -> None:
        with pytest.raises(EmbeddedPostgresError, match=r"socket goes, .*look at it and remove it"):
            EmbeddedServer(home / "data").ensure_running()

    as_nobody(start, XDG_RUNTIME_DIR=str(runtime))


def test_a_socket_directory_of_ones_own_is_narrowed(open_dir: Path, as_nobody: AsNobody) -> None:
    runtime = open_dir / "runtime"
    runtime.mkdir()
    os.chown(runtime, NOBODY, NOBODY)

    def make() -> None:
        place = runtime / "retailvision" / "x"
        place.mkdir(parents=True)
        place.chmod(0o777)
        make_socket_place(place, account_of(NOBODY))
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700

    as_nobody(make)


def test_a_server_that_another_account_pretends_to_be_is_refused(
    running: EmbeddedServer, open_dir: Path
) -> None:
    params: dict[str, Any] = running.connect_params() | {"requirepeer": "daemon"}

    with pytest.raises(psycopg.OperationalError, match="requirepeer"):
        psycopg.connect(**params)
    assert running.connect_params()["requirepeer"] == running.status().os_user


def _rights(path: Path) -> tuple[int, int, int]:
    info = path.stat()
    return stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid
