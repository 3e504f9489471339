"""Stores and stock levels in the admin."""

import pytest
from django.urls import reverse

from stores import ledger
from stores.actions import Action
from stores.low_stock import set_reorder_point
from stores.models import StockLevel, Store
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    UserFactory,
    with_photo,
    with_stock,
)
from tests.stores.admin_pages import analyst, assert_constant, logged_in, staff_of

pytestmark = pytest.mark.django_db

STORES = reverse("admin:stores_store_changelist")
ADD = reverse("admin:stores_store_add")
LEVELS = reverse("admin:stores_stocklevel_changelist")


@pytest.fixture
def store():
    return StoreFactory(name="Altona")


def store_form(**fields: object) -> dict[str, object]:
    return {"code": "HH1", "name": "Hafen", "is_active": "on", **fields}


def change(obj: object, page: str = "change") -> str:
    meta = type(obj)._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=[obj.pk])


def list_form(*levels: StockLevel, points: dict[int, object], shown: dict | None = None) -> dict:
    """What the list of levels sends: for each row what it shows now and what it showed."""
    data = {
        "form-TOTAL_FORMS": len(levels),
        "form-INITIAL_FORMS": len(levels),
        "_save": "Save",
    }
    for n, level in enumerate(levels):
        was = (shown or {}).get(level.pk, level.reorder_point)
        data |= {
            f"form-{n}-id": level.pk,
            f"form-{n}-reorder_point": "" if (v := points.get(level.pk, was)) is None else v,
            f"initial-form-{n}-reorder_point": "" if was is None else was,
        }
    return data


def test_a_store_is_added_with_its_staff_and_hours(admin_client) -> None:
    clerk = UserFactory()
    answer = admin_client.post(
        ADD,
        store_form(
            opening_hours="Mo-Fr 09:00-18:00", latitude="53.55", longitude="9.99", staff=[clerk.pk]
        ),
    )
    assert answer.status_code == 302
    store = Store.objects.get()
    assert (store.latitude, list(store.staff.all())) == (53.55, [clerk])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("code", "a b", "letters, digits, hyphens and underscores only."),
        ("code", "TAKEN", "Another store has this code"),
        ("opening_hours", "Mo 9-18", "write days and times like Mo-Fr 09:00-18:00"),
        ("latitude", "53.5", "Give both latitude and longitude, or neither."),
        ("latitude", "91", "Ensure this value is less than or equal to 90."),
    ],
)
def test_a_bad_field_is_an_error_of_the_form(admin_client, field, value, message) -> None:
    StoreFactory(code="TAKEN")
    answer = admin_client.post(ADD, store_form(**{field: value}))
    assert answer.status_code == 200
    assert message in answer.content.decode().replace("&#x27;", "'")
    assert Store.objects.count() == 1


def test_the_list_counts_what_is_held_and_what_is_low(store) -> None:
    for n in range(3):
        with_stock(store, ProductFactory(), n + 1)
    product = ProductFactory()
    set_reorder_point(actor=StaffFactory(), store=store, product=product, reorder_point=2)
    client = logged_in(staff_of(store))
    row = client.get(STORES).context["cl"].result_list[0]
    assert (row.number_held, row.number_low) == (3, 1)
    assert f"?store={store.pk}" in client.get(STORES).content.decode()


def test_clerks_see_their_own_stores_alone(store) -> None:
    other = StoreFactory(name="Barmbek")
    client = logged_in(staff_of(store))
    page = client.get(STORES).content.decode()
    assert "Altona" in page
    assert "Barmbek" not in page
    assert client.get(change(store)).status_code == 200
    assert client.get(change(other)).status_code == 302
    assert client.post(change(store), store_form()).status_code == 403
    assert client.get(ADD).status_code == 403
    assert "Barmbek" in logged_in(analyst()).get(STORES).content.decode()
    assert logged_in(analyst()).post(change(store), store_form()).status_code == 403


def test_who_may_change_stores_changes_those_that_they_see(store) -> None:
    other = StoreFactory()
    client = logged_in(staff_of(store, permissions=[Action.VIEW, "stores.change_store"]))
    assert client.post(change(store), store_form()).status_code == 302
    assert client.post(change(other), store_form(code="X")).status_code in {302, 403}
    assert sorted(Store.objects.values_list("code", flat=True)) == sorted(["HH1", other.code])


def test_a_store_that_held_goods_is_not_deleted(admin_client, store) -> None:
    empty = StoreFactory()
    with_stock(store, ProductFactory(), 5)
    for post in (False, True):
        page = change(store, "delete")
        answer = admin_client.post(page, {"post": "yes"}) if post else admin_client.get(page)
        assert answer.status_code == 200
        assert "cannot be deleted, since goods were booked" in answer.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [store.pk, empty.pk], "post": "yes"}
    assert "cannot be deleted" in admin_client.post(STORES, chosen).content.decode()
    assert Store.objects.count() == 2
    admin_client.post(change(empty, "delete"), {"post": "yes"})
    assert Store.objects.get() == store


def test_products_and_people_of_the_ledger_are_not_deleted(admin_client, store) -> None:
    product, actor = ProductFactory(), StaffFactory()
    ledger.receive(actor=actor, store=store, lines=[(product, 1)])
    for obj, advice in (
        (product, "make it inactive or merge it into another product"),
        (actor, "make the account inactive"),
    ):
        for post in (False, True):
            page = change(obj, "delete")
            answer = admin_client.post(page, {"post": "yes"}) if post else admin_client.get(page)
            assert answer.status_code == 200
            assert advice in answer.content.decode()
        listing = change(obj, "delete").replace(f"{obj.pk}/delete/", "")
        chosen = {"action": "delete_selected", "_selected_action": [obj.pk], "post": "yes"}
        assert advice in admin_client.post(listing, chosen).content.decode()
        obj.refresh_from_db()


