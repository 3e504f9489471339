"""How products are ranked for a photo, and what the photo meets in the whole catalogue."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from products.models import Category, Product
from recognition.confidence import Ranked, by_score
from recognition.filters import Filters
from recognition.models import Encoder, Scoring
from recognition.nearest import Hit, nearest_products, photos_by_distance
from recognition.product_scores import product_scores

# Products that are looked at closely. Sets of look-alikes are never larger.
SHORTLIST = 20
# Photos looked at in all: of a product with hundreds of photos, its nearest tell enough.
_MOST_PHOTOS = SHORTLIST * 50
# Where all photos of a product count, products are taken by their nearest photo first, this many
# times as many as are wanted and never fewer than this: who comes first by all of its photos and
# has not one among the nearest of so many products is not there (benchmarks/product_scores.py).
_WIDER, _LEAST_WIDE = 2, 100


def rank_products(
    encoder: Encoder, vector: NDArray[np.float32], *, filters: Filters, limit: int
) -> list[Hit]:
    """The `limit` products that are nearest to a unit vector of this encoder by its scoring, nearest
    first; each with its nearest photo and its distance by that scoring.
    """
    if encoder.scoring == Scoring.NEAREST:
        return nearest_products(encoder, vector, filters=filters, limit=limit)
    if limit < 1:
        return []
    wide = max(limit * _WIDER, _LEAST_WIDE)
    hits = nearest_products(encoder, vector, filters=filters, limit=wide)
    return _rescored(encoder, vector, hits)[:limit]


def rank_for_set(
    encoder: Encoder, vectors: Sequence[NDArray[np.float32]], *, filters: Filters, limit: int
) -> list[Hit]:
    """The `limit` products that are nearest to several photos of one thing, by the mean over these
    photos of the distance that each would have alone; each with the photo that is nearest to any.

    Not by the mean of the vectors: front and back of a package are near to different photos of its
    product, and their mean to neither. And a mean of distances is on the scale of one photo's.
    """
    wide = max(limit, _LEAST_WIDE)
    found = [rank_products(encoder, each, filters=filters, limit=wide) for each in vectors]
    # What is far from one of the photos still has a distance to it.
    wanted = sorted({hit.product_id for hits in found for hit in hits})
    each_far = [_far(encoder, vector, wanted) for vector in vectors]
    ranked = []
    for product in wanted:
        hits = [far[product] for far in each_far if product in far]
        if len(hits) == len(vectors):
            nearest = min(hits, key=lambda hit: (hit.distance, hit.image_id))
            mean = sum(hit.distance for hit in hits) / len(hits)
            ranked.append(Hit(product, nearest.image_id, mean))
    return sorted(ranked, key=lambda hit: (hit.distance, hit.product_id))[:limit]


def _far(encoder: Encoder, vector: NDArray[np.float32], products: Sequence[int]) -> dict[int, Hit]:
    """How far these products are from a vector by the encoder's scoring, with the nearest photo."""
    rows = (
        photos_by_distance(encoder, vector, Filters())
        .filter(image__product__in=products)
        .order_by("image__product", "distance", "image__position", "image")
        .distinct("image__product")
        .values_list("image__product", "image", "distance")
    )
    hits = [Hit(*row) for row in rows]
    if encoder.scoring != Scoring.NEAREST:
        hits = _rescored(encoder, vector, hits)
    return {hit.product_id: hit for hit in hits}


def meet(
    encoder: Encoder,
    vector: NDArray[np.float32],
    *,
    hits: Iterable[Hit] | None = None,
    products: int = SHORTLIST,
    without_image: int | None = None,
) -> Ranked:
    """The nearest products over all active ones, with the distances of their photos. `hits` spares
    the search where it was made already; `without_image` is taken for not there.
    """
    if hits is None:
        hits = rank_products(encoder, vector, filters=Filters(), limit=products)
    nearest = [hit.product_id for hit in hits][:products]
    rows = (
        photos_by_distance(encoder, vector, Filters())
        .filter(image__product__in=nearest)
        .order_by("distance", "image")
        .values_list("image__product", "image", "distance")[:_MOST_PHOTOS]
    )
    distances: dict[int, list[float]] = {}
    for product, image, distance in rows:
        if image != without_image:
            distances.setdefault(product, []).append(distance)
    if encoder.scoring == Scoring.NEAREST:
        return by_score(distances)
    scores = product_scores(encoder, vector, list(distances), without_image=without_image)
    return by_score({pk: each for pk, each in distances.items() if pk in scores}, scores)


def _rescored(encoder: Encoder, vector: NDArray[np.float32], hits: list[Hit]) -> list[Hit]:
    scores = product_scores(encoder, vector, [hit.product_id for hit in hits])
    # A product whose photos went away between the two queries is not there any more.
    rescored = [
        Hit(hit.product_id, hit.image_id, scores[hit.product_id])
        for hit in hits
        if hit.product_id in scores
    ]
    return sorted(rescored, key=lambda hit: (hit.distance, hit.product_id))


def category_chains(product_ids: Iterable[int] | None = None) -> Mapping[int, tuple[int, ...]]:
    """For each product (all of them without `product_ids`) its category and those above it."""
    products = Product.objects.order_by()
    if product_ids is not None:
        products = products.filter(pk__in=list(product_ids))
    rows = list(products.values_list("pk", "category__path"))
    step = Category.steplen
    above = {
        path: [path[:end] for end in range(len(path), 0, -step)]
        for path in {path for _pk, path in rows}
    }
    wanted = {each for paths in above.values() for each in paths}
    ids = dict(Category.objects.filter(path__in=wanted).values_list("path", "pk"))
    return {pk: tuple(ids[each] for each in above[path] if each in ids) for pk, path in rows}
