"""What a clerk enters is kept while the network is away, and sent once when it is back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from products.merging import merge_product
from products.models import Product
from stores import ledger, stocktaking
from stores.models import StockLevel, StockMovement, StockOperation, Store, Transfer
from tests.browser.clerks import levels, log_in, open_form, receive, sell
from tests.browser.conftest import PHONE, Visitor
from tests.browser.wire import Wire
from tests.factories import StaffFactory, StoreFactory, with_stock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };"
BACK = 30_000  # what it may take until a page has noticed that the connection is back


@pytest.fixture
def page(center: Store, wire: Wire, phones: list[Visitor]) -> Page:
    """Maria looks at a product, over a wire that can be cut."""
    page = phones[0].page
    log_in(page, "maria", f"{wire.url}/stock/center/products/P3/")
    return page


@pytest.fixture
def timed(page: Page) -> Page:
    """Maria's, whose timers a test need not wait for."""
    page.clock.install()
    page.reload()
    return page


def booked() -> list[tuple[str, str, int]]:
    found = StockMovement.objects.exclude(operation__actor__is_superuser=True).order_by("id")
    return list(found.values_list("product__sku", "kind", "delta"))


def rows(page: Page) -> Any:
    return page.get_by_test_id("unsent-row")


def kept(page: Page) -> Any:
    """What a form says once the phone has kept what was entered."""
    return page.get_by_test_id("kept").locator("visible=true")


def another(page: Page) -> None:
    page.get_by_test_id("another").locator("visible=true").click()


def later(page: Page, seconds: int) -> None:
    """Time passes on a page whose clock is ours, second by second, as its own timer ticks; after each
    it gets the answers to what it asked.
    """
    for _ in range(seconds):
        page.clock.run_for(1000)
        page.wait_for_timeout(60)


def all_sent(page: Page) -> None:
    expect(page.get_by_test_id("unsent")).to_be_hidden(timeout=BACK)


def test_a_sale_waits_and_is_sent_when_the_connection_is_back(page: Page, wire: Wire) -> None:
    wire.cut()
    sell(page, 2)
    expect(kept(page)).to_contain_text("kept on this phone")
    expect(rows(page)).to_contain_text("2 × Lamp 3, sale, ")
    expect(page.get_by_test_id("unsent")).to_contain_text("No connection")
    another(page)
    sell(page, 3)
    expect(rows(page)).to_have_count(2)
    assert booked() == []
    wire.mend()
    all_sent(page)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 3 × Lamp 3; 5 left")
    expect(page.get_by_test_id("sent")).to_contain_text("Sold 2 × Lamp 3; 8 left")
    assert booked() == [("P3", "sell", -2), ("P3", "sell", -3)]
    first = StockOperation.objects.get(movements__delta=-2)
    assert first.happened_at < first.created_at
    page.reload()
    page.wait_for_timeout(1500)
    assert len(booked()) == 2


def test_an_answer_that_never_arrives_books_once(timed: Page, wire: Wire) -> None:
    """The site has booked it, and the phone does not know; whoever sends again is told the same."""
    page = timed
    wire.is_deaf = True
    sell(page, 2)
    expect(kept(page)).to_be_visible()
    later(page, 7)  # tried once more meanwhile, to no avail
    for _ in range(100):  # the site's answer takes time that no clock of the page can shorten
        if wire.lost >= 2:
            break
        page.wait_for_timeout(100)
    assert wire.lost >= 2
    assert booked() == [("P3", "sell", -2)]
    wire.mend()
    all_sent(page)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 2 × Lamp 3; 8 left")
    assert booked() == [("P3", "sell", -2)]
    assert StockOperation.objects.get(movements__kind="sell").happened_at is None


def test_an_answer_that_is_thrown_away_books_once(
    center: Store, live_server: Any, phones: list[Visitor]
) -> None:
    page = phones[0].page
    log_in(page, "maria", f"{live_server.url}/stock/center/products/P3/")
    thrown = []

    def throw_away(route: Any) -> None:
        if route.request.method == "POST" and not thrown:
            thrown.append(route.fetch())
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/products/P3/", throw_away)
    sell(page, 2)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 2 × Lamp 3; 8 left", timeout=BACK)
    assert thrown[0].ok
    assert booked() == [("P3", "sell", -2)]


