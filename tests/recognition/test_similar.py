"""Products that look alike, and those that may be one product entered twice."""

import numpy as np
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from products.models import Product
from products.photos import add_photo
from recognition.embedding import embed_pending
from recognition.models import Encoder, ImageEmbedding
from recognition.similar import possible_duplicates, similar_products
from recognition.usual import usual_distances
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo, product_photo

pytestmark = pytest.mark.django_db


def panel(client: Client, product: Product, name: str) -> str:
    answer = client.get(reverse("admin:products_product_panel", args=[product.pk, name]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def reasons(product: Product) -> dict[str, tuple[str, ...]]:
    found, _usual = possible_duplicates(product)
    names = dict(Product.objects.values_list("pk", "sku"))
    return {names[each.product_id]: each.reasons for each in found}


def test_the_nearest_products_come_first_by_any_photo(encoder: Encoder) -> None:
    product = with_photo(1).product
    with_photo(2, product)
    twin = ProductFactory()
    add_photo(product=twin, data=phone_photo(2))
    others = [with_photo(seed).product for seed in range(10, 15)]
    embed_pending(encoder)
    found = similar_products(product, limit=3)
    assert found.seen
    assert found.hits[0].product_id == twin.pk
    assert len(found.hits) == 3
    assert [hit.distance for hit in found.hits] == sorted(hit.distance for hit in found.hits)
    assert product.pk not in {hit.product_id for hit in found.hits}
    assert {hit.product_id for hit in found.hits} <= {twin.pk, *(o.pk for o in others)}


def test_a_product_has_each_neighbour_once(encoder: Encoder) -> None:
    product, other = with_photo(1).product, with_photo(5).product
    for seed in (2, 3):
        with_photo(seed, product)
        with_photo(seed + 10, other)
    embed_pending(encoder)
    assert [hit.product_id for hit in similar_products(product).hits] == [other.pk]


def test_inactive_and_merged_products_are_left_out(encoder: Encoder) -> None:
    product = with_photo(1).product
    with_photo(2, ProductFactory(is_active=False))
    with_photo(3, ProductFactory(merged_into=product))
    embed_pending(encoder)
    assert similar_products(product).hits == []


def test_a_product_without_a_ready_photo_says_so(encoder: Encoder, admin_client: Client) -> None:
    product = with_photo(1).product
    found = similar_products(product)
    assert (found.hits, found.seen) == ([], False)
    assert "has not seen a photo of this product yet" in panel(admin_client, product, "similar")
    assert "has not seen a photo" in panel(admin_client, ProductFactory(), "duplicates")


def test_a_site_without_an_encoder_says_so(admin_client: Client) -> None:
    product = ProductFactory()
    assert "has not seen a photo" in panel(admin_client, product, "similar")
    assert usual_distances() is None


def test_the_same_photo_at_two_products_is_a_reason(encoder: Encoder) -> None:
    product = with_photo(1, sku="A").product
    with_photo(1, sku="B")
    with_photo(2, sku="C")
    assert reasons(product) == {"B": ("same_photo",)}
    embed_pending(encoder)
    assert reasons(product) == {"B": ("same_photo",)}


def test_the_same_name_and_brand_are_a_reason(encoder: Encoder) -> None:
    product = ProductFactory(sku="A", name="Desk lamp, 40 W", brand="Nord")
    ProductFactory(sku="B", name="DESK  Lamp 40 w", brand="nord")
    ProductFactory(sku="C", name="Desk lamp 40 W", brand="Acme")
    ProductFactory(sku="D", name="Desk lamp 60 W", brand="Nord")
    ProductFactory(sku="E", name="Desk lamp 40 W", brand="Nord", merged_into=product)
    assert reasons(product) == {"B": ("same_name",)}


def test_an_unusually_near_photo_is_a_reason(encoder: Encoder) -> None:
    product = with_photo(1, sku="A").product
    twin = ProductFactory(sku="B")
    add_photo(product=twin, data=phone_photo(1))
    for seed in range(100, 160):
        with_photo(seed)
    embed_pending(encoder)
    usual = usual_distances()
    assert usual is not None
    assert usual.sample == 62
    assert 0 < usual.share <= 0.05
    assert reasons(product) == {"B": ("near_photo",)}


def test_a_small_catalogue_does_not_tell_what_is_unusual(
    encoder: Encoder, admin_client: Client
) -> None:
    product = with_photo(1).product
    for seed in range(2, 8):
        with_photo(seed)
    embed_pending(encoder)
    assert usual_distances() is None
    assert "too few photos to tell" in panel(admin_client, product, "duplicates")


def test_what_is_usual_is_measured_once_and_for_each_encoder(encoder: Encoder) -> None:
    for seed in range(40):
        with_photo(seed)
    embed_pending(encoder)
    first = usual_distances()
    with CaptureQueriesContext(connection) as captured:
        assert usual_distances() == first
    assert len(captured) == 1
    ImageEmbedding.objects.all().delete()
    cache.clear()
    assert usual_distances() is None


def test_the_panels_link_and_offer_to_merge(encoder: Encoder, admin_client: Client) -> None:
    product, other = with_photo(1).product, with_photo(1, name="The other").product
    embed_pending(encoder)
    page = panel(admin_client, product, "duplicates")
    there = reverse("admin:products_product_change", args=[other.pk])
    here = reverse("admin:products_product_change", args=[product.pk])
    assert f'href="{there}"' in page
    assert f'href="{here}?merged_into={other.pk}"' in page
    assert "The very same photo" in page
    assert "The other" in panel(admin_client, product, "similar")


def test_panels_are_for_those_who_may_see_the_product(client: Client) -> None:
    product = ProductFactory()
    url = reverse("admin:products_product_panel", args=[product.pk, "similar"])
    assert client.get(url).status_code == 302
    from accounts.models import User

    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(url).status_code == 403


def test_a_panel_that_is_not_there_is_not_found(admin_client: Client) -> None:
    product = ProductFactory()
    for pk, name in ((product.pk, "nonsense"), (987654321, "similar")):
        url = reverse("admin:products_product_panel", args=[pk, name])
        assert admin_client.get(url).status_code == 404


def test_a_panel_costs_the_same_among_ten_and_a_hundred_products(
    encoder: Encoder, admin_client: Client
) -> None:
    product = with_photo(0).product

    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            panel(admin_client, product, name)
        return len(captured)

    rng = np.random.default_rng(3)
    for seed in rng.integers(1000, 9000, 14).tolist():
        with_photo(seed)
    embed_pending(encoder)
    few = cost("similar")
    for seed in rng.integers(10_000, 90_000, 60).tolist():
        with_photo(seed)
    embed_pending(encoder)
    assert cost("similar") == few


def test_the_sameness_of_bytes_is_of_bytes(encoder: Encoder) -> None:
    product = with_photo(1, sku="A").product
    other = ProductFactory(sku="B")
    add_photo(product=other, data=product_photo(1) + b"\0")
    # Other bytes arrived; what is stored of them is the same.
    assert reasons(product) == {"B": ("same_photo",)}
