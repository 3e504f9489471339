"""The vectors that a similarity report compares: the catalogue's, and of photos that were asked with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from products.models import Product
from recognition.calibrating import Labelled
from recognition.evidence import heirs
from recognition.held_out_spaces import (
    HELD_OUT,
    IN_SAMPLE,
    MOST_PHOTOS,
    HeldOutSpaces,
    held_out_spaces,
)
from recognition.labelled_products import labelled_products
from recognition.loaded import shared_batch_for
from recognition.metrics import NO_PRODUCT, Photos
from recognition.models import Encoder, ImageEmbedding, Sighting
from recognition.query_photos import read_query_photo

# Numbers that are held of the catalogue, 100 MB: 20,000 vectors of 1280. Beyond that, products are
# drawn, each with all of its photos.
_MOST_NUMBERS = 25_600_000
# Reviewed sightings, the newest first.
_MOST_SIGHTINGS = 5000
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CatalogueFolds:
    """A catalogue's photos as adapters see them that were not learned from them; see
    `held_out_spaces`.
    """

    spaces: HeldOutSpaces
    products: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.spaces)

    def __iter__(self) -> Iterator[tuple[Photos, Photos]]:
        for space in self.spaces:
            yield (
                Photos.of(space.asked, self.products[space.held_out]),
                Photos.of(space.gallery, self.products[space.others]),
            )


def catalogue_sample(
    encoder: Encoder, rng: np.random.Generator
) -> tuple[Photos, CatalogueFolds | None, dict[str, Any]]:
    """The photos of the catalogue, or of as many products as there is room for, the same held out of
    the adapter if the encoder has one, and what was there.
    """
    most = max(1, _MOST_NUMBERS // encoder.dimension)
    if encoder.base_id is not None:
        most = min(most, MOST_PHOTOS)
    counts = list(
        ImageEmbedding.objects.findable(encoder.pk)
        .order_by("image__product")
        .values_list("image__product")
        .annotate(number=Count("pk"))
    )
    photos = sum(number for _product, number in counts)
    rows = ImageEmbedding.objects.findable(encoder.pk)
    if photos > most:
        chosen: list[int] = []
        room = most
        for at in rng.permutation(len(counts)):
            product, number = counts[at]
            # One that is larger than the whole room is cut, and stands alone.
            if number <= room or not chosen:
                chosen.append(product)
                room -= number
        rows = rows.filter(image__product__in=chosen)
    found = rows.order_by("image__product", "image").values_list(
        "vector", "image__product", "image"
    )[:most]
    vectors, products, images = _gathered(found.iterator(chunk_size=_ROWS_AT_ONCE), encoder)
    catalogue = Photos.of(vectors, products)
    sample: dict[str, Any] = {"photos_of": photos, "products_of": len(counts)}
    if encoder.base_id is None:
        return catalogue, None, sample
    spaces = held_out_spaces(encoder, images, catalogue.products)
    sample["adapter"] = HELD_OUT if spaces is not None else IN_SAMPLE
    folds = CatalogueFolds(spaces, catalogue.products) if spaces is not None else None
    return catalogue, folds, sample


def reviewed_sample(encoder: Encoder, catalogue: Photos) -> tuple[Photos, dict[str, int]]:
    """Photos of which people said what they show. Where the product is sold but not among those of
    the sample, the photo is left out: nothing could find it.

    An adapter may be learned from confirmed photos, but never from one that it was asked with: those
    here were seen by this very encoder, which was there before them.
    """
    there = set(catalogue.products.tolist())
    into, active = heirs(), _active_products()
    rows = (
        Sighting.objects.for_training()
        .filter(encoder=encoder)
        .order_by("-pk")
        .values_list("vector", "reviewed_product", "occasion")[:_MOST_SIGHTINGS]
    )
    vectors, products, audited, left_out = [], [], 0, 0
    for vector, reviewed, occasion in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        product = into.get(reviewed, reviewed)
        if product not in active:
            product = NO_PRODUCT
        elif product not in there:
            left_out += 1
            continue
        vectors.append(_array(vector))
        products.append(product)
        audited += occasion == Sighting.Occasion.AUDIT
    sample = {"sightings": len(vectors), "audited": audited, "sightings_left_out": left_out}
    return Photos.of(vectors, products), sample


def labelled_sample(
    encoder: Encoder, labelled: Labelled, catalogue: Photos
) -> tuple[Photos, dict[str, int]]:
    """Labelled photos, through the same eyes as everyone's.

    Raises:
        ValidationError: one of them is no photo that this site accepts.
        EncoderError: the encoder cannot be used.
    """
    there = set(catalogue.products.tolist())
    known = labelled_products(query.sku for query in labelled.queries).ids
    batch = shared_batch_for(encoder.key)
    vectors, products, left_out = [], [], 0
    for query in labelled.queries:
        product = known.get(query.sku, NO_PRODUCT)
        if product != NO_PRODUCT and product not in there:
            left_out += 1
            continue
        vectors.append(batch.encode_image(read_query_photo(labelled.read_photo(query.file))))
        products.append(product)
    return Photos.of(vectors, products), {"labelled": len(vectors), "labelled_left_out": left_out}


def together(one: Photos, other: Photos) -> Photos:
    if not len(one) or not len(other):
        return other if len(other) else one
    return Photos(
        np.concatenate([one.vectors, other.vectors]), np.concatenate([one.products, other.products])
    )


def _active_products() -> set[int]:
    return set(Product.objects.active().values_list("pk", flat=True))


def _gathered(rows: Any, encoder: Encoder) -> tuple[NDArray[np.float32], list[int], list[int]]:
    vectors, products, images = [], [], []
    for vector, product, image in rows:
        vectors.append(_array(vector))
        products.append(product)
        images.append(image)
    empty = np.empty((0, encoder.dimension), dtype=np.float32)
    return (np.stack(vectors) if vectors else empty), products, images


def _array(vector: object) -> NDArray[np.float32]:
    return np.asarray(vector, dtype=np.float32)