def test_it_survives_closing_the_page_and_belongs_to_who_entered_it(page: Page, wire: Wire) -> None:
    wire.cut()
    sell(page, 2)
    expect(rows(page)).to_have_count(1)
    page.goto("about:blank")
    page.context.clear_cookies()
    wire.mend()
    address = f"{wire.url}/stock/center/"
    log_in(page, "jonas", address)
    expect(page.get_by_test_id("unsent")).to_be_hidden()
    page.wait_for_timeout(1500)
    assert booked() == []
    page.context.clear_cookies()
    log_in(page, "maria", address)
    expect(page.get_by_test_id("sent")).to_contain_text("Sold 2 × Lamp 3; 8 left", timeout=BACK)
    operation = StockOperation.objects.get(movements__kind="sell")
    assert operation.actor.username == "maria"


def test_two_tabs_send_it_once_and_in_order(page: Page, wire: Wire) -> None:
    """The arrival has to be booked before the sale, which the shelf would not hold without it."""
    other = page.context.new_page()
    other.goto(f"{wire.url}/stock/center/")
    wire.cut()
    receive(page, 5)
    expect(kept(page)).to_be_visible()
    another(page)
    sell(page, 12)
    expect(rows(page)).to_have_count(2)
    expect(rows(other)).to_have_count(2)
    wire.mend()
    for each in (other, page):
        all_sent(each)
    assert booked() == [("P3", "receive", 5), ("P3", "sell", -12)]


def test_what_is_refused_is_put_right_or_discarded(page: Page, wire: Wire) -> None:
    wire.cut()
    for quantity in (8, 7):
        sell(page, quantity)
        expect(kept(page)).to_be_visible()
        another(page)
    wire.mend()
    refused = rows(page).filter(has_text="holds 2 of")
    expect(refused).to_be_visible(timeout=BACK)
    expect(rows(page)).to_have_count(1)
    assert booked() == [("P3", "sell", -8)]
    refused.get_by_test_id("put-right").click()
    page.wait_for_url("**&fixes=*")
    form = open_form(page, "sell")
    expect(form.locator(".quantity-input")).to_have_value("7")
    expect(rows(page)).to_have_count(1)  # until what replaces it is kept
    sell(page, 2)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 2 × Lamp 3; 0 left")
    expect(page.get_by_test_id("unsent")).to_be_hidden()
    assert booked() == [("P3", "sell", -8), ("P3", "sell", -2)]
    wire.cut()
    sell(page, 1)
    expect(kept(page)).to_be_visible()  # till then its form waits for the answer
    expect(rows(page)).to_have_count(1)
    wire.mend()
    discard = page.get_by_test_id("discard")
    discard.click(timeout=BACK)
    expect(discard).to_have_text("Really discard?")
    expect(rows(page)).to_have_count(1)
    discard.click()
    expect(page.get_by_test_id("unsent")).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("unsent")).to_be_hidden()


def test_what_a_count_has_seen_since_is_not_booked_twice(
    page: Page, center: Store, wire: Wire
) -> None:
    wire.cut()
    sell(page, 2)
    expect(kept(page)).to_be_visible()
    boss = StaffFactory()
    stocktake = stocktaking.open_stocktake(actor=boss, store=center)
    product = Product.objects.get(sku="P3")
    stocktaking.count_product(actor=boss, stocktake=stocktake, product=product, counted=8)
    stocktaking.approve(actor=boss, stocktake=stocktake)
    wire.mend()
    expect(rows(page)).to_contain_text("the count has seen it", timeout=BACK)
    assert levels()["P3"] == 8


SKEWED = """
const real = Date.now.bind(Date);
window.skew = Number(sessionStorage.getItem("skew"));
Date.now = () => real() + window.skew;
"""
SET = "(skew) => { window.skew = skew; sessionStorage.setItem('skew', skew) }"


@pytest.fixture
def skewed(page: Page) -> Page:
    """Maria's, whose phone's clock can be set."""
    page.add_init_script(SKEWED)
    return page


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_right_meanwhile_changes_nothing(
    skewed: Page, center: Store, wire: Wire, hours: int
) -> None:
    """How long it waited is the site's time; the count has seen it, or has not."""
    page = skewed
    page.evaluate(SET, hours * 3_600_000)
    page.reload()
    boss, product = StaffFactory(), Product.objects.get(sku="P3")
    ledger.adjust(actor=boss, store=center, lines=[(product, -1)], reason="before it")
    page.wait_for_timeout(2500)
    wire.cut()
    sell(page, 2)
    expect(kept(page)).to_be_visible()
    page.wait_for_timeout(1500)
    if hours > 0:
        ledger.adjust(actor=boss, store=center, lines=[(product, -2)], reason="two are missing")
    page.wait_for_timeout(1500)
    page.evaluate(SET, 0)
    wire.mend()
    if hours > 0:
        expect(rows(page)).to_contain_text("was corrected", timeout=BACK)
    else:
        expect(page.get_by_test_id("booked")).to_be_visible(timeout=BACK)
    assert levels()["P3"] == 7


