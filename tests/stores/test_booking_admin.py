"""The booking pages of the admin: several products at once, booked once."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from products.merging import merge_product
from stores import ledger
from stores.actions import Action
from stores.models import StockLevel, StockMovement, StockOperation, Transfer
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_stock
from tests.stores.admin_pages import analyst, errors, logged_in, staff_of

pytestmark = pytest.mark.django_db

RECEIVE = reverse("admin:stores_book_receive")
SELL = reverse("admin:stores_book_sell")
ADJUST = reverse("admin:stores_book_adjust")
DISPATCH = reverse("admin:stores_book_dispatch")
FIND = reverse("admin:stores_find_product")
PAGES = [RECEIVE, SELL, ADJUST, DISPATCH, reverse("admin:stores_transfer_add")]


@pytest.fixture
def store():
    return StoreFactory()


@pytest.fixture
def client(store):
    return logged_in(staff_of(store))


def form(store: Any, *lines: tuple[Any, Any], **fields: Any) -> dict[str, Any]:
    """What a browser sends, with an empty line behind."""
    data = {
        "store": store.pk,
        "key": "k1",
        "lines-TOTAL_FORMS": len(lines) + 1,
        "lines-INITIAL_FORMS": 0,
        f"lines-{len(lines)}-code": "",
        f"lines-{len(lines)}-quantity": "",
        **fields,
    }
    for number, (code, quantity) in enumerate(lines):
        data |= {f"lines-{number}-code": code, f"lines-{number}-quantity": quantity}
    return data


def quantity(store: Any, product: Any) -> int:
    return StockLevel.objects.get(store=store, product=product).quantity


def test_several_products_are_received_by_sku_and_by_barcode(store, client) -> None:
    apple = ProductFactory(sku="A-1")
    pear = ProductFactory(barcode="036000291452")
    answer = client.post(
        RECEIVE,
        form(store, ("A-1", 5), ("0-36000-29145-2", 2), ("A-1", 1), reference="LS 7"),
        follow=True,
    )
    assert answer.redirect_chain[0][0] == f"{RECEIVE}?store={store.pk}"
    assert "8 pieces of 2 products" in answer.content.decode()
    assert (quantity(store, apple), quantity(store, pear)) == (6, 2)
    operation = StockOperation.objects.get()
    assert (operation.reference, operation.idempotency_key) == ("LS 7", "k1")
    call_command("stock_audit")


def test_a_double_click_books_once(store, client) -> None:
    product = ProductFactory(sku="A-1")
    for _click in range(2):
        answer = client.post(RECEIVE, form(store, ("A-1", 5)), follow=True)
        assert "5 pieces of 1 product" in answer.content.decode()
    assert quantity(store, product) == 5


def test_a_form_sent_again_with_other_lines_asks_first(store, client) -> None:
    product = ProductFactory(sku="A-1")
    client.post(RECEIVE, form(store, ("A-1", 5)))
    answer = client.post(RECEIVE, form(store, ("A-1", 7)))
    assert any("booked already" in text for text in errors(answer))
    key = re.search(r'name="key" value="([0-9a-f]{32})"', answer.content.decode())
    assert quantity(store, product) == 5
    client.post(RECEIVE, form(store, ("A-1", 7), key=key[1]))
    assert quantity(store, product) == 12


def test_each_page_has_a_key_of_its_own(client) -> None:
    keys = {
        re.search(r'name="key" value="([0-9a-f]{32})"', client.get(RECEIVE).content.decode())[1]
        for _visit in range(2)
    }
    assert len(keys) == 2


def test_goods_are_sold_as_far_as_there_are_any(store, client) -> None:
    product = ProductFactory(sku="A-1", name="Apple")
    with_stock(store, product, 5)
    assert client.post(SELL, form(store, ("A-1", 2))).status_code == 302
    answer = client.post(SELL, form(store, ("A-1", 4), key="k2"))
    assert any(
        text.endswith("holds 3 of Apple (A-1); 4 were asked for.") for text in errors(answer)
    )
    assert quantity(store, product) == 3


def test_stock_is_adjusted_by_more_and_by_less_with_a_reason(store, client) -> None:
    apple, pear = ProductFactory(sku="A-1"), ProductFactory(sku="P-1")
    with_stock(store, apple, 5)
    lines = (("A-1", -2), ("P-1", 3))
    answer = client.post(ADJUST, form(store, *lines))
    assert "This field is required." in errors(answer)
    answer = client.post(ADJUST, form(store, *lines, reason="broken, found"))
    assert answer.status_code == 302
    assert (quantity(store, apple), quantity(store, pear)) == (3, 3)
    assert StockMovement.objects.first().operation.reason == "broken, found"


def test_goods_are_sent_to_another_store(store, client) -> None:
    product = ProductFactory(sku="A-1")
    with_stock(store, product, 5)
    other = StoreFactory()
    answer = client.post(DISPATCH, form(store, ("A-1", 2), destination=other.pk))
    transfer = Transfer.objects.get()
    assert answer["Location"] == reverse("admin:stores_transfer_change", args=[transfer.pk])
    assert (transfer.source, transfer.destination) == (store, other)
    client.post(DISPATCH, form(store, ("A-1", 2), destination=other.pk))
    assert Transfer.objects.count() == 1
    answer = client.post(DISPATCH, form(store, ("A-1", 1), destination=store.pk, key="k2"))
    assert "Choose another store to send the goods to." in errors(answer)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "Name at least one product and its quantity."),
        ([("NONE", 1)], "No product has this SKU or barcode."),
        ([("A-1", "")], "How many?"),
        ([("", 3)], "Of which product?"),
        ([("A-1", "x")], "Enter a whole number."),
        ([("A-1", 0)], "Ensure this value is greater than or equal to 1."),
        ([("A-1", 10**9)], "Ensure this value is less than or equal to 1000000."),
        ([("A\0", 1)], "Null characters are not allowed."),
        ([("A-1", 1), ("A-1", 10**6)], "cannot be right; the most at once is 1000000."),
        ([("OLD", 1)], "was merged into"),
    ],
)
def test_a_bad_line_is_an_error_of_the_form(store, client, lines, message) -> None:
    apple = ProductFactory(sku="A-1")
    merge_product(product=ProductFactory(sku="OLD"), into=apple, actor=StaffFactory())
    answer = client.post(RECEIVE, form(store, *lines))
    assert any(message in text for text in errors(answer)), errors(answer)
    assert message.encode() in answer.content
    assert not StockOperation.objects.exists()


@pytest.mark.parametrize("number", ["", "-2", "x"])
def test_a_wrong_quantity_does_not_make_its_product_unknown(store, client, number) -> None:
    ProductFactory(sku="A-1")
    page = client.post(RECEIVE, form(store, ("A-1", number))).content.decode()
    assert "No product has this SKU" not in page


def test_one_bad_line_books_nothing(store, client) -> None:
    ProductFactory(sku="A-1")
    client.post(RECEIVE, form(store, ("A-1", 1), ("NONE", 1)))
    assert not StockLevel.objects.exists()


def test_too_many_lines_are_refused_in_words(store, client) -> None:
    ProductFactory(sku="A-1")
    answer = client.post(RECEIVE, form(store, *[("A-1", 1)] * 250))
    assert any("at most 200" in text for text in errors(answer))
    assert not StockOperation.objects.exists()


@pytest.mark.parametrize("total", ["", "x", "-1", "99999999"])
def test_a_broken_form_is_no_error_of_the_server(store, client, total) -> None:
    answer = client.post(RECEIVE, {**form(store), "lines-TOTAL_FORMS": total, "key": ""})
    assert answer.status_code == 200
    assert not StockOperation.objects.exists()


def test_a_closed_store_takes_no_goods(store, client) -> None:
    ProductFactory(sku="A-1")
    store.is_active = False
    store.save()
    answer = client.post(RECEIVE, form(store, ("A-1", 1)))
    assert any("is closed and takes no goods" in text for text in errors(answer))


@pytest.mark.parametrize("page", PAGES)
def test_other_stores_are_forbidden(store, client, page) -> None:
    product = ProductFactory(sku="A-1")
    other = StoreFactory()
    with_stock(other, product, 5)
    fields = {"reason": "x", "destination": store.pk}
    assert f'<option value="{other.pk}">' not in _select(client.get(page), "store")
    assert client.post(page, form(other, ("A-1", 1), **fields)).status_code == 403
    assert StockMovement.objects.count() == 1
    nowhere = {**form(store, ("A-1", 1), **fields), "store": 987654321}
    answer = client.post(page, nowhere)
    assert answer.status_code == 200


def _select(answer: Any, name: str) -> str:
    page = answer.content.decode()
    start = page.index(f'<select name="{name}"')
    return page[start : page.index("</select>", start)]


@pytest.mark.parametrize("page", PAGES)
def test_who_may_only_read_books_nothing(store, page) -> None:
    client = logged_in(analyst())
    ProductFactory(sku="A-1")
    assert client.get(page).status_code == 403
    assert client.post(page, form(store, ("A-1", 1), reason="x")).status_code == 403
    assert client.get(FIND, {"q": "a"}).status_code == 403


def test_booking_is_not_adjusting(store) -> None:
    client = logged_in(staff_of(store, permissions=[Action.VIEW, Action.BOOK]))
    assert client.get(RECEIVE).status_code == 200
    assert client.get(ADJUST).status_code == 403
    assert ADJUST.encode() not in client.get(RECEIVE).content


def test_somebody_without_a_store_books_nothing() -> None:
    assert logged_in(staff_of()).get(RECEIVE).status_code == 403


def test_links_fill_the_page_in(store, client) -> None:
    page = client.get(RECEIVE, {"store": store.pk, "code": "A-1"}).content.decode()
    assert f'<option value="{store.pk}" selected>' in page
    assert 'name="lines-0-code" value="A-1"' in page


@pytest.mark.parametrize("words", ["A-1", "red app", "0 36000 29145 2"])
def test_products_are_found_while_typing(store, client, words) -> None:
    product = ProductFactory(sku="A-1", name="Red apple", barcode="036000291452")
    ProductFactory(sku="X-1", name="Pear")
    with_stock(store, product, 5)
    found = client.get(FIND, {"q": words, "store": store.pk}).json()["products"]
    assert (found[0]["code"], found[0]["there"]) == ("A-1", 5)


def test_what_another_store_holds_is_not_told(store, client) -> None:
    ProductFactory(sku="A-1")
    for unknown in (StoreFactory().pk, "", "x", 10**30):
        found = client.get(FIND, {"q": "A-1", "store": unknown}).json()["products"]
        assert [each["there"] for each in found] == [None]
    assert client.get(FIND, {"q": "\0"}).status_code in {200, 400}


def test_a_form_costs_the_same_for_few_and_for_many_lines(
    store, client, django_assert_max_num_queries
) -> None:
    products = [ProductFactory() for _ in range(100)]
    for number in (10, 100):
        lines = [(each.sku, 1) for each in products[:number]]
        with django_assert_max_num_queries(40):
            client.post(RECEIVE, form(store, *lines, key=f"k{number}"))
    assert StockMovement.objects.count() == 110


def test_superusers_write_no_movements_and_no_quantities_either(store) -> None:
    client = logged_in(StaffFactory())
    product = ProductFactory()
    booking = ledger.receive(actor=StaffFactory(), store=store, lines=[(product, 5)])
    movement = booking.movements[0]
    for name in ("stockmovement", "stockoperation"):
        pk = movement.pk if name == "stockmovement" else booking.operation.pk
        assert client.get(reverse(f"admin:stores_{name}_add")).status_code == 403
        assert client.post(reverse(f"admin:stores_{name}_delete", args=[pk])).status_code == 403
        change = reverse(f"admin:stores_{name}_change", args=[pk])
        assert client.post(change, {"delta": 9, "reason": "x"}).status_code == 403
    level = StockLevel.objects.get()
    client.post(
        reverse("admin:stores_stocklevel_change", args=[level.pk]),
        {"quantity": 9, "reorder_point": 1},
    )
    assert StockLevel.objects.values_list("quantity", "reorder_point").get() == (5, 1)
