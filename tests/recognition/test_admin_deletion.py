"""A product goes with its photos and their states; states alone are not staff's to delete."""

import pytest
from django.test import Client
from django.urls import reverse

from products.models import Product, ProductImage
from recognition.embedding import embed_pending
from recognition.models import Encoder, ImageEmbedding
from tests.factories import with_photo

pytestmark = pytest.mark.django_db


def test_a_product_with_embedded_photos_can_be_deleted(
    encoder: Encoder, admin_client: Client
) -> None:
    product = with_photo(1).product
    embed_pending(encoder)
    url = reverse("admin:products_product_delete", args=[product.pk])
    page = admin_client.get(url)
    assert "permission to delete" not in page.content.decode()
    assert admin_client.post(url, {"post": "yes"}).status_code == 302
    assert not Product.objects.exists()
    assert not ProductImage.objects.exists()
    assert not ImageEmbedding.objects.exists()


def test_several_products_can_be_deleted_at_once(encoder: Encoder, admin_client: Client) -> None:
    products = [with_photo(n).product.pk for n in range(3)]
    url = reverse("admin:products_product_changelist")
    data = {"action": "delete_selected", "_selected_action": products, "post": "yes"}
    assert admin_client.post(url, data).status_code == 302
    assert not Product.objects.exists()


def test_a_state_alone_cannot_be_deleted(encoder: Encoder, admin_client: Client) -> None:
    with_photo(1)
    embedding = ImageEmbedding.objects.get()
    url = reverse("admin:recognition_imageembedding_delete", args=[embedding.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 403
    listing = admin_client.get(reverse("admin:recognition_imageembedding_changelist"))
    assert "delete_selected" not in listing.content.decode()
    assert ImageEmbedding.objects.exists()
