"""Every page of the admin answers, for every model."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from products.models import ImportRun, Product
from recognition.models import Encoder, FeatureMap, Finding, Sighting, SimilarityReport
from stores.ledger import dispatch_transfer
from stores.stocktaking import open_stocktake
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo, with_stock

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture(autouse=True)
def rows(encoder: Encoder) -> None:
    """At least one row of most models; the photo brings an embedding and a job of the queue."""
    from django.contrib.auth.models import Group

    image = with_photo(1, category_path="Home/Lamps", attributes={"colour": "red"})
    ProductFactory(merged_into=image.product)
    Group.objects.create(name="Clerks")
    ImportRun.objects.create(kind="products", file_name="catalogue.csv")
    Sighting.objects.create(
        source="stocktake", encoder=encoder, best_product=image.product, distance=0.1
    )
    Finding.objects.create(
        kind="unseen", fingerprint="x", encoder=encoder, product=image.product, score=1
    )
    FeatureMap.objects.create(
        encoder=encoder, seed=1, state="done", points=b"", finished_at=timezone.now()
    )
    SimilarityReport.objects.create(
        encoder=encoder, seed=1, state="done", finished_at=timezone.now()
    )
    _goods_in_two_stores(image.product)


def _goods_in_two_stores(product: Product) -> None:
    boss, store = StaffFactory(), StoreFactory()
    with_stock(store, product, 5)
    dispatch_transfer(actor=boss, source=store, destination=StoreFactory(), lines=[(product, 2)])
    open_stocktake(actor=boss, store=store)


def pages(model: type[Model]) -> list[str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    return [
        reverse(f"{name}_{page}", args=[model._default_manager.all()[0].pk])
        for page in ("change", "history", "delete")
        if model._default_manager.exists()
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_page_of_a_model_answers(admin_client: Client, model: type[Model]) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    listing = reverse(f"{name}_changelist")
    assert admin_client.get(listing).status_code == 200
    assert admin_client.get(listing, {"q": "lamp'\"%"}).status_code in {200, 302}
    request = admin_client.get(listing).wsgi_request
    model_admin = admin.site._registry[model]
    add = 200 if model_admin.has_add_permission(request) else 403
    assert admin_client.get(reverse(f"{name}_add")).status_code == add
    for page in pages(model):
        allowed = not page.endswith("/delete/") or model_admin.has_delete_permission(request)
        assert admin_client.get(page).status_code == (200 if allowed else 403), page


def test_the_rows_of_our_own_models_are_really_there() -> None:
    ours = {"accounts", "products", "recognition", "stores"}
    for model in MODELS:
        if model._meta.app_label in ours and model is not User:
            assert len(pages(model)) == 3, model


@pytest.mark.parametrize("name", ["index", "password_change", "logout"])
def test_the_other_pages_answer(admin_client: Client, name: str) -> None:
    url = reverse(f"admin:{name}")
    answer = admin_client.post(url) if name == "logout" else admin_client.get(url)
    assert answer.status_code == 200


def test_a_row_that_is_not_there_is_no_error(admin_client: Client) -> None:
    for model in MODELS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        answer = admin_client.get(reverse(f"{name}_change", args=["987654321"]))
        assert answer.status_code == 302, name


def test_customers_are_asked_to_log_in(client: Client) -> None:
    for model in MODELS:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


def test_the_log_in_works(client: Client) -> None:
    User.objects.create_superuser("boss", password="a long secret")
    assert client.get("/admin/login/").status_code == 200
    answer = client.post("/admin/login/?next=/admin/", {"username": "boss", "password": "wrong"})
    assert answer.status_code == 200
    answer = client.post(
        "/admin/login/?next=/admin/", {"username": "boss", "password": "a long secret"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("field", ["created_at", "pk", "store", "q", "o", "p"])
def test_an_odd_query_is_no_server_error(
    admin_client: Client, model: type[Model], field: str
) -> None:
    listing = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for key in (field, f"{field}__year", f"{field}__exact", f"{field}__gte"):
        for value in ("9" * 20, "'\"<b>", "-1", "é" * 300):
            assert admin_client.get(listing, {key: value}).status_code < 500, (key, value)
