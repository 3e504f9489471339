"""What a partner is told of an event: as Standard Webhooks has it, and thin. What else there is to
know of a product is asked by the API.

A payload is made for one owner. What that account may not see is not in it; where it may see
nothing of an event, there is none.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count

from products import policy
from products.models import Product, ProductImage
from products.models.category import full_names
from recognition.models import Sighting
from stores.actions import Action
from stores.models import StockMovement, Store
from stores.policy import stores_with_ledger
from stores.refusals import NotAllowed
from webhooks.event_types import VIEW_ALL_SIGHTINGS, EventType, may_be_told
from webhooks.models import WebhookEvent

Data = dict[str, Any]


def as_body(event: WebhookEvent, data: Data) -> str:
    """The text that is signed and sent, the same in every attempt."""
    payload = {"type": event.type, "timestamp": event.created_at.isoformat(), "data": data}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


class Owner:
    """An account that endpoints belong to, and what it may see; asked once for many events."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._told: dict[str, bool] = {}

    def may_be_told(self, event_type: str) -> bool:
        if event_type not in self._told:
            self._told[event_type] = may_be_told(self.user, event_type)
        return self._told[event_type]

    @cached_property
    def stores(self) -> frozenset[int]:
        """Those whose stock it sees."""
        stores = Store.objects.where_may(self.user, Action.VIEW)
        return frozenset(stores.values_list("pk", flat=True))

    @cached_property
    def ledgers(self) -> frozenset[int]:
        """The stores whose movements it may read."""
        try:
            return frozenset(stores_with_ledger(self.user).values_list("pk", flat=True))
        except NotAllowed:
            return frozenset()

    @cached_property
    def sees_unpublished(self) -> bool:
        return policy.sees_unpublished(self.user)

    @cached_property
    def sees_all_sightings(self) -> bool:
        return bool(self.user.has_perm(VIEW_ALL_SIGHTINGS))


@dataclass(slots=True)
class Subjects:
    """The rows that a batch of events is about, by id; what is gone by now is not in it."""

    products: dict[int, Any] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)
    movements: dict[int, StockMovement] = field(default_factory=dict)
    photos: dict[int, ProductImage] = field(default_factory=dict)
    sightings: dict[int, Sighting] = field(default_factory=dict)
    stores: dict[int, Store] = field(default_factory=dict)


# What a payload is made of, where a trigger writes it.
_DETAILS: dict[str, dict[str, type]] = {
    EventType.PRODUCT_CHANGED: {"sku": str, "change": str},
    EventType.PHOTO_READY: {"photo": int, "reason": str},
    EventType.PHOTO_FAILED: {"photo": int, "reason": str},
    EventType.STOCK_LOW: {"store": int, "product": int, "level": int, "reorder_point": int},
}
_BIGGEST_ID = 2**63 - 1


def is_whole(event: WebhookEvent) -> bool:
    """Whether an event holds what is told of its type: somebody may have written it by hand."""
    needed = _DETAILS.get(event.type, {})
    return isinstance(event.subject, dict) and all(
        _is_a(event.subject.get(name), kind) for name, kind in needed.items()
    )


def _is_a(value: Any, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int) and abs(value) <= _BIGGEST_ID
    return isinstance(value, kind)


def load_subjects(events: Iterable[WebhookEvent]) -> Subjects:
    """By one query for each kind of row, however many events there are. All are whole."""
    ids: dict[str, set[int]] = {}
    for event in events:
        ids.setdefault(event.type, set()).add(event.subject_id)
    subjects = Subjects()
    low = [event.subject for event in events if event.type == EventType.STOCK_LOW]
    products = ids.get(EventType.PRODUCT_CHANGED, set()) | {each["product"] for each in low}
    if products:
        rows = Product.objects.filter(pk__in=products).select_related("category", "merged_into")
        subjects.products = {each.pk: each for each in rows.annotate(photos=Count("images"))}
        subjects.categories = full_names({each.category for each in subjects.products.values()})
    if movements := ids.get(EventType.STOCK_CHANGED):
        moved = StockMovement.objects.select_related("store", "product", "operation")
        subjects.movements = moved.in_bulk(movements)
    if low:
        subjects.stores = Store.objects.in_bulk({each["store"] for each in low})
    photos = {
        event.subject["photo"]
        for event in events
        if event.type in {EventType.PHOTO_READY, EventType.PHOTO_FAILED}
    }
    if photos:
        subjects.photos = ProductImage.objects.select_related("product").in_bulk(photos)
    if sightings := ids.get(EventType.RECOGNISED):
        seen = Sighting.objects.select_related("best_product", "encoder", "store").defer("vector")
        subjects.sightings = seen.in_bulk(sightings)
    return subjects


