"""Locks between processes, on files. The kernel drops them when the holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from retailvision.embedded_postgres.errors import EmbeddedPostgresError


def open_lock_file(path: Path, owner: int) -> int:
    """Return a descriptor of the lock file, made 0600 for user number `owner`; never a link."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The lock file {path} cannot be opened: {error.strerror}. "
            "Run as the user who owns it, or set RETAILVISION_DATA_DIR to another place."
        ) from error
    if os.geteuid() == 0 and os.fstat(descriptor).st_uid != owner:
        # Whoever owns the cluster must be able to take the lock when root is not there.
        os.fchown(descriptor, owner, -1)
    return descriptor


def try_lock(descriptor: int) -> bool:
    """Take the lock if it is free, and say whether that worked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def exclusive(path: Path, owner: int, *, seconds: float, doing: str) -> Iterator[None]:
    """Hold the lock on `path`; wait up to `seconds` for it.

    Raises EmbeddedPostgresError when another process holds it longer than that.
    """
    descriptor = open_lock_file(path, owner)
    try:
        deadline = time.monotonic() + seconds
        while not try_lock(descriptor):
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"Another process has held {path} for {seconds:.0f} s, so that this one could "
                    f"not begin {doing}. Look for a RetailVision process that hangs and end it."
                )
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)
