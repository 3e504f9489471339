"""Photos of products: the one way in, and their order."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext

from products.imaging import PhotoLimits, PhotoRefused, PreparedPhoto, prepare_photo
from products.models import Product, ProductImage


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


@transaction.atomic
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
    save_prepared(image, prepared)
    return AddedPhoto(image, created=True)


def save_prepared(image: ProductImage, prepared: PreparedPhoto) -> None:
    """Writes the file and the row; the file goes again if the row cannot be written."""
    image.source_digest = prepared.source_digest
    image.digest = prepared.digest
    image.width, image.height = prepared.width, prepared.height
    image.file.save(f"photo.{prepared.extension}", ContentFile(prepared.content), save=False)
    try:
        image.save()
    except BaseException:
        image.file.storage.delete(image.file.name)
        raise