def test_a_clock_that_is_set_back_does_not_change_the_order(skewed: Page, wire: Wire) -> None:
    page = skewed
    page.reload()
    wire.cut()
    receive(page, 5)
    expect(kept(page)).to_be_visible()
    another(page)
    page.evaluate(SET, -3_600_000)
    sell(page, 12)
    expect(rows(page)).to_have_count(2)
    page.wait_for_timeout(10_500)  # until it is late
    wire.mend()
    all_sent(page)
    assert booked() == [("P3", "receive", 5), ("P3", "sell", -12)]
    waited = StockOperation.objects.exclude(happened_at=None)
    assert [each.created_at - each.moment < timedelta(minutes=5) for each in waited] == [True] * 2


def test_rights_that_are_gone_are_told(page: Page, center: Store, wire: Wire) -> None:
    wire.cut()
    sell(page, 2)
    expect(kept(page)).to_be_visible()
    center.staff.clear()
    wire.mend()
    expect(rows(page)).to_contain_text("nothing at this address", timeout=BACK)
    expect(page.get_by_test_id("put-right")).to_be_visible()
    assert booked() == []


def test_a_product_that_was_merged_does_not_stop_the_others(page: Page, wire: Wire) -> None:
    other = page.context.new_page()
    other.goto(f"{wire.url}/stock/center/products/P5/")
    wire.cut()
    sell(page, 1)
    expect(kept(page)).to_be_visible()
    sell(other, 2)
    expect(kept(other)).to_be_visible()
    lamp, heir = Product.objects.get(sku="P3"), Product.objects.get(sku="P4")
    merge_product(product=lamp, into=heir, actor=StaffFactory())
    wire.mend()
    refused = rows(page).filter(has_text="was merged into")
    expect(refused).to_be_visible(timeout=BACK)
    expect(rows(page)).to_have_count(1)
    assert ("P5", "sell", -2) in booked()
    refused.get_by_test_id("put-right").click()
    page.wait_for_url("**/products/P4/?*fixes=*")
    sell(page, 1)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 1 × Lamp 4; 19 left")
    expect(page.get_by_test_id("unsent")).to_be_hidden()


def test_an_answer_that_leads_elsewhere_is_no_log_out(page: Page, wire: Wire) -> None:
    def lead_away(route: Any) -> None:
        if route.request.method == "POST":
            route.fulfill(status=302, headers={"Location": "/stock/"})
        else:
            route.continue_()

    page.route("**/products/P3/", lead_away)
    sell(page, 2)
    expect(kept(page)).to_be_visible()
    expect(rows(page)).to_contain_text("stumbles over this")
    expect(page.locator("[data-logged-out]")).to_be_hidden()


def test_a_session_that_has_ended_is_told_and_a_new_one_sends(page: Page, wire: Wire) -> None:
    page.context.clear_cookies(name="sessionid")
    sell(page, 2)
    unsent = page.get_by_test_id("unsent")
    expect(unsent).to_contain_text("You were logged out")
    expect(rows(page)).to_contain_text("2 × Lamp 3")
    unsent.get_by_role("link", name="log in to send it").click()
    page.fill("#id_username", "maria")
    page.fill("#id_password", "secret")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_test_id("sent")).to_contain_text("Sold 2 × Lamp 3; 8 left", timeout=BACK)
    assert booked() == [("P3", "sell", -2)]


def test_a_page_of_an_older_log_in_still_sends(page: Page, wire: Wire) -> None:
    """Another log-in of the same person in another tab: the token in this page is void."""
    page.context.clear_cookies()
    other = page.context.new_page()
    log_in(other, "maria", f"{wire.url}/stock/center/")
    sell(page, 2)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 2 × Lamp 3")
    assert booked() == [("P3", "sell", -2)]


