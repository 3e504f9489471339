"""The one error of this package."""

from __future__ import annotations


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked.

    The message is for a person: it says what was wrong and what to do about it.
    """


def with_log(message: str, tail: str) -> str:
    """Return `message`, followed by the end of the server's log when there is one."""
    tail = tail.strip()
    if not tail:
        return message
    indented = "\n".join(f"    {line}" for line in tail.splitlines())
    return f"{message}\n  The last lines that it wrote:\n{indented}"


# What PostgreSQL writes, and what a person can do about it.
_REMEDIES = (
    ("No space left on device", "The disk is full: free some space, then try again."),
    ("Disk quota exceeded", "The disk quota is used up: free some space, then try again."),
    (
        "Read-only file system",
        "The file system is read-only: set RETAILVISION_DATA_DIR to a place that can be written.",
    ),
    (
        "Permission denied",
        "PostgreSQL's account may not use that file: put its owner right, or set another data dir.",
    ),
    (
        "Cannot allocate memory",
        "The machine is short of memory: stop other programs, or lower shared_buffers in local.conf.",
    ),
    (
        "syntax error in file",
        "A configuration file holds a mistake in the line named below: correct it.",
    ),
    (
        "error while loading shared libraries",
        "A system library is missing: install the one named below.",
    ),
    (
        "could not locate a valid checkpoint record",
        "The data are damaged: put the directory back from a backup.",
    ),
)


def remedy_for(text: str) -> str:
    """Return what to do about the first known trouble that `text` names, or where to look."""
    for sign, remedy in _REMEDIES:
        if sign in text:
            return remedy
    return "Mend what the lines below name, then try again."
