"""The forms of the stock pages as the script sends them: answered, repeated, refused, late."""

import json
import re
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from products.merging import merge_product
from stores import ledger, stocktaking
from stores.models import StockLevel, StockMovement, StockOperation, Store
from tests.factories import ProductFactory, StaffFactory, StoreFactory, person, with_stock

pytestmark = pytest.mark.django_db
GTIN = "4006381333931"


class Shop:
    """Ten lamps in a store, and a clerk whose phone sends."""

    def __init__(self, client: Client) -> None:
        self.store: Store = StoreFactory(code="mine", name="Mine")
        self.lamp = ProductFactory(sku="A1", name="Lamp", barcode=GTIN)
        self.mug = ProductFactory(sku="B1", name="Mug")
        with_stock(self.store, self.lamp, 10)
        self.clerk = person("Store clerk", self.store, is_staff=False)
        self.client = client
        client.force_login(self.clerk)

    def send(self, path: str, **fields: Any) -> tuple[int, dict[str, Any]]:
        """The status, and what the script is told."""
        data = {"key": "k1", **fields}
        url = f"/stock/mine/{path}"
        answer = self.client.post(url, data, headers={"Accept": "application/json"})
        assert answer["Content-Type"] == "application/json"
        return answer.status_code, answer.json()

    def sell(self, quantity: int = 2, **fields: Any) -> tuple[int, dict[str, Any]]:
        return self.send("products/A1/", book="sell", quantity=quantity, **fields)

    def html(self, path: str) -> str:
        answer = self.client.get(path if path.startswith("/") else f"/stock/mine/{path}")
        assert answer.status_code == 200
        return str(answer.content.decode())

    @property
    def level(self) -> int:
        return StockLevel.objects.get(store=self.store, product=self.lamp).quantity


@pytest.fixture
def shop(client: Client) -> Shop:
    return Shop(client)


def test_a_repeat_is_answered_as_the_first_time(shop: Shop) -> None:
    status, first = shop.sell()
    assert status == 200
    assert first["said"] == "Sold 2 × Lamp; 8 left"
    shop.sell(key="another")
    _status, again = shop.sell(seconds_ago=600)
    assert again["said"] == first["said"]
    assert again["next"] == first["next"] + "&again=1"
    assert (again["again"], "again" in first) == (True, False)
    assert shop.level == 6


def test_a_refusal_names_the_field_by_its_id(shop: Shop) -> None:
    status, said = shop.sell(0)
    assert status == 400
    assert list(said["errors"]) == ["sell_quantity"]
    assert f'id="{next(iter(said["errors"]))}"' in shop.html("products/A1/")
    assert said["problem"].startswith("Quantity: ")
    status, said = shop.sell(99)
    assert (status, said["errors"]) == (409, {})
    assert "holds 10 of Lamp" in said["problem"]
    assert shop.level == 10


def test_what_is_sent_for_a_merged_product_is_refused_with_its_reason(shop: Shop) -> None:
    """A redirect would tell the script nothing, and keep everything behind it waiting."""
    first = shop.sell()[1]
    merge_product(product=shop.lamp, into=shop.mug, actor=StaffFactory())
    status, said = shop.sell(key="k2")
    assert status == 409
    assert "was merged into Mug" in said["problem"]
    assert "was merged into Mug" in shop.sell(key="k2", seconds_ago=60)[1]["problem"]
    assert shop.sell(seconds_ago=60)[1]["said"] == first["said"]
    plain = shop.client.post(
        "/stock/mine/products/A1/", {"key": "k3", "book": "sell", "quantity": 1}
    )
    assert plain.status_code == 409
    assert "was merged into Mug" in plain.content.decode()


def test_what_is_to_be_put_right_goes_along_to_the_heir(shop: Shop) -> None:
    merge_product(product=shop.lamp, into=shop.mug, actor=StaffFactory())
    answer = shop.client.get("/stock/mine/products/A1/?book=sell&quantity=7&fixes=k2")
    assert answer.url == "/stock/mine/products/B1/?book=sell&quantity=7&fixes=k2"
    assert 'value="7"' in shop.html(answer.url)


def test_a_key_that_was_used_comes_back_as_a_new_one(shop: Shop) -> None:
    shop.sell()
    status, said = shop.sell(3)
    assert status == 409
    assert "was booked already, with other entries" in said["problem"]
    assert shop.sell(3, key=said["key"])[0] == 200
    assert shop.level == 5


def test_what_comes_late_is_not_told_twice(shop: Shop) -> None:
    """The script tells what it sent; the next page that is opened says nothing of it."""
    harbour = StoreFactory(name="Harbour")
    lines = {"rows": 1, "code_0": "A1", "quantity_0": 1, "destination": harbour.pk}
    _status, said = shop.send("transfers/send/", **lines, seconds_ago=600)
    assert said["said"].startswith("Sent to Harbour")
    assert 'data-testid="message"' not in shop.html(said["next"])
    _status, said = shop.send("transfers/send/", **lines | {"key": "k2"})
    assert 'data-testid="message"' in shop.html(said["next"])


