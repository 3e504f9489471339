"""The pages of those who work in the stores: who may open them, and what they book."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from products.merging import merge_product
from stores import ledger, stocktaking
from stores.low_stock import set_reorder_point
from stores.models import StockLevel, StockMovement, Stocktake, StocktakeLine, Transfer
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    UserFactory,
    person,
    with_stock,
)

pytestmark = pytest.mark.django_db

CLERK, ANALYST, PARTNER, EDITOR = "Store clerk", "Analyst", "Partner", "Catalogue editor"
READ = [
    "", "low/", "products/A1/", "transfers/", "transfers/{transfer}/", "find/", "find/?q=lamp",
    "counts/{count}/", "counts/{count}/lines/", "counts/{count}/review/", "counts/{closed}/report/",
    "operations/{operation}/",
]  # fmt: skip
# Pages that only lead to a change.
CHANGE = [
    "transfers/send/", "counts/new/", "counts/{count}/products/A1/",
    "counts/{count}/approve/?uncounted=leave", "counts/{count}/cancel/", "by-code/", "delivery/",
    "counts/{count}/by-code/",
]  # fmt: skip
WRITE = [
    "products/A1/", "transfers/send/", "transfers/{transfer}/", "counts/new/",
    "counts/{count}/photo/", "counts/{count}/products/A1/", "counts/{count}/lines/{line}/drop/",
    "counts/{count}/approve/", "counts/{count}/cancel/", "counts/{count}/seen/x/none/",
    "seen/x/choose/", "by-code/", "delivery/", "operations/{operation}/", "counts/{count}/by-code/",
]  # fmt: skip


class World:
    """Two stores with a clerk each, a product, a transfer between them, and counts."""

    def __init__(self) -> None:
        self.store, self.other = StoreFactory(code="mine"), StoreFactory(code="other")
        self.clerk = person(CLERK, self.store, is_staff=False)
        self.neighbour = person(CLERK, self.other)
        self.product = ProductFactory(sku="A1", name="Lamp", category_path="Home/Lamps")
        for store, actor in ((self.store, self.clerk), (self.other, self.neighbour)):
            ledger.receive(actor=actor, store=store, lines=[(self.product, 10)])
        self.transfer = ledger.dispatch_transfer(
            actor=self.neighbour,
            source=self.other,
            destination=self.store,
            lines=[(self.product, 3)],
        )
        closed = stocktaking.open_stocktake(
            actor=self.clerk, store=self.store, category=self.product.category
        )
        stocktaking.cancel(actor=self.clerk, stocktake=closed)
        self.count = stocktaking.open_stocktake(actor=self.clerk, store=self.store)
        line = stocktaking.count_product(
            actor=self.clerk, stocktake=self.count, product=self.product, counted=4
        )
        self.names = {
            "transfer": self.transfer.pk,
            "count": self.count.pk,
            "closed": closed.pk,
            "line": line.pk,
            "operation": StockMovement.objects.filter(store=self.store).earliest("id").operation_id,
        }

    def url(self, path: str) -> str:
        return f"/stock/{self.store.code}/{path.format(**self.names)}"

    @property
    def level(self) -> int:
        return StockLevel.objects.get(store=self.store, product=self.product).quantity

    def book(self, client: Client, kind: str, **fields: Any) -> Any:
        data = {"book": kind, "key": "k1", "quantity": 2, **fields}
        return client.post(self.url("products/A1/"), data)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def as_clerk(world: World, client: Client) -> Client:
    client.force_login(world.clerk)
    return client


def rows() -> tuple[int, ...]:
    return (
        StockMovement.objects.count(),
        Stocktake.objects.exclude(state="draft").count(),
        Transfer.objects.count(),
        StocktakeLine.objects.filter(is_replaced=False).count(),
    )


# --- who may ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*READ, *CHANGE])
def test_without_a_login_every_page_asks_for_one(world: World, client: Client, path: str) -> None:
    url = world.url(path)
    answer = client.get(url)
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/?next=/stock/mine/")


@pytest.mark.parametrize("path", WRITE)
def test_without_a_login_nothing_is_written(world: World, client: Client, path: str) -> None:
    before = rows()
    answer = client.post(world.url(path), {"quantity": 1, "key": "k", "book": "sell"})
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")
    assert rows() == before


@pytest.mark.parametrize("path", [*READ, *CHANGE])
def test_a_clerk_opens_the_pages_of_the_own_store(
    world: World, as_clerk: Client, path: str
) -> None:
    assert as_clerk.get(world.url(path)).status_code == 200


@pytest.mark.parametrize("path", [*READ, *CHANGE])
def test_to_the_clerk_of_another_store_it_is_not_there(
    world: World, client: Client, path: str
) -> None:
    client.force_login(world.neighbour)
    assert client.get(world.url(path)).status_code == 404


@pytest.mark.parametrize("path", WRITE)
def test_the_clerk_of_another_store_writes_nothing(world: World, client: Client, path: str) -> None:
    client.force_login(world.neighbour)
    before = rows()
    data = {"quantity": 1, "key": "k", "book": "sell", "close": "on", "reason": "x"}
    assert client.post(world.url(path), data).status_code == 404
    assert rows() == before


@pytest.mark.parametrize("path", READ)
def test_an_analyst_reads_every_store(world: World, client: Client, path: str) -> None:
    client.force_login(person(ANALYST))
    assert client.get(world.url(path)).status_code == 200


@pytest.mark.parametrize("path", CHANGE)
def test_an_analyst_is_offered_no_change(world: World, client: Client, path: str) -> None:
    client.force_login(person(ANALYST))
    assert client.get(world.url(path)).status_code == 403


@pytest.mark.parametrize("path", WRITE)
def test_an_analyst_writes_nothing(world: World, client: Client, path: str) -> None:
    client.force_login(person(ANALYST))
    before = rows()
    data = {"quantity": 1, "key": "k", "book": "sell", "close": "on", "reason": "x"}
    assert client.post(world.url(path), data).status_code == 403
    assert rows() == before


@pytest.mark.parametrize("role", [PARTNER, EDITOR])
def test_counts_and_the_ledger_are_not_for_everybody_who_sees_levels(
    world: World, client: Client, role: str
) -> None:
    client.force_login(person(role))
    assert client.get(world.url("")).status_code == 200
    product = client.get(world.url("products/A1/"))
    assert product.status_code == 200
    assert "What happened here" not in product.content.decode()
    assert client.get(world.url("counts/{count}/")).status_code == 404
    assert client.get(world.url("transfers/")).status_code == 403
    overview = client.get("/stock/").content.decode()
    assert "arrival" not in overview
    assert "Counting" not in overview


def test_somebody_without_a_role_is_refused(world: World, client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get("/stock/").status_code == 403
    assert client.get(world.url("")).status_code == 404


def test_a_stocktake_of_another_store_is_not_found_under_the_own(
    world: World, client: Client
) -> None:
    client.force_login(world.neighbour)
    for path in (f"counts/{world.count.pk}/", f"counts/{world.count.pk}/review/"):
        assert client.get(f"/stock/other/{path}").status_code == 404
    third = StoreFactory(code="third")
    client.force_login(person(CLERK, third))
    assert client.get(f"/stock/third/transfers/{world.transfer.pk}/").status_code == 404


def test_what_may_not_be_done_is_not_offered(world: World, client: Client) -> None:
    client.force_login(person(ANALYST))
    html = client.get(world.url("products/A1/")).content.decode()
    assert "book-sell" not in html
    html = client.get(world.url("counts/{count}/")).content.decode()
    assert "finder" not in html
    assert "/drop/" not in html


# --- the log-in ------------------------------------------------------------------------------


def test_a_clerk_who_is_no_staff_logs_in_and_comes_back(world: World, client: Client) -> None:
    address = client.get(world.url("")).url
    page = client.get(address)
    assert page.status_code == 200
    answer = client.post(
        "/accounts/login/",
        {"username": world.clerk.username, "password": "secret", "next": world.url("")},
    )
    assert answer.url == world.url("")
    assert client.post("/accounts/logout/").url == "/accounts/login/"
    assert client.get(world.url("")).status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", ""])
def test_the_log_in_leads_to_no_other_site(world: World, client: Client, elsewhere: str) -> None:
    answer = client.post(
        "/accounts/login/",
        {"username": world.clerk.username, "password": "secret", "next": elsewhere},
    )
    assert answer.url == "/stock/"


def test_who_works_elsewhere_is_led_there(client: Client) -> None:
    staff, nobody = UserFactory(is_staff=True), UserFactory()
    for user, address in ((staff, "/admin/"), (nobody, "/")):
        data = {"username": user.username, "password": "secret"}
        assert client.post("/accounts/login/", data).url == address


def test_a_wrong_password_is_told(world: World, client: Client) -> None:
    data = {"username": world.clerk.username, "password": "wrong"}
    answer = client.post("/accounts/login/", data)
    assert "correct username" in answer.content.decode()


def test_the_header_leads_to_the_stock_for_those_who_see_any(world: World, client: Client) -> None:
    link = 'href="/stock/"'
    with CaptureQueriesContext(connection) as asked:
        assert link not in client.get("/").content.decode()
    assert not [q for q in asked if "stores_store" in q["sql"] and "staff" in q["sql"]]
    client.force_login(world.clerk)
    assert link in client.get("/").content.decode()
    client.force_login(UserFactory())
    assert link not in client.get("/").content.decode()


# --- booking ---------------------------------------------------------------------------------


def test_selling_and_receiving(world: World, as_clerk: Client) -> None:
    answer = world.book(as_clerk, "sell", reference="till 1")
    operation = StockMovement.objects.latest("id").operation_id
    assert answer.url == world.url(f"products/A1/?booked={operation}")
    assert "Sold 2 × Lamp; 8 left" in as_clerk.get(answer.url).content.decode()
    world.book(as_clerk, "receive", key="k2", quantity=5, evidence="sighting:abc")
    assert world.level == 13
    last = StockMovement.objects.first()
    assert (last.kind, last.delta, last.evidence) == ("receive", 5, "sighting:abc")
    assert last.operation.actor == world.clerk


def test_a_double_tap_books_once(world: World, as_clerk: Client) -> None:
    for _ in range(2):
        answer = world.book(as_clerk, "sell")
    assert world.level == 8
    html = as_clerk.get(answer.url).content.decode()
    assert "not booked again" in html
    assert "Sold 2 × Lamp; 8 left" in html  # as it was answered the first time


def test_a_key_that_comes_back_with_other_entries_is_told(world: World, as_clerk: Client) -> None:
    world.book(as_clerk, "sell")
    answer = world.book(as_clerk, "sell", quantity=3)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "was booked already" in html
    assert 'value="k1"' not in html  # sent again from here, it is a new booking
    assert world.level == 8


def test_more_than_there_is_is_refused_at_the_form(world: World, as_clerk: Client) -> None:
    answer = world.book(as_clerk, "sell", quantity=99)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "holds 10 of" in html
    assert 'value="99"' in html
    assert world.level == 10


def test_putting_right_needs_a_reason(world: World, as_clerk: Client) -> None:
    answer = world.book(as_clerk, "adjust", direction="less")
    assert answer.status_code == 400
    answer = world.book(as_clerk, "adjust", direction="less", why="other")
    assert "Say what happened" in answer.content.decode()
    world.book(as_clerk, "adjust", direction="less", why="broken", detail="fell down")
    world.book(as_clerk, "adjust", key="k2", direction="more", why="found", quantity=1)
    assert world.level == 9
    reasons = [m.operation.reason for m in StockMovement.objects.filter(kind="adjust")]
    assert reasons == ["Found", "Broken: fell down"]


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": "0"},
        {"quantity": "-3"},
        {"quantity": ""},
        {"quantity": "9999999"},
        {"quantity": "x"},
        {"key": ""},
        {"evidence": "<script>"},
    ],
)
def test_bad_entries_book_nothing(world: World, as_clerk: Client, fields: dict[str, str]) -> None:
    assert world.book(as_clerk, "receive", **fields).status_code == 400
    assert world.level == 10


def test_nonsense_addresses_are_not_found(world: World, as_clerk: Client) -> None:
    assert world.book(as_clerk, "steal").status_code == 404
    assert as_clerk.get("/stock/nowhere/").status_code == 404
    assert as_clerk.get(world.url("products/none/")).status_code == 404
    assert as_clerk.get(world.url("counts/999999/")).status_code == 404
    assert as_clerk.get(world.url("transfers/999999/")).status_code == 404
    assert as_clerk.get(world.url("seen/none/")).status_code == 404


def test_a_merged_product_leads_to_its_heir(world: World, as_clerk: Client) -> None:
    heir = ProductFactory(sku="A2")
    ledger.return_transfer(actor=world.neighbour, transfer=world.transfer, reason="not needed")
    stocktaking.cancel(actor=world.clerk, stocktake=world.count)
    merge_product(product=world.product, into=heir, actor=StaffFactory())
    assert as_clerk.get(world.url("products/A1/")).url == world.url("products/A2/")
    assert as_clerk.get(world.url("find/"), {"q": "A1"}).url == world.url("products/A2/")


def test_a_closed_store_takes_nothing(world: World, as_clerk: Client) -> None:
    world.store.is_active = False
    world.store.save()
    assert "is closed" in world.book(as_clerk, "receive").content.decode()
    assert world.book(as_clerk, "sell").status_code == 302


def test_what_runs_low_is_listed(world: World, as_clerk: Client) -> None:
    set_reorder_point(actor=world.clerk, store=world.store, product=world.product, reorder_point=10)
    assert "1 runs low" in as_clerk.get("/stock/").content.decode()
    html = as_clerk.get(world.url("low/")).content.decode()
    assert "reorder at 10" in html
    assert "3 on the way" in html


# --- transfers -------------------------------------------------------------------------------


def test_closing_books_nothing_that_was_only_filled_in(world: World, as_clerk: Client) -> None:
    """The form comes filled with what is still to come; who only ticks the box lost it all."""
    url, line = world.url("transfers/{transfer}/"), world.transfer.lines.get()
    page = as_clerk.post(url, {"key": "x", f"line_{line.pk}": line.missing, "close": "on"})
    assert page.status_code == 400
    assert "what really arrived" in page.content.decode()
    world.transfer.refresh_from_db()
    assert world.transfer.state == "dispatched"


def test_an_arrival_is_received_in_parts_and_closed_short(world: World, as_clerk: Client) -> None:
    url, line = world.url("transfers/{transfer}/"), world.transfer.lines.get()
    assert 'value="3"' in as_clerk.get(url).content.decode()
    for _ in range(2):  # the second tap
        as_clerk.post(url, {"key": "a", f"line_{line.pk}": 2})
    assert world.level == 12
    assert as_clerk.post(url, {"key": "b", f"line_{line.pk}": 2}).status_code == 409
    assert as_clerk.post(url, {"key": "c", f"line_{line.pk}": 0}).status_code == 400
    as_clerk.post(url, {"key": "d", f"line_{line.pk}": 0, "close": "on"})
    world.transfer.refresh_from_db()
    assert world.transfer.state == "short"
    assert "1 lost" in as_clerk.get(url).content.decode()


def test_goods_are_sent_and_taken_back(world: World, as_clerk: Client) -> None:
    url = world.url("transfers/send/")
    data = {
        "key": "s", "rows": 4, "destination": world.other.pk, "code_0": "A1", "quantity_0": 4,
    }  # fmt: skip
    answer = as_clerk.post(url, data)
    again = as_clerk.post(url, data)
    assert answer.url == again.url
    assert world.level == 6
    answer = as_clerk.post(answer.url, {"key": "r", "reason": "the van broke down"})
    assert world.level == 10
    assert "the van broke down" in as_clerk.get(answer.url).content.decode()


def test_sending_says_which_row_is_wrong(world: World, as_clerk: Client) -> None:
    url = world.url("transfers/send/")
    data = {"key": "s", "rows": 4, "destination": world.other.pk}
    answer = as_clerk.post(url, data | {"code_0": "NO", "quantity_0": 4, "code_1": "A1"})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "No product has this SKU or barcode" in html
    assert "How many?" in html
    assert as_clerk.post(url, data).status_code == 409  # nothing to send
    assert as_clerk.post(url, data | {"destination": ""}).status_code == 400
    more = as_clerk.post(url, data | {"code_0": "A1", "more": "1"}).content.decode()
    assert 'name="code_7"' in more
    assert 'value="A1"' in more
    assert 'data-testid="problem"' not in more
    assert Transfer.objects.count() == 1


# --- how much is asked of the database -----------------------------------------------------------


def test_many_stores_and_movements_ask_no_more(
    world: World, as_clerk: Client, django_assert_num_queries
) -> None:
    def fill(number: int) -> None:
        stores = [StoreFactory() for _ in range(number)]
        world.clerk.stores.add(*stores)
        actor = StaffFactory()
        for store in stores:
            with_stock(store, world.product, 3)
            product = ProductFactory(category=world.product.category)
            with_stock(world.store, product, 1)
            for each in (product, world.product):
                set_reorder_point(actor=actor, store=store, product=each, reorder_point=9)
            stocktaking.open_stocktake(actor=actor, store=store)
            ledger.dispatch_transfer(
                actor=actor, source=store, destination=world.store, lines=[(world.product, 1)]
            )
            set_reorder_point(actor=actor, store=world.store, product=product, reorder_point=9)

    urls = ["/stock/", *(world.url(path) for path in ("", "low/", "transfers/", "products/A1/"))]
    fill(10)
    counts = {}
    for url in urls:
        as_clerk.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert as_clerk.get(url).status_code == 200
        counts[url] = len(asked)
    fill(90)
    for url in urls:
        with django_assert_num_queries(counts[url]):
            as_clerk.get(url)
