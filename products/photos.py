"""Photos of products: the one way in, and their order."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models import Max
from django.utils.translation import gettext

from products.imaging import PhotoLimits, PhotoRefused, PreparedPhoto, prepare_photo
from products.models import Product, ProductImage
from products.stored_files import atomic_with_files


def photo_limits() -> PhotoLimits:
    """What this site accepts as a photo."""
    return PhotoLimits(max_bytes=settings.PHOTO_MAX_BYTES, max_pixels=settings.PHOTO_MAX_PIXELS)


def refusal(error: PhotoRefused) -> ValidationError:
    """A refused photo as an error of a form, of the API or of a row, in the reader's language."""
    return ValidationError(gettext(error.template) % error.params, code=error.code)


@dataclass(frozen=True, slots=True)
class AddedPhoto:
    image: ProductImage
    created: bool


def add_photo(*, product: Product, data: bytes) -> AddedPhoto:
    """Puts a photo, as received, behind the product's others.

    The same bytes twice are one photo: the second call changes nothing.

    Raises:
        ValidationError: the bytes are no photo that this site accepts.
    """
    try:
        prepared = prepare_photo(data, photo_limits())
    except PhotoRefused as error:
        raise refusal(error) from error
    return store_photo(product=product, prepared=prepared)


@atomic_with_files()
def store_photo(*, product: Product, prepared: PreparedPhoto) -> AddedPhoto:
    """Stores a photo that went through the door, in one transaction with all that follows it."""
    # Two uploads of one photo at once would both miss the other's row: they queue up here.
    Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    existing = ProductImage.objects.filter(
        product=product, source_digest=prepared.source_digest
    ).first()
    if existing is not None:
        return AddedPhoto(existing, created=False)
    last = product.images.aggregate(last=Max("position"))["last"]
    image = ProductImage(product=product, position=0 if last is None else last + 1)
    describe(image, prepared)
    image.file = ContentFile(prepared.content, name=f"photo.{prepared.extension}")
    image.save()
    return AddedPhoto(image, created=True)


def describe(image: ProductImage, prepared: PreparedPhoto) -> None:
    """Writes a prepared photo's facts into a row."""
    image.source_digest = prepared.source_digest
    image.digest = prepared.digest
    image.width, image.height = prepared.width, prepared.height
