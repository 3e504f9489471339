"""Renditions that the rows tell of and the storage has not, as after a copy of the originals alone."""

from collections.abc import Iterator

from products.imaging.renditions import RECIPE, renditions_of
from products.models import ProductImage
from products.renditions.claims import storage
from products.renditions.files import rendition_name


def forget_lost() -> int:
    """Makes photos due of which a rendition is missing from the storage; their number. It asks the
    storage some fifteen times for each photo.
    """
    lost = list(_lost())
    ProductImage.objects.filter(pk__in=lost).update(renditions=0)
    return len(lost)


def _lost() -> Iterator[int]:
    files = storage()
    for image in ProductImage.objects.filter(renditions=RECIPE).iterator():
        size = (image.width, image.height)
        every = renditions_of(size, transparent=image.transparent)
        if not all(files.exists(rendition_name(str(image.file.name), each)) for each in every):
            yield image.pk