def data_for(event: WebhookEvent, subjects: Subjects, owner: Owner) -> Data | None:
    """What an owner is told; None: nothing."""
    if not owner.may_be_told(event.type):
        return None
    return _MAKERS[event.type](event, subjects, owner)


def _product_changed(event: WebhookEvent, subjects: Subjects, owner: Owner) -> Data | None:
    product = subjects.products.get(event.subject_id)
    change = event.subject["change"]
    if product is not None and not (product.is_active or owner.sees_unpublished):
        # What they saw before is gone for them; what was made and hidden at once never was there.
        if not event.subject.get("withdrawn") or change == "created":
            return None
        product, change = None, "withdrawn"
    return {
        "sku": event.subject["sku"],
        "change": change,
        "former_sku": event.subject.get("former_sku"),
        "product": None if product is None else _product(product, subjects),
    }


def _product(product: Any, subjects: Subjects) -> Data:
    return {
        "sku": product.sku,
        "name": product.name,
        "brand": product.brand,
        "category": subjects.categories[product.category_id],
        "price": None if product.price is None else str(product.price),
        "currency": settings.CURRENCY,
        "barcode": product.barcode,
        "is_active": product.is_active,
        "merged_into": product.merged_into.sku if product.merged_into else None,
        "photos": product.photos,
    }


def _photo(event: WebhookEvent, subjects: Subjects, owner: Owner) -> Data | None:
    photo = subjects.photos.get(event.subject["photo"])
    if photo is None or not (photo.product.is_active or owner.sees_unpublished):
        return None
    return {
        "sku": photo.product.sku,
        "photo": photo.pk,
        "state": event.type.removeprefix("photo."),
        "reason": event.subject["reason"],
    }


def _stock_changed(event: WebhookEvent, subjects: Subjects, owner: Owner) -> Data | None:
    movement = subjects.movements.get(event.subject_id)
    if movement is None or movement.store_id not in owner.stores:
        return None
    # What was done is the ledger's; that there is so much now is seen by all who see the level.
    reads_ledger = movement.store_id in owner.ledgers
    return {
        "store": movement.store.code,
        "sku": movement.product.sku,
        "delta": movement.delta,
        "level": movement.level_after,
        "movement": movement.pk,
        "kind": movement.kind if reads_ledger else None,
        "operation": movement.operation_id if reads_ledger else None,
        "booked_at": movement.operation.created_at.isoformat(),
    }


def _stock_low(event: WebhookEvent, subjects: Subjects, owner: Owner) -> Data | None:
    product = subjects.products.get(event.subject["product"])
    store = subjects.stores.get(event.subject["store"])
    if product is None or store is None or store.pk not in owner.stores:
        return None
    return {
        "store": store.code,
        "sku": product.sku,
        "level": event.subject["level"],
        "reorder_point": event.subject["reorder_point"],
    }


def _recognised(event: WebhookEvent, subjects: Subjects, owner: Owner) -> Data | None:
    sighting = subjects.sightings.get(event.subject_id)
    if sighting is None:
        return None
    is_own = sighting.user_id == owner.user.pk
    if not (is_own or owner.sees_all_sightings):
        return None
    sees_store = sighting.store is not None and (is_own or sighting.store_id in owner.stores)
    return {
        "verdict": sighting.verdict or None,
        "sku": sighting.best_product.sku if sighting.best_product else None,
        "distance": sighting.distance,
        "asked_at": sighting.created_at.isoformat(),
        "encoder": sighting.encoder.key,
        "source": sighting.source,
        "store": sighting.store.code if sighting.store and sees_store else None,
        # Who holds it may say what the photo was: whoever asked, and nobody else.
        "sighting": str(sighting.token) if is_own else None,
    }


_MAKERS: dict[str, Callable[[WebhookEvent, Subjects, Owner], Data | None]] = {
    EventType.PRODUCT_CHANGED: _product_changed,
    EventType.PHOTO_READY: _photo,
    EventType.PHOTO_FAILED: _photo,
    EventType.STOCK_CHANGED: _stock_changed,
    EventType.STOCK_LOW: _stock_low,
    EventType.RECOGNISED: _recognised,
}
