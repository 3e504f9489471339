"""Where photos that were asked with are kept, if the site keeps them: never below an address."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages

from products.models.import_run import PrivateStorage


class QueryPhotoStorage(PrivateStorage):
    """`QUERY_PHOTO_DIR`, readable for the site's own account alone."""

    @property
    def base_location(self) -> str:
        return str(settings.QUERY_PHOTO_DIR)

    @property
    def location(self) -> str:
        return str(Path(settings.QUERY_PHOTO_DIR).absolute())


def query_photo_storage() -> Storage:
    return storages["query_photos"]


def query_photo_name(_sighting: Any, _filename: str) -> str:
    """A name that tells nothing and is not the sighting's token, which customers know."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name[2:]}.jpg"