def test_a_late_sale_says_when_it_happened(shop: Shop) -> None:
    _status, said = shop.sell(seconds_ago=3600)
    operation = StockOperation.objects.latest("id")
    assert operation.happened_at is not None
    assert "It happened at" in shop.html(said["next"])
    assert "happened at" in shop.html(f"operations/{operation.pk}/")


def test_what_waited_for_a_week_is_entered_anew(shop: Shop) -> None:
    status, said = shop.sell(seconds_ago=8 * 24 * 3600)
    assert (status, said["errors"]) == (400, {})
    assert "waited on the phone for too long" in said["problem"]


def test_a_late_booking_that_a_count_has_seen_is_refused(shop: Shop) -> None:
    boss = StaffFactory()
    stocktake = stocktaking.open_stocktake(actor=boss, store=shop.store)
    stocktaking.count_product(actor=boss, stocktake=stocktake, product=shop.lamp, counted=8)
    status, said = shop.sell(seconds_ago=600)
    assert status == 409
    assert "the count has seen it" in said["problem"]
    # Put right, it is booked as of now: a person has looked.
    html = shop.html("products/A1/?book=sell&quantity=2&reference=till+1&fixes=k1")
    assert 'value="2"' in html
    assert 'value="till 1"' in html
    assert 'value="k1"' not in html
    assert shop.sell(key="k2")[0] == 200


def test_an_error_of_the_site_is_told_to_the_script_too(shop: Shop) -> None:
    status, said = shop.send("products/NONE/", book="sell", quantity=1)
    assert (status, said["code"]) == (404, "not_found")
    shop.clerk.groups.clear()
    assert shop.sell()[0] == 404
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(shop.clerk)
    answer = careful.post("/stock/mine/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_who_is_here_gets_a_token(shop: Shop) -> None:
    answer = shop.client.get("/stock/-/here/").json()
    assert answer["user"] == shop.clerk.pk
    assert abs(answer["now"] - time.time() * 1000) < 60_000
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(shop.clerk)
    token = careful.get("/stock/-/here/").json()["csrf"]
    data = {"key": "k", "book": "sell", "quantity": 1, "csrfmiddlewaretoken": token}
    assert careful.post("/stock/mine/products/A1/", data).status_code == 302
    assert shop.level == 9


# --- by code, and several at once ------------------------------------------------------------


@pytest.mark.parametrize("code", ["A1", GTIN, f"0{GTIN}", f" {GTIN} "])
def test_a_code_is_sold_in_one_step(shop: Shop, code: str) -> None:
    _status, said = shop.send("by-code/", book="sell", code=code, quantity=3)
    assert said["said"] == "Sold 3 × Lamp; 7 left"
    assert "book=sell" in said["next"]
    assert "Sold 3 × Lamp; 7 left" in shop.html(said["next"])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"code": "NONE"}, "id_code"),
        ({"code": ""}, "id_code"),
        ({"code": "A\0"}, "id_code"),
        ({"quantity": "x"}, "id_quantity"),
        ({"book": "steal"}, ""),
    ],
)
def test_a_code_that_leads_nowhere_books_nothing(
    shop: Shop, fields: dict[str, Any], wrong: str
) -> None:
    status, said = shop.send("by-code/", **{"book": "sell", "code": "A1", "quantity": 1} | fields)
    assert status == 400
    assert list(said["errors"]) == ([wrong] if wrong else [])
    assert said["problem"]
    assert shop.level == 10


def test_a_delivery_is_one_booking_and_is_taken_back_as_one(shop: Shop) -> None:
    lines = {"rows": 4, "code_0": "A1", "quantity_0": 2, "code_2": "B1", "quantity_2": 5}
    _status, said = shop.send("delivery/", **lines, reference="note 7")
    assert said["said"] == "Received. Products: 2, pieces: 7."
    operation = StockOperation.objects.latest("id")
    assert (operation.reference, operation.movements.count()) == ("note 7", 2)
    assert "Undo" in shop.html(said["next"])
    _status, said = shop.send(f"operations/{operation.pk}/", key="u", reason="Booked by mistake")
    assert said["said"] == "Taken back. Products: 2, pieces: 7."
    assert shop.level == 10
    assert "This was taken back." in shop.html(f"operations/{operation.pk}/")
    status, said = shop.send(f"operations/{operation.pk}/", key="u2", reason="once more")
    assert (status, said["problem"]) == (409, "This was taken back already.")


