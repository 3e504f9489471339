"""What the page of a feature map draws: its points, and the products as they are now."""

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db import connection, transaction
from PIL import Image

from products.models import ProductImage
from recognition.evidence import heirs
from recognition.feature_map_vectors import Shown, category_names, shown_products
from recognition.filters import Filters
from recognition.loaded import shared_batch_for
from recognition.models import Encoder, FeatureMap
from recognition.nearest import photos_by_distance
from recognition.projection import place
from recognition.projection.placing import NEIGHBOURS
from stores.models import StockLevel, Store

# Nearest photos of the catalogue among which the nearest of the map are looked for; a map of a
# sample has not all of them.
_AMONG = 400


class CannotPlace(Exception):
    """A photo has no place on a map; the message says why."""


def current_points(feature_map: FeatureMap) -> tuple[Any, dict[int, Shown], int]:
    """The points whose product is still there, with their products as of today (photos may have
    moved, products may have been merged), the products, and how many points are gone.
    """
    return _with_products(feature_map, feature_map.read_points())


def points_between(
    feature_map: FeatureMap, first: int, last: int
) -> tuple[list[dict[str, Any]], int]:
    """Some of a map's points, as they were stored: `sku`, `image`, `x` and `y`, without those whose
    product is gone; and how many the map has in all.
    """
    every = feature_map.read_points()
    points, products, _gone = _with_products(feature_map, every[first:last])
    rows = [
        {
            "sku": products[int(point["product"])].sku,
            "image": int(point["image"]),
            "x": float(point["x"]),
            "y": float(point["y"]),
        }
        for point in points
    ]
    return rows, len(every)


def _with_products(feature_map: FeatureMap, points: Any) -> tuple[Any, dict[int, Shown], int]:
    points = points.copy()
    if feature_map.subject == FeatureMap.Subject.PHOTOS:
        rows = ProductImage.objects.filter(pk__in=points["image"].tolist())
        now = dict(rows.values_list("pk", "product"))
        owners = [now.get(image, 0) for image in points["image"].tolist()]
    else:
        into = heirs()
        owners = [into.get(product, product) for product in points["product"].tolist()]
    points["product"] = owners
    products = shown_products(set(owners) - {0})
    there = np.isin(points["product"], np.fromiter(products, dtype=np.int64, count=len(products)))
    return points[there], products, int((~there).sum())


def view_data(feature_map: FeatureMap) -> dict[str, Any]:
    """Columns, so that 20,000 points are a megabyte: numbers as base64 of little-endian arrays
    (`x`, `y` float32; `image`, `product`, `brand`, `category` int32; `first` int8), texts as lists.
    `product` of a point is a place in the products, `brand` and `category` of a product one in
    `brands` and `categories`. A product's `id` is that of the database.
    """
    points, products, gone = current_points(feature_map)
    names = category_names()
    rows = sorted(products.values(), key=lambda shown: shown.pk)
    row_ids = np.array([shown.pk for shown in rows], dtype=np.int64)
    brands = sorted({shown.brand for shown in rows})
    brand_at = {brand: at for at, brand in enumerate(brands)}
    paths = sorted({names.get(shown.category, ("", ""))[0] for shown in rows})
    path_at = {path: at for at, path in enumerate(paths)}
    return {
        "points": {
            "x": _packed(points["x"], "<f4"),
            "y": _packed(points["y"], "<f4"),
            "image": _packed(points["image"], "<i4"),
            "product": _packed(np.searchsorted(row_ids, points["product"]), "<i4"),
            "first": _packed(points["first"], "i1"),
        },
        "products": {
            "id": row_ids.tolist(),
            "sku": [shown.sku for shown in rows],
            "name": [shown.name for shown in rows],
            "brand": _packed([brand_at[shown.brand] for shown in rows], "<i4"),
            "category": _packed([path_at[names.get(s.category, ("", ""))[0]] for s in rows], "<i4"),
        },
        "brands": brands,
        "categories": paths,
        "gone": gone,
    }


def in_stock(stores: Any, store: Store | None = None) -> list[int]:
    """Products of which a store, or any of those stores, holds something, by one query."""
    levels = StockLevel.objects.filter(quantity__gt=0, store__in=stores)
    if store is not None:
        levels = levels.filter(store=store)
    return sorted(set(levels.values_list("product", flat=True)))


def place_photo(*, feature_map: FeatureMap, photo: Image.Image) -> dict[str, Any]:
    """About where a photo lies on a map: by the nearest points of the map, which are named too.

    Raises:
        CannotPlace: the encoder of the map is retired, or none of its points is near.
        EncoderError, Busy: the encoder cannot be used.
    """
    encoder = feature_map.encoder
    if encoder.state == Encoder.State.RETIRED:
        raise CannotPlace("retired")
    vector = shared_batch_for(encoder.key).encode_image(photo)
    points = feature_map.read_points()
    of_photos = feature_map.subject == FeatureMap.Subject.PHOTOS
    at = {key: n for n, key in enumerate(points["image" if of_photos else "product"].tolist())}
    nearest: dict[int, float] = {}
    for image, product, distance in _nearest_photos(encoder, vector):
        key = image if of_photos else product
        if key in at:
            nearest.setdefault(at[key], float(distance))
        if len(nearest) == NEIGHBOURS:
            break
    chosen = list(nearest)
    found = place(_positions(points[chosen]), list(nearest.values()))
    if found is None:
        raise CannotPlace("nothing")
    return {
        "x": found.x,
        "y": found.y,
        "spread": found.spread,
        "nearest": [
            {"image": int(points["image"][n]), "distance": round(distance, 4), "weight": weight}
            for (n, distance), weight in zip(nearest.items(), found.weights, strict=True)
        ],
    }


def _nearest_photos(encoder: Encoder, vector: Any) -> list[tuple[int, int, float]]:
    rows = photos_by_distance(encoder, vector, Filters()).order_by("distance")
    # As recognition.nearest does: the index alone would return far fewer.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('hnsw.ef_search', %s, true),"
            " set_config('hnsw.iterative_scan', 'relaxed_order', true)",
            [str(_AMONG)],
        )
        found = rows.values_list("image", "image__product", "distance")[:_AMONG]
        return sorted(found, key=lambda row: row[2])


def _positions(points: Any) -> Any:
    return np.stack([points["x"], points["y"]], axis=1)


def _packed(values: Iterable[int] | Any, kind: str) -> str:
    return base64.b64encode(np.asarray(values).astype(kind).tobytes()).decode()