def test_a_page_of_one_person_sends_nothing_as_another(page: Page, wire: Wire) -> None:
    page.context.clear_cookies()
    other = page.context.new_page()
    log_in(other, "jonas", f"{wire.url}/stock/center/")
    sell(page, 2)
    expect(page.get_by_test_id("unsent")).to_contain_text("Somebody else is logged in")
    page.wait_for_timeout(1500)
    assert booked() == []


def test_logging_out_is_asked_twice_while_something_waits(page: Page, wire: Wire) -> None:
    wire.cut()
    sell(page, 2)
    expect(kept(page)).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("not sent yet")
    dialog.get_by_role("button", name="Stay logged in").click()
    expect(dialog).to_be_hidden()
    wire.mend()
    expect(page.get_by_test_id("booked")).to_be_visible(timeout=BACK)
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login/")


def test_a_site_that_stumbles_is_asked_again(page: Page, wire: Wire) -> None:
    """A crash of the site is no refusal; and what was entered after it is sent nevertheless."""

    mended: list[bool] = []

    def crash(route: Any) -> None:
        is_first = "quantity=2&" in (route.request.post_data or "")
        if is_first and not mended:
            route.fulfill(status=500, body="<h1>500</h1>")
        else:
            route.continue_()

    page.route("**/products/P3/", crash)
    sell(page, 2)
    expect(kept(page)).to_be_visible()
    another(page)
    sell(page, 3)
    expect(page.get_by_test_id("booked")).to_contain_text("Sold 3 × Lamp 3; 7 left")
    expect(rows(page)).to_contain_text("2 × Lamp 3")
    mended.append(True)
    all_sent(page)
    assert booked() == [("P3", "sell", -3), ("P3", "sell", -2)]


@pytest.mark.parametrize("status", [403, 413])
def test_what_a_proxy_will_not_pass_on_can_be_discarded(
    timed: Page, wire: Wire, status: int
) -> None:
    page = timed
    sent: list[str] = []

    def block(route: Any) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            route.fulfill(status=status, content_type="text/html", body="<h1>Blocked</h1>")
        else:
            route.continue_()

    page.route("**/products/P3/", block)
    sell(page, 2)
    expect(rows(page)).to_contain_text("stumbles over this")
    discard = page.get_by_test_id("discard")
    discard.click()
    later(page, 16)
    assert 2 <= len(sent) <= 3  # at 0, 5 and 15 seconds, not each fifth
    expect(discard).to_have_text("Really discard?")  # a try meanwhile takes nothing back
    page.get_by_test_id("send-now").click()
    page.wait_for_timeout(500)
    assert 3 <= len(sent) <= 4
    discard.click()
    expect(page.get_by_test_id("unsent")).to_be_hidden()
    assert booked() == []


