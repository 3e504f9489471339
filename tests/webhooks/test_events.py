"""Each type of event, by a real change, however it was written."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from products.merging import merge_product
from products.models import Product, ProductImage
from recognition.embedding import embed_pending
from recognition.models import Encoder, ImageEmbedding, Sighting
from stores.ledger import receive, reverse, sell
from stores.low_stock import flag_low_stock
from stores.models import StockLevel
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo, with_stock
from tests.webhooks.receiver import Receiver
from webhooks.delivering import deliver_due
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

pytestmark = pytest.mark.django_db(transaction=True)


def told(site: Receiver, endpoint: WebhookEndpoint, event_type: str = "") -> list[Any]:
    """What arrived since, by type; the slate is clean again afterwards."""
    deliver_due()
    found = site.payloads(endpoint.secret)
    site.received.clear()
    return [
        each["data"]
        for each in sorted(found, key=lambda one: one["timestamp"])
        if each["type"] == event_type or not event_type
    ]


def test_a_new_product_in_the_form_of_the_standard(
    site: Receiver, endpoint: WebhookEndpoint, settings: Any
) -> None:
    settings.CURRENCY = "EUR"
    product = ProductFactory(
        sku="A-1", name="Lamp é", brand="Lux", price="12.50", barcode="4006381333931",
        category_path="Home/Lamps",
    )  # fmt: skip
    deliver_due()
    (received,) = site.received
    payload = received.verified(endpoint.secret)
    event = WebhookEvent.objects.get()
    assert payload == {
        "type": "product.changed",
        "timestamp": event.created_at.isoformat(),
        "data": {
            "sku": "A-1",
            "change": "created",
            "former_sku": None,
            "product": {
                "sku": "A-1", "name": "Lamp é", "brand": "Lux", "category": "Home/Lamps",
                "price": "12.50", "currency": "EUR", "barcode": product.barcode, "is_active": True,
                "merged_into": None, "photos": 0,
            },
        },
    }  # fmt: skip
    assert received.path == "/hook?a=1"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == f"127.0.0.1:{site.port}"
    assert received.headers["webhook-id"] == str(WebhookDelivery.objects.get().message_id)


def test_writes_past_every_signal_are_seen(site: Receiver, endpoint: WebhookEndpoint) -> None:
    first = ProductFactory(sku="A")
    told(site, endpoint)
    Product.objects.bulk_create(
        [Product(sku=f"B{n}", name="Bulk", category=first.category) for n in range(3)]
    )
    assert [each["change"] for each in told(site, endpoint)] == ["created"] * 3
    Product.objects.filter(sku__startswith="B").update(price=Decimal(5))
    assert {each["product"]["price"] for each in told(site, endpoint)} == {"5.00"}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE products_product SET sku = 'A2' WHERE sku = 'A'")
    (by_sql,) = told(site, endpoint)
    assert (by_sql["sku"], by_sql["former_sku"], by_sql["change"]) == ("A2", "A", "updated")
    Product.objects.filter(sku="B0").delete()
    (gone,) = told(site, endpoint)
    assert gone == {"sku": "B0", "change": "deleted", "former_sku": None, "product": None}


def test_what_no_partner_sees_is_no_event(site: Receiver, endpoint: WebhookEndpoint) -> None:
    product = ProductFactory()
    told(site, endpoint)
    product.save()  # only `updated_at` differs
    Product.objects.update(name=product.name)
    assert told(site, endpoint) == []


def test_five_changes_in_a_transaction_are_one_event(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    with transaction.atomic():
        product = ProductFactory(sku="A")
        for number in range(5):
            product.name = f"Name {number}"
            product.save()
        with_photo(1, product)
        other = ProductFactory(sku="B")
    assert WebhookEvent.objects.filter(type="product.changed").count() == 2
    first, second = told(site, endpoint, "product.changed")
    assert (first["change"], first["product"]["name"], first["product"]["photos"]) == (
        "created", "Name 4", 1,
    )  # fmt: skip
    assert second["sku"] == other.sku


def test_a_number_of_a_transaction_that_comes_again_swallows_nothing(
    site: Receiver, endpoint: WebhookEndpoint
) -> None:
    """In a database that was restored, transactions are counted from the beginning."""
    with transaction.atomic():
        product = ProductFactory(name="before")
        WebhookEvent.objects.update(expanded_at=timezone.now())  # as if it were of long ago
        Product.objects.filter(pk=product.pk).update(name="after")
    (data,) = told(site, endpoint)
    assert (data["change"], data["product"]["name"]) == ("updated", "after")


def test_a_rollback_leaves_no_event(site: Receiver, endpoint: WebhookEndpoint) -> None:
    with transaction.atomic():
        ProductFactory()
        transaction.set_rollback(True)
    with transaction.atomic():
        product = ProductFactory(sku="KEPT", name="before")
        savepoint = transaction.savepoint()
        product.name = "taken back"
        product.save()
        ProductFactory(sku="LOST")
        transaction.savepoint_rollback(savepoint)
    (kept,) = told(site, endpoint)
    assert kept["product"]["name"] == "before"


def test_photos_added_ordered_moved_and_removed(
    site: Receiver, endpoint: WebhookEndpoint, encoder: Encoder
) -> None:
    image = with_photo(1, ProductFactory(sku="A"))
    other = ProductFactory(sku="B")
    told(site, endpoint)
    second = with_photo(2, image.product)
    (added,) = told(site, endpoint, "product.changed")
    assert (added["sku"], added["change"], added["product"]["photos"]) == ("A", "photos", 2)
    ProductImage.objects.filter(pk=second.pk).update(position=9)
    assert [each["change"] for each in told(site, endpoint)] == ["photos"]
    ProductImage.objects.filter(pk=second.pk).update(product=other)
    moved = told(site, endpoint)
    assert sorted((each["sku"], each["product"]["photos"]) for each in moved) == [
        ("A", 1), ("B", 1),
    ]  # fmt: skip
    second.delete()
    assert [each["sku"] for each in told(site, endpoint, "product.changed")] == ["B"]
    image.product.delete()  # takes its photo along
    (gone,) = told(site, endpoint, "product.changed")
    assert (gone["sku"], gone["change"]) == ("A", "deleted")


def test_a_merge_tells_of_both(site: Receiver, endpoint: WebhookEndpoint) -> None:
    product, heir = with_photo(1, ProductFactory(sku="OLD")).product, ProductFactory(sku="HEIR")
    told(site, endpoint)
    merge_product(product=product, into=heir, actor=StaffFactory())
    changes = {each["sku"]: each for each in told(site, endpoint, "product.changed")}
    assert changes["OLD"]["product"]["merged_into"] == "HEIR"
    assert changes["HEIR"]["product"]["photos"] == 1


def test_an_import_tells_of_what_it_changed(
    site: Receiver, endpoint: WebhookEndpoint, tmp_path: Path
) -> None:
    table = tmp_path / "catalogue.csv"
    table.write_text("sku,name,category\nA,One,Home\nB,Two,Home\n")
    call_command("import_catalogue", table, images=tmp_path)
    assert sorted(each["sku"] for each in told(site, endpoint)) == ["A", "B"]
    table.write_text("sku,name,category\nA,One,Home\nB,Other,Home\n")
    call_command("import_catalogue", table, images=tmp_path)
    (changed,) = told(site, endpoint)
    assert (changed["sku"], changed["product"]["name"]) == ("B", "Other")


def test_a_photo_that_is_ready_and_one_that_failed(
    site: Receiver, endpoint: WebhookEndpoint, encoder: Encoder
) -> None:
    good, bad = with_photo(1, ProductFactory(sku="GOOD")), with_photo(2, ProductFactory(sku="BAD"))
    bad.file.storage.delete(bad.file.name)
    told(site, endpoint)
    embed_pending(encoder)
    (ready,) = [each for each in told(site, endpoint) if each.get("state") == "ready"]
    assert ready == {"sku": "GOOD", "photo": good.pk, "state": "ready", "reason": ""}
    delivery = WebhookDelivery.objects.get(type="photo.failed")
    assert '"sku":"BAD"' in delivery.body
    assert "missing from the storage" in delivery.body


def test_filling_another_encoder_tells_nobody(
    site: Receiver, endpoint: WebhookEndpoint, encoder: Encoder
) -> None:
    image = with_photo(1)
    told(site, endpoint)
    building = Encoder.objects.create(
        key="pixel:grid:64", dimension=3, speaks_text=False, state="building"
    )
    row = ImageEmbedding.objects.create(image=image, encoder=building, digest=image.digest)
    ImageEmbedding.objects.filter(pk=row.pk).update(state="failed", reason="whatever")
    assert not WebhookEvent.objects.filter(type__startswith="photo.", expanded_at=None).exists()


def test_each_movement_is_told(site: Receiver, endpoint: WebhookEndpoint) -> None:
    boss, store, product = StaffFactory(), StoreFactory(code="ALT"), ProductFactory(sku="A")
    told(site, endpoint)
    booking = receive(actor=boss, store=store, lines=[(product, 10)])
    (received,) = told(site, endpoint)
    movement = booking.movements[0]
    assert received == {
        "store": "ALT", "sku": "A", "delta": 10, "level": 10, "movement": movement.pk,
        "kind": "receive", "operation": booking.operation.pk,
        "booked_at": booking.operation.created_at.isoformat(),
    }  # fmt: skip
    sold = sell(actor=boss, store=store, lines=[(product, 3)])
    reverse(actor=boss, operation=sold.operation, reason="taken back")
    assert [(e["kind"], e["delta"], e["level"]) for e in told(site, endpoint)] == [
        ("sell", -3, 7), ("reverse", 3, 10),
    ]  # fmt: skip


def test_low_stock_is_told_once(site: Receiver, endpoint: WebhookEndpoint) -> None:
    level = with_stock(StoreFactory(code="ALT"), ProductFactory(sku="A"), 4)
    StockLevel.objects.filter(pk=level.pk).update(reorder_point=5)
    told(site, endpoint)
    flag_low_stock()
    assert told(site, endpoint) == [{"store": "ALT", "sku": "A", "level": 4, "reorder_point": 5}]
    flag_low_stock()
    assert told(site, endpoint) == []


def test_a_query_by_photo_is_told_without_the_photo(
    site: Receiver, endpoint: WebhookEndpoint, encoder: Encoder
) -> None:
    product = ProductFactory(sku="A")
    told(site, endpoint)
    sighting = Sighting.objects.create(
        encoder=encoder, source=Sighting.Source.API, verdict="match", best_product=product,
        distance=0.25, margin=0.1,
    )  # fmt: skip
    assert told(site, endpoint) == [
        {
            "verdict": "match", "sku": "A", "distance": 0.25, "encoder": encoder.key,
            "asked_at": sighting.created_at.isoformat(), "source": "api", "store": None,
            "sighting": None,
        }
    ]  # fmt: skip


def test_nobody_wants_it_so_nothing_is_written(endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(events=["stock.low"])
    ProductFactory()
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    ("event_type", "subject"),
    [
        ("photo.failed", {}),
        ("photo.ready", {"photo": "one", "reason": ""}),
        ("photo.ready", {"photo": 10**30, "reason": ""}),
        ("photo.failed", {"photo": {"a": 1}, "reason": ""}),
        ("stock.low", {"store": 1}),
        ("stock.low", []),
        ("product.changed", {"sku": "A"}),
        ("product.changed", "text"),
    ],
    ids=str,
)
def test_a_malformed_row_holds_up_nobody(
    event_type: str, subject: Any, site: Receiver, endpoint: WebhookEndpoint,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    bad = WebhookEvent.objects.create(type=event_type, subject_id=1, subject=subject)
    ProductFactory(sku="AFTER")
    assert [each["sku"] for each in told(site, endpoint)] == ["AFTER"]
    bad.refresh_from_db()
    assert bad.expanded_at is not None
    assert f"Webhook event {bad} is malformed" in caplog.text
