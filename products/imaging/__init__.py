"""Photos and barcodes, without Django: what comes in, what is refused, what is kept."""

from products.imaging.barcodes import read_barcodes
from products.imaging.door import (
    PhotoFacts,
    PreparedPhoto,
    digest_of,
    inspect_photo,
    open_photo,
    prepare_photo,
)
from products.imaging.encode import small_copy
from products.imaging.errors import MESSAGES, PhotoRefused
from products.imaging.gtin import canonical_gtin, is_restricted
from products.imaging.limits import PhotoLimits

__all__ = [
    "MESSAGES",
    "PhotoFacts",
    "PhotoLimits",
    "PhotoRefused",
    "PreparedPhoto",
    "canonical_gtin",
    "digest_of",
    "inspect_photo",
    "is_restricted",
    "open_photo",
    "prepare_photo",
    "read_barcodes",
    "small_copy",
]
