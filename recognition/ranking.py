"""What a photo meets in the whole catalogue: the nearest products, and how near their photos are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from products.models import Category, Product
from recognition.confidence import Ranked
from recognition.confidence.ranked import by_nearest
from recognition.filters import Filters
from recognition.models import Encoder
from recognition.nearest import Hit, nearest_products, photos_by_distance

# How products are ranked and answers are judged. A calibration holds for its own scoring alone.
SCORING = "nearest-photo/1"
# Products that are looked at closely. Sets of look-alikes are never larger.
SHORTLIST = 20
# Photos looked at in all: of a product with hundreds of photos, its nearest tell enough.
_MOST_PHOTOS = SHORTLIST * 50


@dataclass(frozen=True, slots=True)
class Met:
    """A photo of the catalogue that is near to the one asked with."""

    product_id: int
    image_id: int
    distance: float


def meet(
    encoder: Encoder,
    vector: NDArray[np.float32],
    *,
    hits: Iterable[Hit] | None = None,
    products: int = SHORTLIST,
) -> list[Met]:
    """The photos of the nearest products, over all active ones. `hits` spares the search for those
    where it was made already.
    """
    if hits is None:
        hits = nearest_products(encoder, vector, filters=Filters(), limit=products)
    nearest = [hit.product_id for hit in hits][:products]
    rows = (
        photos_by_distance(encoder, vector, Filters())
        .filter(image__product__in=nearest)
        .order_by("distance", "image")
        .values_list("image__product", "image", "distance")[:_MOST_PHOTOS]
    )
    return [Met(*row) for row in rows]


def ranked(met: Iterable[Met]) -> Ranked:
    distances: dict[int, list[float]] = {}
    for each in met:
        distances.setdefault(each.product_id, []).append(each.distance)
    return by_nearest(distances)


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
