"""The index and the exact scan give the same products, filtered or not."""

import numpy as np
import pytest
from django.db import connection

from products.models import Category, Product, ProductImage
from recognition.filters import Filters
from recognition.models import Encoder, ImageEmbedding
from recognition.nearest import nearest_products
from recognition.vector_index import drop_index, ensure_index, index_is_valid

pytestmark = pytest.mark.django_db

PRODUCTS, PHOTOS = 400, 3


def unit(rng: np.random.Generator, n: int, dimension: int) -> np.ndarray:
    vectors = rng.normal(size=(n, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def crowd(encoder: Encoder) -> np.ndarray:
    """400 products in 100 categories of 4, each with 3 photos near each other."""
    rng = np.random.default_rng(7)
    categories = [Category.objects.at_path(f"Shop/Shelf {n:03d}") for n in range(100)]
    products = Product.objects.bulk_create(
        [
            Product(sku=f"C{n}", name=f"Crowd {n}", category=categories[n % 100])
            for n in range(PRODUCTS)
        ]
    )
    centres = np.repeat(unit(rng, PRODUCTS, encoder.dimension), PHOTOS, axis=0)
    vectors = centres + 0.3 * unit(rng, PRODUCTS * PHOTOS, encoder.dimension)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    images = ProductImage.objects.bulk_create(
        [
            ProductImage(
                product=products[i // PHOTOS], file=f"x/{i}.jpg", digest=f"{i:064x}",
                source_digest=f"{i:064x}", width=9, height=9,
            )
            for i in range(PRODUCTS * PHOTOS)
        ]
    )  # fmt: skip
    drop_index(encoder)  # building one is faster than growing one
    ImageEmbedding.objects.bulk_create(
        [
            ImageEmbedding(
                image=image, encoder=encoder, digest=image.digest, state="ready", vector=vector
            )
            for image, vector in zip(images, vectors, strict=True)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        ensure_index(encoder)
        cursor.execute("ANALYZE")
    return vectors


def by_numpy(vectors: np.ndarray, query: np.ndarray, limit: int, keep=lambda _n: True) -> list[str]:
    best = (1 - vectors @ query).reshape(PRODUCTS, PHOTOS).min(axis=1)
    order = [int(n) for n in np.argsort(best) if keep(n)]
    return [f"C{n}" for n in order[:limit]]


def found(encoder: Encoder, query: np.ndarray, limit: int, filters: Filters) -> list[str]:
    hits = nearest_products(encoder, query, filters=filters, limit=limit)
    names = dict(Product.objects.values_list("pk", "sku"))
    assert [h.distance for h in hits] == sorted(h.distance for h in hits)
    return [names[hit.product_id] for hit in hits]


@pytest.mark.parametrize("exact_up_to", [10**6, 0], ids=["exact", "index"])
@pytest.mark.parametrize("limit", [1, 10, 100])
def test_unfiltered(
    crowd: np.ndarray, encoder: Encoder, settings: object, exact_up_to: int, limit: int
) -> None:
    settings.SEARCH_EXACT_SCAN_PHOTOS = exact_up_to
    query = crowd[600] + 0.5 * unit(np.random.default_rng(1), 1, encoder.dimension)[0]
    query /= np.linalg.norm(query)
    expected = by_numpy(crowd, query, limit)
    got = found(encoder, query, limit, Filters())
    assert len(got) == limit
    overlap = len(set(got) & set(expected)) / limit
    assert overlap == 1 if exact_up_to else overlap >= 0.9


@pytest.mark.parametrize("exact_up_to", [10**6, 20_000, 0])
def test_a_filter_of_one_percent_returns_all_it_holds(
    crowd: np.ndarray, encoder: Encoder, settings: object, exact_up_to: int
) -> None:
    settings.SEARCH_EXACT_SCAN_PHOTOS = exact_up_to
    filters = Filters(category=Category.objects.all().find("Shop/Shelf 042"))
    for query in unit(np.random.default_rng(2), 5, encoder.dimension):
        got = found(encoder, query, 4, filters)
        assert got == by_numpy(crowd, query, 4, keep=lambda n: n % 100 == 42)


def test_asking_for_more_than_there_is_returns_what_there_is(
    crowd: np.ndarray, encoder: Encoder, settings: object
) -> None:
    settings.SEARCH_EXACT_SCAN_PHOTOS = 0
    filters = Filters(category=Category.objects.all().find("Shop/Shelf 042"))
    assert len(found(encoder, crowd[0], 100, filters)) == 4


def test_the_index_is_what_a_large_catalogue_is_read_by(
    crowd: np.ndarray, encoder: Encoder
) -> None:
    from recognition.nearest import photos_by_distance

    photos = photos_by_distance(encoder, crowd[0], Filters())
    rows = photos.order_by("distance").values_list("image__product", "distance")[:10]
    plan = rows.explain()
    assert f"embedding_hnsw_{encoder.pk}" in plan, plan


def test_queries_are_sent_unprepared_so_that_settings_count(db: None) -> None:
    connection.ensure_connection()
    assert connection.connection.prepare_threshold is None


def test_encoders_of_other_dimensions_live_side_by_side(
    crowd: np.ndarray, encoder: Encoder
) -> None:
    other = Encoder.objects.create(key="other:small:one", dimension=4, speaks_text=False)
    ensure_index(other)
    image = ProductImage.objects.first()
    ImageEmbedding.objects.create(
        image=image, encoder=other, digest=image.digest, state="ready", vector=[1, 0, 0, 0]
    )
    hits = nearest_products(other, np.array([1, 0, 0, 0]), filters=Filters(), limit=5)
    assert [(h.image_id, h.distance) for h in hits] == [(image.pk, 0.0)]
    assert len(nearest_products(encoder, crowd[0], filters=Filters(), limit=5)) == 5


def test_a_missing_index_is_seen_and_made_again(encoder: Encoder) -> None:
    assert index_is_valid(encoder)
    drop_index(encoder)
    assert not index_is_valid(encoder)
    ensure_index(encoder)
    assert index_is_valid(encoder)