def test_a_delivery_without_lines_is_refused(shop: Shop) -> None:
    assert shop.send("delivery/", rows=4)[0] == 409
    status, said = shop.send("delivery/", rows=2, code_0="A1", quantity_1=3)
    assert status == 400
    assert set(said["errors"]) == {"id_quantity_0", "id_code_1"}


def test_what_a_code_names_is_told(shop: Shop) -> None:
    answer = shop.client.get("/stock/mine/what-is/", {"code": GTIN})
    assert answer.json() == {"sku": "A1", "name": "Lamp", "level": 10, "photo": ""}
    for code in ("NONE", "", "A\0", "x" * 500):
        assert shop.client.get("/stock/mine/what-is/", {"code": code}).status_code in {400, 404}


# --- taken back -------------------------------------------------------------------------------


def test_only_what_may_be_taken_back_is_offered(shop: Shop) -> None:
    harbour = StoreFactory(name="Harbour")
    shop.clerk.stores.add(harbour)
    ledger.dispatch_transfer(
        actor=shop.clerk, source=shop.store, destination=harbour, lines=[(shop.lamp, 1)]
    )
    html = shop.html(f"operations/{StockOperation.objects.latest('id').pk}/")
    assert "undo-form" not in html
    partner = person("Partner", shop.store)
    ledger.sell(actor=partner, store=shop.store, lines=[(shop.lamp, 1)])
    operation = StockOperation.objects.latest("id")
    assert "undo-form" in shop.html(f"operations/{operation.pk}/")
    shop.client.force_login(partner)
    assert "undo-form" not in shop.html(f"operations/{operation.pk}/")
    # What somebody else booked is not said to have been booked just now.
    assert 'data-testid="booked"' in shop.html(f"products/A1/?booked={operation.pk}")
    shop.client.force_login(shop.clerk)
    for pk in (operation.pk, "x", "²", "9" * 30):
        assert 'data-testid="booked"' not in shop.html(f"products/A1/?booked={pk}")


def test_goods_that_are_gone_since_cannot_be_taken_back(shop: Shop) -> None:
    receipt = StockMovement.objects.get().operation
    shop.sell()
    status, said = shop.send(f"operations/{receipt.pk}/", key="u", reason="wrong")
    assert status == 409
    assert "holds 8 of Lamp" in said["problem"]


# --- on the phone -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "mine/", "mine/products/A1/", "mine/nothing/", "-/here/"])
def test_no_cache_keeps_a_stock_page(shop: Shop, path: str) -> None:
    answer = shop.client.get(f"/stock/{path}")
    assert answer["Cache-Control"] == "private, no-store"
    assert Client().get(f"/stock/{path}")["Cache-Control"] == "private, no-store"


def test_the_service_worker_is_the_same_for_everybody(shop: Shop) -> None:
    mine, anonymous = (c.get(reverse("stock:worker")) for c in (shop.client, Client()))
    assert mine.content == anonymous.content
    assert mine["Content-Type"].startswith("text/javascript")
    assert mine["Cache-Control"] == "no-cache"
    setup = json.loads(re.search(rb"self.setup = (.*);", mine.content).group(1))
    pages = [c.get(setup["page"]).content for c in (shop.client, Client())]
    assert pages[0] == pages[1]
    assert b"csrfmiddlewaretoken" not in pages[0]
    russian = Client(headers={"Accept-Language": "ru"}).get(reverse("stock:worker"))
    assert russian.content != mine.content


def test_all_that_the_page_without_a_connection_needs_is_kept(shop: Shop) -> None:
    """Its styles and scripts, and what these import: a file that is missing would leave it bare."""
    from django.contrib.staticfiles.finders import find

    html = shop.html("/stock/-/offline/")
    worker = shop.client.get(reverse("stock:worker")).content.decode()
    needed = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', html))
    for address in list(needed):
        if address.endswith(".js"):
            text = open(find(address.removeprefix("/static/"))).read()  # noqa: SIM115, PTH123
            needed |= {
                f"/static/retailvision/stock/{name}"
                for name in re.findall(r'from "\./([^"]+)', text)
            }
    assert {each for each in needed if f'"{each}"' not in worker} == set()


def test_a_booking_of_many_lines_asks_no_more(
    shop: Shop, django_assert_max_num_queries: Any
) -> None:
    def book(lines: int) -> str:
        goods = [(ProductFactory(category=shop.lamp.category), 1) for _ in range(lines)]
        ledger.receive(actor=shop.clerk, store=shop.store, lines=goods)
        return f"/stock/mine/operations/{StockOperation.objects.latest('id').pk}/"

    few, many = book(10), book(100)
    shop.client.get(few)
    with CaptureQueriesContext(connection) as asked:
        shop.client.get(few)
    with django_assert_max_num_queries(len(asked)):
        shop.client.get(many)
