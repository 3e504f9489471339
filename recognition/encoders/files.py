"""Weights files on disk: can they be read, and which file is it?"""

import hashlib
from functools import lru_cache
from pathlib import Path

from recognition.encoders.errors import MissingWeights, WrongWeights

# What open_clip loads strictly. Its .npz path (weights in the layout of big_vision) does not check
# that every parameter was set, so it is left out.
WEIGHTS_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")


def check_weights_file(path: Path) -> None:
    """Raises MissingWeights when `path` cannot be read, WrongWeights when it cannot be weights."""
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        reason = error.strerror or str(error)
        raise MissingWeights(
            f"The weights file {path} cannot be read ({reason}). "
            "Put the file there, correct the setting, or unset it to take the weights from the hub."
        ) from error
    if path.suffix.lower() not in WEIGHTS_SUFFIXES:
        raise WrongWeights(f"{path} is no weights file: expected {', '.join(WEIGHTS_SUFFIXES)}.")
    if not start:
        raise WrongWeights(f"The weights file {path} is empty; copy or download it again.")
    if start.startswith(b"version https://git-lfs"):
        raise WrongWeights(
            f"{path} is a Git LFS pointer, not the weights themselves; fetch it with `git lfs pull`."
        )


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits. Computed again only when the file has changed."""
    status = path.stat()
    return _digest(path.resolve(), status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _digest(path: Path, *_identity: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
