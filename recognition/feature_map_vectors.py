"""What a feature map is of: the vectors of photos, or of products as the middle of their photos."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from products.models import Category, Product
from recognition.models import Encoder, FeatureMap, ImageEmbedding

_ROWS_AT_ONCE = 500
OnRows = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Subjects:
    """Unit vectors (n, dimension), and of what each is; categories are leaves, by id."""

    vectors: NDArray[np.float32]
    images: NDArray[np.int64]
    products: NDArray[np.int64]
    categories: NDArray[np.int64]


def subjects_of(
    encoder: Encoder, subject: str, *, limit: int, seed: int, on_rows: OnRows
) -> tuple[Subjects, dict[str, int]]:
    """At most `limit` of those that a search may find, drawn by lot; and how many there are."""
    rows = ImageEmbedding.objects.findable(encoder.pk)
    of_products = subject == FeatureMap.Subject.PRODUCTS
    field = "image__product" if of_products else "pk"
    known = np.array(
        sorted(set(rows.order_by().values_list(field, flat=True))), dtype=np.int64
    )  # fmt: skip
    sample = {f"{subject}_of": len(known), "points": min(len(known), limit)}
    if len(known) > limit:
        chosen = np.random.default_rng(seed).permutation(known)[:limit]
        rows = rows.filter(**{f"{field}__in": chosen.tolist()})
    found = _rows(rows, encoder, on_rows)
    sample["photos"] = len(found.vectors)
    return (_middles(found) if of_products else found), sample


def _rows(rows: Any, encoder: Encoder, on_rows: OnRows) -> Subjects:
    total = rows.count()
    # One block that is filled: a list of rows beside it would take the memory twice.
    vectors = np.empty((total, encoder.dimension), dtype=np.float32)
    facts = np.empty((total, 3), dtype=np.int64)
    number = 0
    wanted = rows.order_by("image__product", "image__position", "image").values_list(
        "vector", "image", "image__product", "image__product__category"
    )
    for vector, *fact in wanted[:total].iterator(chunk_size=_ROWS_AT_ONCE):
        vectors[number] = np.asarray(vector, dtype=np.float32)
        facts[number] = fact
        number += 1
        if number % _ROWS_AT_ONCE == 0:
            on_rows(number, total)
    facts = facts[:number]
    return Subjects(vectors[:number], facts[:, 0], facts[:, 1], facts[:, 2])


def _middles(photos: Subjects) -> Subjects:
    """A product is the direction of the mean of its photos; its face stands for it."""
    starts = np.flatnonzero(np.diff(photos.products, prepend=-1))
    if not len(starts):
        return photos
    sums = np.add.reduceat(photos.vectors, starts, axis=0)
    # Photos that cancel each other out have no direction; the first one has.
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    flat = norms[:, 0] < 1e-6
    sums[flat], norms[flat] = photos.vectors[starts[flat]], 1
    return Subjects(
        sums / norms, photos.images[starts], photos.products[starts], photos.categories[starts]
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A product as the map names it."""

    pk: int
    sku: str
    name: str
    brand: str
    category: int


def shown_products(ids: set[int]) -> dict[int, Shown]:
    rows = Product.objects.filter(pk__in=ids).values_list("pk", "sku", "name", "brand", "category")
    return {row[0]: Shown(*row) for row in rows}


def category_names() -> dict[int, tuple[str, str]]:
    """`{category: (its whole path, the name at the top)}`, by one query."""
    step = Category.steplen
    rows = list(Category.objects.order_by("path").values_list("pk", "path", "name"))
    names: dict[int, tuple[str, str]] = {}
    for _top, branch in groupby(rows, key=lambda row: row[1][:step]):
        full: dict[str, str] = {}
        for pk, path, name in branch:
            above = full.get(path[:-step])
            full[path] = f"{above}/{name}" if above else name
            names[pk] = (full[path], full[path].split("/", 1)[0])
    return names
