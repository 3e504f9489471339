"""Books the demo's stock through the ledger. Run again, it finds everything booked."""

import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from accounts.roles import STORE_CLERK
from products.models import Product
from retailvision.demo.stock import STORES, WAREHOUSE, DemoStore, StockPlan, plan_stock
from stores import ledger
from stores.low_stock import flag_low_stock, set_reorder_point
from stores.models import StockLevel, Store, Transfer

# Each booking has a key of its own, so that a run which was killed is gone on with.
_KEY = "demo-stock"
_AT_ONCE = 500


def stock_the_shop(*, actor: Any, folder: Path, skus: list[str]) -> dict[str, str]:
    """Stores, their clerks, and what they hold; `{log-in: password}` of the clerks.

    What somebody has changed in the demo since stays as it is: only what is missing is made.
    """
    passwords = {each.clerk: _clerk(each, folder) for each in STORES}
    plan = plan_stock(skus)
    stores = {each.code: _store(each) for each in STORES}
    if _is_new(actor):
        products = {product.sku: product for product in Product.objects.filter(sku__in=skus)}
        _book(actor, stores, products, plan)
    return passwords


def summary() -> str:
    """What there is, in a line."""
    return (
        f"{Store.objects.count()} stores, {StockLevel.objects.filter(quantity__gt=0).count()} levels,"
        f" {StockLevel.objects.low().count()} to reorder,"
        f" {Transfer.objects.on_the_way().count()} transfer on the way"
    )


def _is_new(actor: Any) -> bool:
    """Whether the last booking of a plan, whatever its products, was never made."""
    booked = actor.stock_operations.filter(idempotency_key__startswith=_KEY)
    return not booked.filter(idempotency_key__endswith="-sent").exists()


def _book(
    actor: Any, stores: dict[str, Store], products: dict[str, Product], plan: StockPlan
) -> None:
    # Another number of products is another plan.
    key = f"{_KEY}-{len(products)}"

    def lines(pieces: dict[str, int]) -> list[tuple[Product, int]]:
        return [(products[sku], number) for sku, number in pieces.items()]

    for code, pieces in plan.received.items():
        received = lines(pieces)
        for start in range(0, len(received), _AT_ONCE):
            ledger.receive(
                actor=actor,
                store=stores[code],
                lines=received[start : start + _AT_ONCE],
                reference="opening stock",
                idempotency_key=f"{key}-received-{code}-{start}",
            )
    for code, receipt, pieces in plan.sold:
        ledger.sell(
            actor=get_user_model().objects.get(username=_of(code).clerk),
            store=stores[code],
            lines=lines(pieces),
            reference=receipt,
            idempotency_key=f"{key}-sold-{receipt}",
        )
    for code, points in plan.reorder_points.items():
        for sku, point in points.items():
            set_reorder_point(
                actor=actor, store=stores[code], product=products[sku], reorder_point=point
            )
    target, pieces = plan.sent
    if pieces:
        ledger.dispatch_transfer(
            actor=actor,
            source=stores[WAREHOUSE],
            destination=stores[target],
            lines=lines(pieces),
            reference="refill",
            idempotency_key=f"{key}-sent",
        )
    flag_low_stock()


def _of(code: str) -> DemoStore:
    return next(each for each in STORES if each.code == code)


def _store(each: DemoStore) -> Store:
    store, is_new = Store.objects.get_or_create(
        code=each.code,
        defaults={
            "name": each.name,
            "address": each.address,
            "opening_hours": each.opening_hours,
            "latitude": each.latitude,
            "longitude": each.longitude,
            "is_public": each.code != WAREHOUSE,
        },
    )
    if is_new:
        store.staff.add(get_user_model().objects.get(username=each.clerk))
    return store


def _clerk(each: DemoStore, folder: Path) -> str:
    """A clerk's log-in, in the role of clerks; its password is made once and kept."""
    user, is_new = get_user_model().objects.get_or_create(
        username=each.clerk, defaults={"is_staff": True}
    )
    if is_new:
        user.groups.add(*Group.objects.filter(name=STORE_CLERK))
    return keep_password(user, folder)


def keep_password(user: Any, folder: Path) -> str:
    """The password of a demo's log-in, made once and kept beside the database."""
    path = folder / f"{user.username}-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    password = path.read_text().strip()
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return password
