"""Photos of products: the one way in, and their order."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext

from api.retrying import retry_when_lost
from api.stored_files import atomic_with_files
from products.decoding import room_to_decode
from products.imaging import PhotoLimits, PhotoRefused, PreparedPhoto, prepare_photo
from products.models import Product, ProductImage
from products.refusals import Refusal


def photo_limits() -> PhotoLimits:
    """What this site accepts as a photo."""
    return PhotoLimits(max_bytes=settings.PHOTO_MAX_BYTES, max_pixels=settings.PHOTO_MAX_PIXELS)


def refusal(error: PhotoRefused) -> ValidationError:
    """A refused photo as an error of a form, of the API or of a row, in the reader's language."""
    params = dict(error.params)
    if "format" in params:
        params["format"] = gettext(str(params["format"]))
    return ValidationError(gettext(error.template) % params, code=error.code)


def read_photo(data: bytes) -> PreparedPhoto:
    """A photo, as received, ready for storage.

    Raises:
        ValidationError: the bytes are no photo that this site accepts.
        DecodingBusy: other photos are being decoded, and it takes long.
    """
    try:
        with room_to_decode():
            return prepare_photo(data, photo_limits())
    except PhotoRefused as error:
        raise refusal(error) from error


def read_uploaded_photo(upload: File) -> PreparedPhoto:
    """As `read_photo`; never takes more of the upload into memory than a photo may have."""
    return read_photo(upload.read(photo_limits().max_bytes + 1))


@dataclass(frozen=True, slots=True)
class AddedPhoto:
    image: ProductImage
    created: bool


def add_photo(*, product: Product, data: bytes) -> AddedPhoto:
    """Puts a photo, as received, behind the product's others.

    The same bytes twice are one photo: the second call changes nothing.

    Raises:
        ValidationError: the bytes are no photo that this site accepts.
        DecodingBusy: other photos are being decoded, and it takes long.
    """
    return store_photo(product=product, prepared=read_photo(data))


@atomic_with_files()
def store_photo(*, product: Product, prepared: PreparedPhoto) -> AddedPhoto:
    """Stores a photo that went through the door, in one transaction with all that follows it."""
    # Two uploads of one photo at once would both miss the other's row: they queue up here.
    Product.objects.select_for_update(of=("self",), no_key=True).get(pk=product.pk)
    # Also where the bytes are those that were stored, as an export gives them away.
    existing = ProductImage.objects.filter(
        Q(source_digest=prepared.source_digest) | Q(digest=prepared.source_digest), product=product
    ).first()
    if existing is not None:
        return AddedPhoto(existing, created=False)
    last = product.images.aggregate(last=Max("position"))["last"]
    image = ProductImage(product=product, position=0 if last is None else last + 1)
    describe(image, prepared)
    image.file = ContentFile(prepared.content, name=f"photo.{prepared.extension}")
    image.save()
    return AddedPhoto(image, created=True)


@retry_when_lost
@atomic_with_files()
def store_photos(*, product: Product, prepared: Sequence[PreparedPhoto]) -> list[AddedPhoto]:
    """Stores photos in their order, all of them or none.

    Raises:
        Product.DoesNotExist: it was deleted meanwhile.
        Refusal: it was merged away.
    """
    locked = Product.objects.select_for_update(of=("self",), no_key=True).get(pk=product.pk)
    if locked.merged_into_id is not None:
        raise Refusal(
            gettext("%(product)s was merged into another product; choose that one.")
            % {"product": locked},
            "product_merged",
        )
    return [store_photo(product=locked, prepared=each) for each in prepared]


def describe(image: ProductImage, prepared: PreparedPhoto) -> None:
    """Writes a prepared photo's facts into a row."""
    image.source_digest = prepared.source_digest
    image.digest = prepared.digest
    image.width, image.height = prepared.width, prepared.height


@transaction.atomic
def reorder_photos(*, product: Product, ids: Sequence[int]) -> None:
    """Puts a product's photos in the order of their ids; the first becomes its face.

    Raises:
        ValidationError: the ids are not just those of the product's photos, each once, as when
            somebody added or deleted one meanwhile.
    """
    # Two orders at once, or an upload in between, come one after the other.
    Product.objects.select_for_update(of=("self",), no_key=True).get(pk=product.pk)
    photos = {image.pk: image for image in ProductImage.objects.filter(product=product)}
    if len(ids) != len(photos) or set(ids) != set(photos):
        raise ValidationError(
            gettext("The photos have changed meanwhile. Look at them again, then order them."),
            code="photos_changed",
        )
    moved = []
    for position, pk in enumerate(ids):
        if photos[pk].position != position:
            photos[pk].position = position
            moved.append(photos[pk])
    ProductImage.objects.bulk_update(moved, ["position"])


@retry_when_lost
@transaction.atomic
def move_photo(*, photo_id: int, product: Product, to: Product) -> None:
    """Puts a photo of one product behind those of another. Its file, and all that is known of its
    content, stay as they are; what it leaves behind closes ranks, so that the next photo becomes
    the face where the face went. One that is there already is no error.

    Raises:
        ValidationError: the photo is no longer the product's, the other product was merged away, or
            has this photo already.
    """
    # In the order of ids, as everybody does who locks products.
    ids = sorted({product.pk, to.pk})
    locked = Product.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(ids)
    image = ProductImage.objects.select_for_update(of=("self",)).filter(pk=photo_id).first()
    if image is not None and image.product_id == to.pk:
        return
    if len(locked) < len(ids) or image is None or image.product_id != product.pk:
        raise ValidationError(
            gettext("The photos have changed meanwhile. Look at them again."), code="photos_changed"
        )
    to = locked[to.pk]
    if to.merged_into_id is not None:
        raise ValidationError(
            gettext("%(product)s was merged into another product; choose that one.")
            % {"product": to},
            code="merged",
        )
    same = Q(source_digest=image.source_digest) | Q(digest=image.digest)
    if ProductImage.objects.filter(same, product=to).exists():
        raise ValidationError(
            gettext("%(product)s has this photo already. Delete it here instead.")
            % {"product": to},
            code="has_photo",
        )
    last = to.images.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    ProductImage.objects.filter(pk=image.pk).update(product=to, position=position)
    left = list(ProductImage.objects.filter(product=product))
    for at, each in enumerate(left):
        each.position = at
    ProductImage.objects.bulk_update(left, ["position"])


@transaction.atomic
def delete_photo(*, product: Product, photo_id: int) -> None:
    """Deletes a photo of a product, and its file with the commit; one that is gone is no error."""
    Product.objects.select_for_update(of=("self",), no_key=True).get(pk=product.pk)
    for image in ProductImage.objects.filter(product=product, pk=photo_id):
        image.delete()
