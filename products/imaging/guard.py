"""Whatever a decoder raises on hostile bytes becomes one exception."""

from collections.abc import Iterator
from contextlib import contextmanager

from products.imaging.errors import PhotoRefused
from products.imaging.errors import gettext_noop as _
from products.imaging.sniff import Format

_UNUSUAL: dict[Format, str] = {
    "JPEG": _("Unusual JPEG"),
    "PNG": _("Unusual PNG"),
    "GIF": _("Unusual GIF"),
    "WEBP": _("Unusual WebP"),
    "HEIF": _("Unusual HEIF"),
    "AVIF": _("Unusual AVIF"),
}


@contextmanager
def refusing(format_name: Format) -> Iterator[None]:
    """Turn every error of a decoder into PhotoRefused.

    The signature was right by the time a decoder runs, so what fails then is a damaged file (or a
    coding that the library does not know). MemoryError is let through: it tells of this machine,
    and must not brand a good photo as bad.
    """
    try:
        yield
    except (PhotoRefused, MemoryError):
        raise
    except Exception as error:
        if "nsupported" in str(error):
            raise PhotoRefused("format_not_supported", format=_UNUSUAL[format_name]) from error
        raise PhotoRefused("truncated") from error
