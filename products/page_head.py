"""What the head of a public page says to search engines and to those who share its address."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.text import Truncator

from products.imaging.renditions import fit
from products.models import ProductImage
from products.thumbnails import thumbnail_side, thumbnail_url

# What search engines and messengers show of it.
_DESCRIPTION_LENGTH = 160
_PHOTO = "large"


@dataclass(frozen=True, slots=True)
class PageHead:
    """All addresses are absolute, made of the host that was asked."""

    title: str
    description: str
    address: str
    kind: str = "website"
    photo: str = ""
    photo_width: int = 0
    photo_height: int = 0
    photo_alt: str = ""
    is_indexed: bool = True

    @classmethod
    def of(
        cls,
        request: HttpRequest,
        *,
        title: str,
        address: str,
        description: str = "",
        photo: ProductImage | None = None,
        **fields: Any,
    ) -> "PageHead":
        """The head of a page, of its path and, where there is one, the photo that stands for it."""
        if photo is not None and (url := thumbnail_url(photo.file, _PHOTO)):
            fields["photo"] = request.build_absolute_uri(url)
            size = fit((photo.width, photo.height), thumbnail_side(_PHOTO))
            fields["photo_width"], fields["photo_height"] = size
        return cls(
            title=title,
            description=_one_line(description),
            address=request.build_absolute_uri(address),
            **fields,
        )


def _one_line(text: str) -> str:
    return Truncator(" ".join(strip_tags(text).split())).chars(_DESCRIPTION_LENGTH)
