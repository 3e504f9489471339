"""The secret key of a single-machine installation: made once, kept beside its database."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from retailvision.embedded_postgres import EmbeddedPostgresError, make_data_dir


def local_secret_key(data_dir: Path) -> str:
    """The key in `data_dir/secret-key`, made on the first call; readable by its owner alone.

    A fixed placeholder would let anyone forge sessions, and a key made anew at each start would
    log everyone out and differ between web and worker.
    """
    path = data_dir / "secret-key"
    try:
        return _read(path)
    except (FileNotFoundError, NotADirectoryError):
        _make(data_dir)
        draft = data_dir / f".secret-key-{os.getpid()}-{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # fails if another process was first; its key is the key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return _read(path)


def _make(data_dir: Path) -> None:
    try:
        make_data_dir(data_dir)
    except EmbeddedPostgresError as error:  # it names the remedy
        raise ImproperlyConfigured(str(error)) from error


def _read(path: Path) -> str:
    try:
        key = path.read_text().strip()
    except (PermissionError, IsADirectoryError) as error:
        raise ImproperlyConfigured(
            f"{path} cannot be read: {error.strerror}. Run RetailVision as the user who owns it, or "
            "set RETAILVISION_DATA_DIR to a directory of your own."
        ) from error
    if not key:
        raise ImproperlyConfigured(f"{path} is empty: delete it, and a new key is made.")
    return key
