"""Which operating-system account runs the server.

PostgreSQL refuses to run as root. A plain user runs it themselves; for root a system account
without a login is made once, which owns the cluster and nothing else.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from retailvision.embedded_postgres.errors import EmbeddedPostgresError
from retailvision.embedded_postgres.processes import clean_environment

SYSTEM_ACCOUNT = "retailvision-db"
ACCOUNT_VARIABLE = "RETAILVISION_POSTGRES_USER"
_SYSTEM_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int


def account_of(uid: int) -> Account:
    """Return the account with this number.

    Raises EmbeddedPostgresError when it has no name: PostgreSQL logs people in by name.
    """
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL cannot run as user number {uid}, because that number has no "
            "name in /etc/passwd. Either run as a user who has one (in a container: add it to the "
            "image), or set DATABASE_URL to a PostgreSQL server of your own."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def find_system_account() -> Account | None:
    """Return the account that runs the server for root, or None while it does not exist."""
    name = os.environ.get(ACCOUNT_VARIABLE) or SYSTEM_ACCOUNT
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def ensure_system_account() -> Account:
    """Return the account that runs the server for root, making it when it is missing.

    The caller holds the machine-wide lock. Raises EmbeddedPostgresError when it cannot be made.
    """
    account = find_system_account()
    if account is None:
        _make_system_account()
        account = find_system_account()
    if account is None:
        raise EmbeddedPostgresError(_no_account("the tool ran, but the account is not there"))
    if account.uid == 0:
        raise EmbeddedPostgresError(
            f"The account {account.name} is root, and PostgreSQL refuses to run as root. "
            f"Set {ACCOUNT_VARIABLE} to an account without rights."
        )
    return account


def _make_system_account() -> None:
    name = os.environ.get(ACCOUNT_VARIABLE)
    if name:
        raise EmbeddedPostgresError(
            f"{ACCOUNT_VARIABLE} names the account {name}, which does not exist. "
            "Make it, or unset the variable."
        )
    command = _account_command()
    if command is None:
        raise EmbeddedPostgresError(_no_account("neither useradd nor adduser is installed"))
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )
    # Another program may have made it meanwhile: the caller looks again before it complains.
    if done.returncode != 0 and find_system_account() is None:
        raise EmbeddedPostgresError(_no_account((done.stderr or done.stdout).strip()))


def _account_command() -> list[str] | None:
    shells = ("/usr/sbin/nologin", "/sbin/nologin", "/bin/false")
    shell = next((path for path in shells if Path(path).exists()), "/bin/false")
    useradd = shutil.which("useradd", path=_SYSTEM_PATH)
    if useradd:
        return [
            *(useradd, "--system", "--user-group", "--no-create-home"),
            *("--home-dir", "/nonexistent", "--shell", shell, SYSTEM_ACCOUNT),
        ]
    adduser = shutil.which("adduser", path=_SYSTEM_PATH)
    if adduser and "busybox" in str(Path(adduser).resolve()):
        return [adduser, "-S", "-D", "-H", "-h", "/nonexistent", "-s", shell, SYSTEM_ACCOUNT]
    if adduser:
        return [
            *(adduser, "--system", "--group", "--no-create-home"),
            *("--home", "/nonexistent", "--shell", shell, SYSTEM_ACCOUNT),
        ]
    return None


def _no_account(reason: str) -> str:
    return (
        f"PostgreSQL refuses to run as root, and the account {SYSTEM_ACCOUNT} that would run it "
        f"could not be made: {reason}. Either install useradd (Debian: passwd, Fedora: "
        f"shadow-utils), or set {ACCOUNT_VARIABLE} to an existing account without rights, or run "
        "RetailVision as a user who is not root, or set DATABASE_URL to a server of your own."
    )