def test_a_storage_that_is_full_keeps_no_refused_entry_going(timed: Page, wire: Wire) -> None:
    """It cannot be marked as refused there; but it is, for as long as the page is open."""
    page = timed
    wire.cut()
    sell(page, 99)
    expect(kept(page)).to_be_visible()
    page.evaluate(f"() => {{ {FULL} }}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    wire.mend()
    expect(rows(page)).to_contain_text("holds 10 of", timeout=BACK)
    later(page, 7)
    assert sent.count("POST") <= 2
    expect(rows(page)).to_have_count(1)
    page.get_by_test_id("discard").click()
    page.get_by_test_id("discard").click()
    expect(page.get_by_test_id("unsent")).to_be_hidden()


# --- every form that books -----------------------------------------------------------------------


def receive_four(page: Page, site: str) -> None:
    receive(page, 4)


def put_right(page: Page, site: str) -> None:
    form = open_form(page, "adjust")
    form.locator("select").select_option("broken")
    form.get_by_role("button", name="Book the change").click()


def send(page: Page, site: str) -> None:
    page.get_by_label("To").select_option(label="Harbour")
    page.get_by_test_id("scan").fill("P3")
    page.get_by_test_id("send").click()


def deliver(page: Page, site: str) -> None:
    page.get_by_test_id("scan").fill("P3")
    page.get_by_test_id("receive").click()


def by_code(page: Page, site: str) -> None:
    page.get_by_label("SKU or barcode").fill("P3")
    page.get_by_test_id("book").click()


def arrive(page: Page, site: str) -> None:
    page.get_by_role("button", name="Receive", exact=True).click()


def take_back_what_was_sent(page: Page, site: str) -> None:
    page.get_by_test_id("take-back").locator("summary").click()
    page.get_by_label("Reason").fill("the van broke down")
    page.get_by_role("button", name="Take it back").click()


def undo(page: Page, site: str) -> None:
    page.get_by_role("button", name="Take it back").click()


FORMS: list[tuple[str, Callable[[Page, str], None], str, int]] = [
    ("products/P3/", receive_four, "4 × Lamp 3, arrival", 4),
    ("products/P3/", put_right, "1 × Lamp 3, adjustment", -1),
    ("transfers/send/", send, "Transfer to Harbour", -1),
    ("delivery/", deliver, "Delivery", 1),
    ("by-code/", by_code, "1 × P3, sold", -1),
    ("transfers/{arriving}/", arrive, "Arrival from Harbour", 3),
    ("transfers/{leaving}/", take_back_what_was_sent, "Taken back what was sent", 2),
    ("operations/{operation}/", undo, "Taken back: ", -10),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_every_form_that_books_is_kept_and_sent_once(
    center: Store, wire: Wire, phones: list[Visitor], form: Any
) -> None:
    path, enter, listed, change = form
    page, product = phones[0].page, Product.objects.get(sku="P3")
    boss, harbour = StaffFactory(), StoreFactory(name="Harbour")
    with_stock(harbour, product, 3)
    operation = StockOperation.objects.filter(movements__product=product).earliest("id")
    way = {"actor": boss, "source": harbour, "destination": center}
    arriving = ledger.dispatch_transfer(lines=[(product, 3)], **way)
    way = {"actor": boss, "source": center, "destination": harbour}
    leaving = ledger.dispatch_transfer(lines=[(product, 2)], **way)
    ledger.receive(actor=boss, store=center, lines=[(product, 2)])
    names = {"arriving": arriving.pk, "leaving": leaving.pk, "operation": operation.pk}
    log_in(page, "maria", f"{wire.url}/stock/center/{path.format(**names)}")
    wire.cut()
    enter(page, wire.url)
    expect(kept(page)).to_be_visible()
    expect(rows(page)).to_contain_text(listed)
    page.goto("about:blank")
    wire.mend()
    page.goto(f"{wire.url}/stock/center/")
    expect(page.get_by_test_id("sent")).to_be_visible(timeout=BACK)
    expect(page.get_by_test_id("unsent")).to_be_hidden()
    level = StockLevel.objects.get(store=center, product=product)
    assert level.quantity == 10 + change
    assert len(booked()) == 1
    assert Transfer.objects.count() == 2 + (path == "transfers/send/")


def test_a_count_and_a_sale_after_it_both_count(center: Store, wire: Wire, phones: list) -> None:
    """Entered without a connection, counted first: the sale is no reason to count anew."""
    page = phones[0].page
    stocktake = stocktaking.open_stocktake(actor=StaffFactory(), store=center)
    # Goods that came in just now would be taken for goods that moved since the count.
    yesterday = timezone.now() - timedelta(days=1)
    address = f"{wire.url}/stock/center/counts/{stocktake.pk}/products/P3/"
    log_in(page, "maria", address)
    sale = page.context.new_page()
    sale.goto(f"{wire.url}/stock/center/products/P3/")
    wire.cut()
    page.wait_for_timeout(1100)
    page.locator(".quantity-input").fill("9")
    page.get_by_test_id("save").click()
    expect(kept(page)).to_be_visible()
    page.wait_for_timeout(2100)
    sell(sale, 2)
    expect(kept(sale)).to_be_visible()
    wire.mend()
    for each in (page, sale):
        all_sent(each)
    line = stocktake.lines.get()
    assert yesterday < line.counted_at < StockOperation.objects.latest("id").moment
    assert (line.counted, line.expected) == (9, 10)
    stocktaking.approve(actor=StaffFactory(), stocktake=stocktake)
    assert levels()["P3"] == 7


def test_a_context_without_storage_keeps_it_while_the_page_is_open(
    browser: Browser, center: Store, wire: Wire
) -> None:
    context: BrowserContext = browser.new_context(viewport=PHONE, service_workers="block")
    context.add_init_script(FULL)
    page = context.new_page()
    log_in(page, "maria", f"{wire.url}/stock/center/products/P3/")
    wire.cut()
    sell(page, 2)
    expect(rows(page)).to_contain_text("2 × Lamp 3")
    expect(kept(page)).to_contain_text("keep this page open")
    wire.mend()
    expect(page.get_by_test_id("booked")).to_be_visible(timeout=BACK)
    assert booked() == [("P3", "sell", -2)]
    context.close()
