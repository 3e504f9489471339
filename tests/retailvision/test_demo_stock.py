"""The demo's stores: booked through the ledger, once."""

from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client

from accounts.roles import ensure_roles
from retailvision.demo.stock import STORES, plan_stock
from retailvision.demo_stock import stock_the_shop
from stores.models import StockLevel, StockMovement, StockOperation, Store, Transfer
from tests.factories import ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db

SKUS = [f"D-{n:02d}" for n in range(30)]


@pytest.fixture
def boss():
    ensure_roles(apps)
    for sku in SKUS:
        ProductFactory(sku=sku)
    return StaffFactory(username="demo")


def everything() -> tuple[list, list, int, int]:
    return (
        list(StockLevel.objects.order_by("pk").values_list("quantity", "reorder_point")),
        list(Store.objects.order_by("code").values_list("code", "name")),
        StockOperation.objects.count(),
        Transfer.objects.count(),
    )


def test_the_plan_never_sells_or_sends_what_is_not_there() -> None:
    for number in (3, 12, 72):
        plan = plan_stock([f"P-{n}" for n in range(number)])
        left = {code: dict(held) for code, held in plan.received.items()}
        for code, _receipt, pieces in plan.sold:
            for sku, quantity in pieces.items():
                left[code][sku] -= quantity
        for sku, quantity in plan.sent[1].items():
            left["LAGER"][sku] -= quantity
        assert all(quantity >= 0 for held in left.values() for quantity in held.values())
        assert plan.sent[1]
        assert plan == plan_stock([f"P-{n}" for n in range(number)])


def test_the_shop_has_stock_sales_low_levels_and_a_transfer(boss, tmp_path: Path) -> None:
    stock_the_shop(actor=boss, folder=tmp_path, skus=SKUS)
    assert Store.objects.count() == 3
    assert all(store.latitude and store.opening_hours for store in Store.objects.all())
    assert StockMovement.objects.filter(kind="sell").count() >= 10
    assert StockLevel.objects.low().exists()
    assert Transfer.objects.on_the_way().count() == 1
    call_command("stock_audit")


def test_a_second_run_changes_nothing(boss, tmp_path: Path) -> None:
    passwords = stock_the_shop(actor=boss, folder=tmp_path, skus=SKUS)
    before = everything()
    level = StockLevel.objects.exclude(reorder_point=None).first()
    StockLevel.objects.filter(pk=level.pk).update(reorder_point=777)
    assert stock_the_shop(actor=boss, folder=tmp_path, skus=SKUS[:20]) == passwords
    level.refresh_from_db()
    assert level.reorder_point == 777
    StockLevel.objects.filter(pk=level.pk).update(reorder_point=before[0][0][1])
    assert everything()[1:] == before[1:]


def test_a_run_that_was_killed_is_gone_on_with(boss, tmp_path: Path, monkeypatch) -> None:
    from stores import ledger

    sell = ledger.sell
    calls = []

    def die(**kwargs: object) -> object:
        calls.append(1)
        if len(calls) == 4:
            raise InterruptedError
        return sell(**kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "sell", die)
        with pytest.raises(InterruptedError):
            stock_the_shop(actor=boss, folder=tmp_path, skus=SKUS)
    stock_the_shop(actor=boss, folder=tmp_path, skus=SKUS)
    plan = plan_stock(SKUS)
    assert StockMovement.objects.filter(kind="sell").count() == sum(
        len(pieces) for _code, _receipt, pieces in plan.sold
    )
    call_command("stock_audit")


def test_clerks_log_in_and_see_their_own_store(boss, tmp_path: Path, client: Client) -> None:
    passwords = stock_the_shop(actor=boss, folder=tmp_path, skus=SKUS)
    assert set(passwords) == {each.clerk for each in STORES}
    assert (tmp_path / "clerk-hafen-password").stat().st_mode & 0o777 == 0o600
    assert client.login(username="clerk-hafen", password=passwords["clerk-hafen"])
    answer = client.get("/admin/stores/store/")
    assert [store.code for store in answer.context["cl"].result_list] == ["HAFEN"]