def test_a_product_with_nothing_but_a_reorder_point_is_deleted(admin_client, store) -> None:
    product = ProductFactory()
    set_reorder_point(actor=StaffFactory(), store=store, product=product, reorder_point=2)
    admin_client.post(change(product, "delete"), {"post": "yes"})
    assert not StockLevel.objects.exists()
    assert not type(product).objects.exists()


def test_reorder_points_are_set_in_the_list(store) -> None:
    levels = [with_stock(store, ProductFactory(), 5) for _ in range(2)]
    client = logged_in(staff_of(store))
    answer = client.post(LEVELS, list_form(*levels, points={levels[0].pk: 7}))
    assert answer.status_code == 302
    assert list(StockLevel.objects.order_by("pk").values_list("quantity", "reorder_point")) == [
        (5, 7),
        (5, None),
    ]
    levels = list(StockLevel.objects.order_by("pk"))
    assert client.post(LEVELS, list_form(*levels, points={levels[0].pk: ""})).status_code == 302
    assert not StockLevel.objects.exclude(reorder_point=None).exists()


def test_saving_a_row_undoes_nothing_that_somebody_else_set(store) -> None:
    mine, theirs = (with_stock(store, ProductFactory(), 5) for _ in range(2))
    set_reorder_point(actor=StaffFactory(), store=store, product=theirs.product, reorder_point=9)
    form = list_form(mine, theirs, points={mine.pk: 7}, shown={theirs.pk: None})
    logged_in(staff_of(store)).post(LEVELS, form)
    assert list(StockLevel.objects.order_by("pk").values_list("reorder_point", flat=True)) == [7, 9]


@pytest.mark.parametrize("point", ["-1", "x", str(2**40)])
def test_a_bad_reorder_point_is_an_error_of_the_row(store, point) -> None:
    level = with_stock(store, ProductFactory(), 5)
    answer = logged_in(staff_of(store)).post(LEVELS, list_form(level, points={level.pk: point}))
    assert answer.status_code == 200
    assert StockLevel.objects.get().reorder_point is None


def test_levels_of_other_stores_are_read_only(store) -> None:
    other = StoreFactory()
    level = with_stock(other, ProductFactory(), 5)
    # Sees all stores, acts in one.
    reader = staff_of(store, permissions=[*Action, "stores.see_all_stores"])
    client = logged_in(reader)
    assert client.post(LEVELS, list_form(level, points={level.pk: 7})).status_code in {200, 302}
    assert client.post(change(level), {"reorder_point": 7}).status_code == 403
    client = logged_in(staff_of(store))
    assert str(level.product) not in client.get(LEVELS).content.decode()
    assert client.post(change(level), {"reorder_point": 7}).status_code in {302, 403}
    client.post(LEVELS, list_form(level, points={level.pk: 7}))
    assert logged_in(analyst()).post(
        LEVELS, list_form(level, points={level.pk: 7})
    ).status_code in {200, 302, 403}
    assert StockLevel.objects.get().reorder_point is None


def test_a_product_that_was_never_there_gets_a_reorder_point(store) -> None:
    product = ProductFactory()
    client = logged_in(staff_of(store))
    page = reverse("admin:stores_stocklevel_add")
    form = {"store": store.pk, "product": product.pk, "reorder_point": 3}
    assert client.post(page, {**form, "store": StoreFactory().pk}).status_code == 200
    assert client.post(page, form).status_code == 302
    assert client.post(page, form).status_code == 200
    assert StockLevel.objects.values_list("quantity", "reorder_point").get() == (0, 3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stock=low", "Apple"),
        ("stock=zero", "Apple"),
        ("stock=there", "Pear"),
        ("stock=unset", "Pear"),
        ("q=A-1", "Apple"),
        ("q=0-36000-29145-2", "Pear"),
        ("category=FRUIT", "Apple"),
    ],
)
def test_levels_are_filtered_and_searched(store, query, found) -> None:
    apple = ProductFactory(sku="A-1", name="Apple", category_path="Fruit/Stone")
    pear = ProductFactory(sku="P-1", name="Pear", barcode="036000291452")
    set_reorder_point(actor=StaffFactory(), store=store, product=apple, reorder_point=2)
    with_stock(store, pear, 5)
    query = query.replace("FRUIT", str(type(apple.category).objects.find("Fruit").pk))
    answer = logged_in(staff_of(store)).get(f"{LEVELS}?{query}")
    assert [level.product.name for level in answer.context["cl"].result_list] == [found]


@pytest.mark.parametrize(
    "query", ["store=x", "category=x", "stock=x", "category=99999999999999999"]
)
def test_a_filter_that_is_none_does_no_harm(store, query) -> None:
    assert logged_in(staff_of(store)).get(f"{LEVELS}?{query}").status_code in {200, 302}


@pytest.mark.parametrize("address", [LEVELS, STORES])
def test_a_list_costs_the_same_for_ten_and_for_a_hundred_rows(store, address, monkeypatch) -> None:
    from stores.admin import StockLevelAdmin, StoreAdmin

    for each in (StockLevelAdmin, StoreAdmin):
        monkeypatch.setattr(each, "list_per_page", 200)

    def add(numbers: range) -> None:
        for n in numbers:
            product = with_photo(n % 5).product if n < 20 else ProductFactory()
            with_stock(StoreFactory(), product, 1)

    assert_constant(logged_in(StaffFactory()), address, add)
