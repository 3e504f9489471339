"""What is running out is flagged once, and listed with what is needed to reorder."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app

from products.merging import merge_product
from stores import ledger, tasks
from stores.low_stock import flag_low_stock, levels_became_low, reorder_list, set_reorder_point
from stores.models import StockLevel, StockOperation, Store
from stores.refusals import NotAllowed, Refusal
from tests.factories import ProductFactory, StoreFactory, clerk_of, with_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory()


@pytest.fixture
def clerk(store):
    return clerk_of(store)


@pytest.fixture
def product(store, clerk):
    """5 there, to be reordered at 3."""
    product = ProductFactory()
    ledger.receive(actor=clerk, store=store, lines=[(product, 5)])
    set_reorder_point(actor=clerk, store=store, product=product, reorder_point=3)
    return product


def sell(clerk, store, product, n) -> None:
    ledger.sell(actor=clerk, store=store, lines=[(product, n)])


def test_a_crossing_is_flagged_once(store, clerk, product) -> None:
    assert flag_low_stock() == []
    sell(clerk, store, product, 2)
    level = StockLevel.objects.get()
    assert flag_low_stock() == [level.pk]
    assert flag_low_stock() == []
    sell(clerk, store, product, 1)
    assert flag_low_stock() == []
    level.refresh_from_db()
    assert level.low_since is not None


def test_what_recovered_is_flagged_again_when_it_falls_again(store, clerk, product) -> None:
    sell(clerk, store, product, 2)
    assert len(flag_low_stock()) == 1
    ledger.receive(actor=clerk, store=store, lines=[(product, 1)])
    assert flag_low_stock() == []
    assert StockLevel.objects.get().low_since is None
    sell(clerk, store, product, 1)
    assert len(flag_low_stock()) == 1


@pytest.mark.parametrize("how", ["inactive", "closed", "merged", "no point"])
def test_what_is_not_reordered_is_not_flagged(store, clerk, product, how) -> None:
    sell(clerk, store, product, 3)
    assert len(flag_low_stock()) == 1
    if how == "inactive":
        product.is_active = False
        product.save()
    elif how == "closed":
        Store.objects.update(is_active=False)
    elif how == "merged":
        merge_product(product=product, into=ProductFactory(), actor=clerk)
    else:
        set_reorder_point(actor=clerk, store=store, product=product, reorder_point=None)
    assert flag_low_stock() == []
    assert not StockLevel.objects.exclude(low_since=None).exists()
    assert not reorder_list([store]).exists()


def test_listeners_hear_of_it_after_the_commit(
    store, clerk, product, django_capture_on_commit_callbacks
) -> None:
    heard: list[list[int]] = []

    def hear(level_ids: list[int], **_kwargs: object) -> None:
        heard.append(level_ids)

    levels_became_low.connect(hear)
    try:
        sell(clerk, store, product, 2)
        with django_capture_on_commit_callbacks(execute=True):
            flagged = flag_low_stock()
            assert heard == []
        flag_low_stock()
    finally:
        levels_became_low.disconnect(hear)
    assert heard == [flagged]


@pytest.mark.django_db(transaction=True)
def test_the_periodic_task_logs_the_newly_low(store, clerk, product, caplog) -> None:
    sell(clerk, store, product, 2)
    with caplog.at_level("INFO", "stores.tasks"):
        tasks.flag_low_levels(0)
        tasks.flag_low_levels(300)
    assert [record.getMessage() for record in caplog.records] == [
        f"Low: {product} in {store}, 3 left"
    ]


def test_the_worker_knows_the_task_and_runs_it_every_five_minutes() -> None:
    task = app.tasks["stores.flag_low_stock"]
    assert task.queueing_lock == "flag_low_stock"
    periodic = [each for each in app.periodic_registry.periodic_tasks.values() if each.task is task]
    assert [each.cron for each in periodic] == ["*/5 * * * *"]


def test_figures_of_the_reorder_list(store, clerk, product) -> None:
    other = StoreFactory()
    boss = clerk_of(store, other)
    ledger.receive(actor=boss, store=other, lines=[(product, 20)])
    sale = ledger.sell(actor=clerk, store=store, lines=[(product, 2)])
    sell(clerk, store, product, 2)
    ledger.reverse(actor=clerk, operation=sale.operation, reason="brought back")
    sell(clerk, store, product, 1)
    transfer = ledger.dispatch_transfer(
        actor=boss, source=other, destination=store, lines=[(product, 6)]
    )
    over = ledger.dispatch_transfer(
        actor=boss, source=other, destination=store, lines=[(product, 5)]
    )
    ledger.return_transfer(actor=boss, transfer=over, reason="wrong shop")
    level = reorder_list([store]).get()
    assert (level.quantity, level.missing, level.on_the_way, level.sold_recently) == (2, 1, 6, 3)
    ledger.receive_transfer(actor=clerk, transfer=transfer, lines=[(product, 1)])
    level = reorder_list([store]).get()
    assert (level.quantity, level.missing, level.on_the_way) == (3, 0, 5)
    assert not reorder_list([other]).exists()


def test_old_sales_do_not_count(store, clerk, product, monkeypatch) -> None:
    with monkeypatch.context() as past:
        long_ago = timezone.now() - timedelta(days=29)
        past.setattr(timezone, "now", lambda: long_ago)
        sell(clerk, store, product, 2)
    assert StockOperation.objects.filter(created_at__lte=long_ago).exists()
    assert reorder_list([store]).get().sold_recently == 0


@pytest.mark.parametrize("n", [10, 100])
def test_the_list_is_one_query(store, clerk, n) -> None:
    products = ProductFactory.create_batch(n)
    ledger.receive(actor=clerk, store=store, lines=[(each, 1) for each in products])
    StockLevel.objects.update(reorder_point=1)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        rows = [(level.store.name, level.product.name) for level in reorder_list([store])]
    assert (len(rows), len(queries)) == (n, 1)


@pytest.mark.parametrize("n", [10, 100])
def test_flagging_takes_as_many_queries_for_many(store, clerk, n) -> None:
    products = ProductFactory.create_batch(n)
    ledger.receive(actor=clerk, store=store, lines=[(each, 1) for each in products])
    StockLevel.objects.update(reorder_point=1)
    with CaptureQueriesContext(connection) as queries:
        assert len(flag_low_stock()) == n
    assert len(queries) == 5  # three, and a savepoint around


def test_a_reorder_point_can_be_set_before_there_is_stock(store, clerk) -> None:
    product = ProductFactory()
    level = set_reorder_point(actor=clerk, store=store, product=product, reorder_point=0)
    assert (level.quantity, level.reorder_point) == (0, 0)
    assert len(flag_low_stock()) == 1


@pytest.mark.parametrize("point", [-1, 1_000_001, 2**40])
def test_a_reorder_point_that_cannot_be_is_refused(store, clerk, product, point) -> None:
    with pytest.raises(Refusal, match="0 to 1000000"):
        set_reorder_point(actor=clerk, store=store, product=product, reorder_point=point)


def test_who_may_not_set_it_and_what_was_merged(store, clerk, product) -> None:
    with pytest.raises(NotAllowed):
        set_reorder_point(actor=clerk, store=StoreFactory(), product=product, reorder_point=1)
    merge_product(product=product, into=ProductFactory(), actor=clerk)
    with pytest.raises(Refusal, match="merged into"):
        set_reorder_point(actor=clerk, store=store, product=product, reorder_point=1)


def test_a_merged_product_gets_no_reorder_point_in_the_admin(admin_client) -> None:
    from django.urls import reverse

    store, product = StoreFactory(), ProductFactory(name="Old tea")
    level = with_stock(store, product, 1)
    ProductFactory._meta.model.objects.filter(pk=product.pk).update(merged_into=ProductFactory())
    form = {"store": store.pk, "product": product.pk, "reorder_point": 5}
    answer = admin_client.post(reverse("admin:stores_stocklevel_add"), form)
    assert "was merged into" in answer.content.decode()
    rows = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": level.pk,
        "form-0-reorder_point": 5,
        "initial-form-0-reorder_point": "",
        "_save": "Save",
    }
    assert admin_client.post(reverse("admin:stores_stocklevel_changelist"), rows).status_code < 500
    level.refresh_from_db()
    assert level.reorder_point is None
