"""What the active encoder sees where: a proposed box, and why a photo of a product matched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from PIL import Image

from products.models import Product, ProductImage
from recognition.embedding import PhotoUnreadable, StorageTrouble, read_stored
from recognition.encoders import Busy, EncoderError
from recognition.encoders.patches import Area
from recognition.filters import Filters
from recognition.loaded import encoder_for, shared_batch_for
from recognition.looking import Agreement, Rectangle, agree, foreground
from recognition.models import Encoder
from recognition.nearest import photos_by_distance
from recognition.versions import active_encoder

# Patches are not encoded in the shared batch of searches, which they must not crowd out.
_looking = BoundedSemaphore(1)
_MOST_SECONDS_WAITING = 5.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """`sees`: whether the encoder says what it sees where; without that there is no box."""

    box: Rectangle | None
    encoder: str
    sees: bool


@dataclass(frozen=True, slots=True)
class Why:
    """What a query photo and the nearest photo of a product have in common; `agreement` None where
    the encoder cannot say.
    """

    photo: ProductImage
    encoder: str
    agreement: Agreement | None
    query_area: Area | None = None
    match_area: Area | None = None


def propose_box(photo: Image.Image) -> Proposal:
    """Where the product in a photo may be.

    Raises:
        NoActiveEncoder, Busy, EncoderError: as `search`.
    """
    encoder = active_encoder()
    loaded = encoder_for(encoder.key)
    if not loaded.sees_patches:
        return Proposal(None, encoder.key, sees=False)
    with _turn():
        patches = loaded.encode_patches(photo, whole=True)
    return Proposal(foreground(patches), encoder.key, sees=True)


def sees_patches(encoder: str | None) -> bool:
    """Whether the encoder of this key can say why it found what it found. Loads nothing."""
    return encoder is not None and encoder_for(encoder).sees_patches


def why_matched(*, photo: Image.Image, product: Product) -> Why | None:
    """What a photo has in common with the nearest photo of a product; None where a search with it
    finds no photo of that product.

    Raises:
        NoActiveEncoder, Busy, EncoderError: as `search`.
    """
    encoder = active_encoder()
    image = _nearest_photo(encoder, photo, product)
    if image is None:
        return None
    loaded = encoder_for(encoder.key)
    if not loaded.sees_patches:
        return Why(image, encoder.key, None)
    try:
        stored = read_stored(
            image.file.storage, str(image.file.name), image.digest, 2 * loaded.input_side
        )
    except (PhotoUnreadable, StorageTrouble) as error:
        raise EncoderError("The product's photo cannot be read at the moment.") from error
    with _turn():
        query = loaded.encode_patches(photo, whole=True)
        match = loaded.encode_patches(stored, whole=True)
    return Why(image, encoder.key, agree(query, match), query.area, match.area)


def _nearest_photo(encoder: Encoder, photo: Image.Image, product: Product) -> ProductImage | None:
    vector = shared_batch_for(encoder.key).encode_image(photo)
    nearest = (
        photos_by_distance(encoder, vector, Filters())
        .filter(image__product=product)
        .select_related("image")
        .order_by("distance", "image__position", "image")
        .first()
    )
    found: ProductImage | None = nearest.image if nearest else None
    return found


@contextmanager
def _turn() -> Iterator[None]:
    if not _looking.acquire(timeout=_MOST_SECONDS_WAITING):
        raise Busy("Too many photos are being looked at.")
    try:
        yield
    finally:
        _looking.release()
