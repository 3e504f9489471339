"""Where things are, and directories that nobody else can slip something into.

Permissions of directories that are not ours are never widened: a place that the server's account
cannot reach is refused, or, where the choice is ours, not chosen.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from pathlib import Path

from retailvision.embedded_postgres.account import Account, find_system_account
from retailvision.embedded_postgres.errors import EmbeddedPostgresError

# Everything that root keeps outside the data directory.
SYSTEM_DIR = Path("/var/lib/retailvision")
PORT = "5432"
# A Unix socket's path may take 108 bytes with the closing zero on Linux, and 104 on macOS.
_MAX_SOCKET_PATH = 103
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


def digest_of(text: str) -> str:
    """Return a short name that stands for `text`: 12 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def default_data_dir(project_root: Path) -> Path:
    """Return where data go when RETAILVISION_DATA_DIR is unset; makes nothing.

    That is `.data` in the project, except for root in a checkout that the server's account could
    not reach, such as one below /root: then a directory of our own below /var/lib/retailvision.
    """
    root = project_root.resolve()
    inside = root / ".data"
    if os.geteuid() != 0 or os.path.lexists(inside / "postgres"):
        # A cluster that exists is used or complained about, never silently replaced by a new one.
        return inside
    if first_closed_directory(root, find_system_account()) is None:
        return inside
    return SYSTEM_DIR / f"data-{digest_of(str(root))}"


def first_closed_directory(path: Path, account: Account | None) -> Path | None:
    """Return the topmost directory on the way to and including `path` that `account` may not enter.

    None means that the way is open, as far as it exists. `account` None means any other account.
    """
    path = path.resolve()
    for directory in (*reversed(path.parents), path):
        try:
            info = directory.stat()
        except FileNotFoundError:
            return None
        if not _may_enter(info, account):
            return directory
    return None


def _may_enter(info: os.stat_result, account: Account | None) -> bool:
    if account is not None and info.st_uid == account.uid:
        return bool(info.st_mode & stat.S_IXUSR)
    if account is not None and info.st_gid == account.gid:
        return bool(info.st_mode & stat.S_IXGRP)
    return bool(info.st_mode & stat.S_IXOTH)


def require_open_way(path: Path, account: Account) -> None:
    """Raise EmbeddedPostgresError when `account` cannot reach `path`, naming what is in the way."""
    closed = first_closed_directory(path, account)
    if closed is None:
        return
    mode = stat.S_IMODE(closed.stat().st_mode)
    raise EmbeddedPostgresError(
        f"PostgreSQL refuses to run as root, and the account {account.name} that runs it instead "
        f"cannot reach {path}: the directory {closed} is closed to it (mode {mode:04o}). RetailVision "
        "does not open other people's directories. Either set RETAILVISION_DATA_DIR to a place that "
        f"every account may enter, such as {SYSTEM_DIR}/data, or run RetailVision as the user who "
        f"owns {closed}, if that is not root (you may also open it yourself: chmod o+x '{closed}')."
    )


def make_directory(path: Path, mode: int) -> None:
    """Make the directory, and missing ones above it, with `mode` whatever the umask is.

    Who finds it made by another process may use it at once. Making it aside and renaming it would
    replace an empty directory, and what that process is just writing into it would be gone.
    """
    try:
        if path.is_dir():
            return
        make_directory(path.parent, mode)
        try:
            path.mkdir(mode)
        except FileExistsError:
            if not path.is_dir():
                raise
        else:
            path.chmod(mode)  # never less than the umask left of it
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The directory {path} cannot be made: {error.strerror}. Make it yourself for "
            f"user number {os.geteuid()}, or set RETAILVISION_DATA_DIR to a place that you own."
        ) from error


def make_data_dir(path: Path) -> None:
    """Make the data directory when it is missing, with the mode that the server needs.

    Root's is 0711: the server's account passes through it to the cluster, which is 0700, and nobody
    else can list it. A plain user's is 0700. One that exists is left as it is.
    """
    make_directory(path, 0o711 if os.geteuid() == 0 else 0o700)


def system_directory(*parts: str) -> Path:
    """Return a directory below /var/lib/retailvision, made 0755 and root's. The caller is root.

    Raises EmbeddedPostgresError when somebody else could change what is in it.
    """
    path = SYSTEM_DIR
    for place in (path, *(path := path / part for part in parts)):
        make_directory(place, 0o755)
        info = place.lstat()
        foreign = not stat.S_ISDIR(info.st_mode) or info.st_uid != 0
        if foreign or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise EmbeddedPostgresError(
                f"{place} must be a directory that only root can write, and it is not. Look who "
                "made it and move it away, or run RetailVision as a user who is not root."
            )
    return path


def socket_file(place: Path) -> Path:
    """Return the socket in a socket directory."""
    return place / f".s.PGSQL.{PORT}"


def clear_socket_place(place: Path) -> None:
    """Remove the socket and its lock file of a server that has ended."""
    socket_file(place).unlink(missing_ok=True)
    Path(f"{socket_file(place)}.lock").unlink(missing_ok=True)


def remove_socket_place(place: Path, account: Account) -> None:
    """Remove the socket directory of a server that has ended, unless something else is in it."""
    with contextlib.suppress(OSError):
        # A user's own files name it, and root must not remove others' directories on their word.
        if place.lstat().st_uid != account.uid:
            return
        clear_socket_place(place)
        place.rmdir()


def socket_place(cluster: Path, account: Account) -> Path:
    """Return the socket directory for a server on `cluster`; makes nothing.

    It is not below the data directory, whose path may be longer than a socket's path may be. The
    name holds the cluster's inode, so that data moved away and made anew meet no older server.
    """
    try:
        inode = cluster.stat().st_ino
    except OSError:
        inode = 0
    name = digest_of(f"{cluster} {inode}")
    if os.geteuid() == 0:
        return SYSTEM_DIR / "run" / name
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and _PLAIN_PATH.fullmatch(runtime) and os.access(runtime, os.W_OK | os.X_OK):
        place = Path(runtime) / "retailvision" / name
        if place.is_absolute() and len(str(socket_file(place))) <= _MAX_SOCKET_PATH:
            return place
    return Path("/tmp") / f"retailvision-{account.uid}" / name  # noqa: S108 - checked when made


def make_socket_place(place: Path, account: Account) -> None:
    """Make the socket directory, 0700 and the account's.

    Raises EmbeddedPostgresError when somebody else made it first, which is an attack in /tmp.
    """
    if os.geteuid() == 0:
        system_directory("run")
        with contextlib.suppress(FileExistsError):
            place.mkdir(mode=0o700)
        # Its parent is root's alone, so this is what was made here, and no link.
        os.chown(place, account.uid, account.gid, follow_symlinks=False)
        require_private(place, account)
        return
    for directory in (place.parent, place):
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            pass
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The directory {directory} for the server's socket cannot be made: "
                f"{error.strerror}. Make {directory.parent} writable for {account.name}."
            ) from error
        require_private(directory, account)


def require_private(directory: Path, account: Account) -> None:
    """Raise EmbeddedPostgresError unless `directory` is one of the account's own, and no link.

    Rights that others have on it are taken away.
    """
    info = directory.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != account.uid:
        what = "is not a directory" if not stat.S_ISDIR(info.st_mode) else "belongs to another user"
        raise EmbeddedPostgresError(
            f"{directory}, where the server's socket goes, {what}. Somebody may have put it there "
            "to read your data: look at it and remove it, or set XDG_RUNTIME_DIR to a directory "
            f"that only {account.name} can write."
        )
    if info.st_mode & 0o077:
        directory.chmod(0o700)
