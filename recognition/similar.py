"""Products that look like a product, and those that may be the same product twice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Lower
from numpy.typing import NDArray

from products.models import Product, ProductImage
from recognition.filters import Filters
from recognition.models import Encoder, ImageEmbedding
from recognition.nearest import Hit, nearest_products
from recognition.search import Result
from recognition.usual import MOST_PHOTOS, Usual, usual_distances
from stores.availability import shelves


@dataclass(frozen=True, slots=True)
class Similar:
    """Products nearest first; `seen` says whether any photo of the product itself was ready.
    `encoder` is whose distances these are.
    """

    hits: list[Hit]
    seen: bool
    encoder: Encoder | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A product that may be the same one, and why: `same_photo`, `same_name`, `near_photo`."""

    product_id: int
    reasons: tuple[str, ...]
    distance: float | None = None


def similar_products(product: Product, limit: int = 12) -> Similar:
    """The active products whose photos are nearest to any photo of this one."""
    encoder = Encoder.objects.active()
    vectors = _vectors(encoder, product) if encoder is not None else []
    if encoder is None or not vectors:
        return Similar([], seen=False, encoder=encoder)
    return Similar(_nearest(encoder, vectors, product.pk, limit), seen=True, encoder=encoder)


def found_similar(similar: Similar, *, stock: bool) -> list[Result]:
    """Similar products as the results of a search are."""
    hits = {hit.product_id: hit for hit in similar.hits}
    products = (
        Product.objects.select_related("category").prefetch_related("images").in_bulk(list(hits))
    )
    shelf = shelves(products) if stock else None
    results = []
    for pk, hit in hits.items():
        product = products.get(pk)
        if product is None:  # deleted a moment ago
            continue
        photo = next((each for each in product.images.all() if each.pk == hit.image_id), None)
        held = shelf[pk] if shelf is not None else None
        results.append(Result(product, ("photo",), hit.distance, photo or product.face, held))
    return results


def possible_duplicates(
    product: Product, similar: Similar | None = None
) -> tuple[list[Duplicate], Usual | None]:  # fmt: skip
    """Products that may be this one again, the surest reasons first, and what “near” was held
    against (None where the catalogue is too small to tell).
    """
    similar = similar or similar_products(product)
    # Of the encoder that measured the distances, also where another has become active meanwhile.
    usual = usual_distances(similar.encoder) if similar.encoder is not None else None
    near = {
        hit.product_id: hit.distance
        for hit in similar.hits
        if usual is not None and hit.distance <= usual.rare
    }
    reasons: dict[int, list[str]] = {}
    for name, ids in (
        ("same_photo", _with_the_same_photo(product)),
        ("same_name", _with_the_same_name(product)),
        ("near_photo", list(near)),
    ):
        for pk in ids:
            reasons.setdefault(pk, []).append(name)
    distances = {hit.product_id: hit.distance for hit in similar.hits}
    found = [Duplicate(pk, tuple(why), distances.get(pk)) for pk, why in reasons.items()]
    return sorted(found, key=_surest), usual


def _nearest(
    encoder: Encoder, vectors: Sequence[NDArray[np.float32]], product_id: int, limit: int
) -> list[Hit]:
    """Nearest products other than the given one to any of the vectors."""
    best: dict[int, Hit] = {}
    for vector in vectors:
        # One more, since the product itself is nearest of all.
        for hit in nearest_products(encoder, vector, filters=Filters(), limit=limit + 1):
            if hit.product_id == product_id:
                continue
            known = best.get(hit.product_id)
            if known is None or hit.distance < known.distance:
                best[hit.product_id] = hit
    return sorted(best.values(), key=lambda hit: (hit.distance, hit.product_id))[:limit]


def _vectors(encoder: Encoder, product: Product) -> list[NDArray[np.float32]]:
    rows = (
        ImageEmbedding.objects.ready()
        .filter(encoder=encoder, image__product=product)
        .order_by("image__position", "image")
        .values_list("vector", flat=True)[:MOST_PHOTOS]
    )
    return [_array(vector) for vector in rows]


def _array(vector: object) -> NDArray[np.float32]:
    return np.asarray(vector, dtype=np.float32)


def _with_the_same_photo(product: Product) -> list[int]:
    digests = [
        digest
        for row in ProductImage.objects.filter(product=product).values_list(
            "digest", "source_digest"
        )
        for digest in row
    ]
    same = ProductImage.objects.filter(Q(digest__in=digests) | Q(source_digest__in=digests))
    return list(
        same.exclude(product=product)
        .filter(product__merged_into=None)
        .order_by("product")
        .values_list("product", flat=True)
        .distinct()
    )


def plain_text(field: str | Value) -> Func:
    """Letters and digits in lower case, with single blanks between them."""
    return Func(
        Lower(field), Value(r"\W+"), Value(" "), Value("g"),
        function="REGEXP_REPLACE", output_field=TextField(),
    )  # fmt: skip


def _with_the_same_name(product: Product) -> list[int]:
    return list(
        Product.objects.filter(merged_into=None)
        .exclude(pk=product.pk)
        .annotate(plain_name=plain_text("name"), plain_brand=plain_text("brand"))
        .filter(
            plain_name=plain_text(Value(product.name)), plain_brand=plain_text(Value(product.brand))
        )
        .order_by("pk")
        .values_list("pk", flat=True)[:50]
    )


def _surest(duplicate: Duplicate) -> tuple[int, int, float, int]:
    order = ("same_photo", "same_name", "near_photo")
    first = min(order.index(reason) for reason in duplicate.reasons)
    far = 2.0 if duplicate.distance is None else duplicate.distance
    return first, -len(duplicate.reasons), far, duplicate.product_id
