"""A clerk counts by photo, barcode or words: the pages without a browser."""

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from products.models import Product
from recognition.counting.reviewing import state_of
from recognition.embedding import embed_pending
from recognition.models import Encoder, Sighting
from recognition.sightings import review_sighting
from stores import ledger, stocktaking
from stores.models import StockLevel, StockMovement, Stocktake, StocktakeLine, Store
from tests.barcodes import ean13_picture
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    person,
    with_photo,
    with_stock,
)
from tests.pictures import encoded, phone_photo, product_picture

pytestmark = pytest.mark.django_db

GTIN = "4006381333931"


@dataclass
class Counting:
    client: Client
    clerk: Any
    store: Store
    stocktake: Stocktake

    @property
    def url(self) -> str:
        return f"/stock/{self.store.code}/counts/{self.stocktake.pk}/"

    def shoot(self, data: bytes) -> Any:
        photo = SimpleUploadedFile("IMG_1.jpg", data, "image/jpeg")
        return self.client.post(f"{self.url}photo/", {"photo": photo})

    def seen(self, seed: int) -> Sighting:
        answer = self.shoot(phone_photo(seed))
        assert answer.status_code == 302, answer.content.decode()
        sighting = Sighting.objects.latest("pk")
        assert answer.url == f"{self.url}seen/{sighting.token}/"
        return sighting

    def enter(self, sku: str, quantity: int, **fields: Any) -> Any:
        headers = fields.pop("headers", None)
        data = {"quantity": quantity, "key": f"{sku}-{quantity}-{fields}", "how": "add", **fields}
        return self.client.post(f"{self.url}products/{sku}/", data, headers=headers)

    def html(self, path: str = "", **query: str) -> str:
        answer = self.client.get(self.url + path, query)
        assert answer.status_code == 200, answer
        return str(answer.content.decode())


@pytest.fixture
def counting(encoder: Encoder, client: Client) -> Counting:
    store = StoreFactory(code="center")
    for n in range(4):
        product = ProductFactory(sku=f"P{n}", name=f"Lamp {n}", category_path="Home/Lamps", price=3)
        with_photo(n, product)
        with_stock(store, product, 10 + n)
    with_photo(7, ProductFactory(sku="MUG", name="Mug", category_path="Home/Mugs"))
    embed_pending(encoder)
    clerk = person("Store clerk", store, is_staff=False)
    client.force_login(clerk)
    category = Product.objects.get(sku="P0").category
    stocktake = stocktaking.open_stocktake(actor=clerk, store=store, category=category)
    return Counting(client, clerk, store, stocktake)


def choices(html: str) -> list[str]:
    return re.findall(r'data-testid="(?:choice|out-of-scope)"\s+data-sku="([^"]+)"', html)


def test_photo_product_quantity_review_approval(counting: Counting) -> None:
    sighting = counting.seen(2)
    html = counting.html(f"seen/{sighting.token}/")
    assert choices(html)[0] == "P2"
    assert "Not calibrated yet" in html
    answer = counting.enter("P2", 9, seen=sighting.token)
    assert answer.url == counting.url
    line = StocktakeLine.objects.get()
    assert (line.counted, line.method, line.evidence) == (9, "photo", sighting.evidence)
    sighting.refresh_from_db()
    assert (sighting.review, sighting.occasion) == ("confirmed", "work")
    assert sighting.reviewed_by == counting.clerk

    review = counting.html("review/")
    assert 'data-sku="P2"' in review
    confirm = counting.html("approve/", uncounted="leave")
    seen = re.search(r'name="seen" value="(\w+)"', confirm).group(1)
    answer = counting.client.post(f"{counting.url}approve/", {"uncounted": "leave", "seen": seen})
    assert answer.url == f"{counting.url}report/"
    movement = StockMovement.objects.get(kind="count")
    assert (movement.delta, movement.evidence) == (-3, sighting.evidence)
    report = counting.html("report/")
    assert f"/seen/{sighting.token}/" in report
    assert "Taken for Lamp 2" in counting.html(f"seen/{sighting.token}/")
    call_command("stock_audit")


def test_the_count_is_blind(counting: Counting) -> None:
    sighting = counting.seen(2)
    for path in ("", f"seen/{sighting.token}/", "products/P2/"):
        # 12 are expected; the number must not stand where the eye goes before counting.
        assert not re.search(r">\s*12\s*<", counting.html(path))


def test_another_choice_corrects_and_none_rejects(counting: Counting) -> None:
    sighting = counting.seen(2)
    counting.enter("P0", 1, seen=sighting.token)
    sighting.refresh_from_db()
    assert (sighting.review, sighting.reviewed_product.sku) == ("corrected", "P0")

    sighting = counting.seen(3)
    answer = counting.client.post(f"{counting.url}seen/{sighting.token}/none/")
    assert answer.url == f"{counting.url}?seen={sighting.token}"
    sighting.refresh_from_db()
    assert (sighting.review, sighting.reviewed_product) == ("rejected", None)
    # Found by words instead, the photo is remembered with what it was.
    html = counting.html("", q="lamp 1", seen=sighting.token)
    assert f"/products/P1/?seen={sighting.token}" in html
    counting.enter("P1", 4, seen=sighting.token)
    sighting.refresh_from_db()
    assert (sighting.review, sighting.reviewed_product.sku) == ("corrected", "P1")


def test_none_of_these_rejects_evidence_of_this_count_alone(counting: Counting) -> None:
    def rejected(sighting: Sighting, status: int = 403) -> str:
        answer = counting.client.post(f"{counting.url}seen/{sighting.token}/none/")
        assert answer.status_code == status
        sighting.refresh_from_db()
        return sighting.review

    booked = counting.seen(2)
    Sighting.objects.filter(pk=booked.pk).update(source=Sighting.Source.BOOKING)
    assert rejected(booked) == ""
    judged = counting.seen(3)
    review_sighting(
        sighting=judged,
        product=Product.objects.get(sku="P3"),
        by=StaffFactory(),
        occasion=Sighting.Occasion.DOUBTFUL,
    )
    assert rejected(judged) == "confirmed"
    assert 'data-testid="none"' not in counting.html(f"seen/{judged.token}/")

    counted, first = counting.seen(1), counting.stocktake
    counting.enter("P1", 4, seen=counted.token)
    category = Product.objects.get(sku="MUG").category
    counting.stocktake = stocktaking.open_stocktake(
        actor=counting.clerk, store=counting.store, category=category
    )
    assert rejected(counted) == "confirmed"
    counting.stocktake = first
    fresh = counting.seen(0)
    counting.client.post(f"{counting.url}cancel/")
    assert rejected(fresh, 302) == ""


def test_what_is_not_counted_here_is_marked_and_refused(counting: Counting) -> None:
    sighting = counting.seen(7)
    html = counting.html(f"seen/{sighting.token}/")
    assert choices(html)[0] == "MUG"
    assert "not in this stocktake" in html
    assert f"{counting.url}products/MUG/" not in html
    assert "does not belong to Lamps" in counting.html("products/MUG/")
    answer = counting.enter("MUG", 3, seen=sighting.token)
    assert answer.status_code == 409
    assert not StocktakeLine.objects.exists()
    sighting.refresh_from_db()
    assert sighting.review == ""


def test_a_barcode_in_the_photo_names_the_product(counting: Counting) -> None:
    Product.objects.filter(sku="P1").update(barcode=GTIN)
    picture = Image.new("RGB", (600, 600), "white")
    picture.paste(product_picture(2, 260), (20, 20))
    picture.paste(ean13_picture(GTIN, 420), (20, 330))
    counting.shoot(encoded(picture, "PNG"))
    sighting = Sighting.objects.get()
    html = counting.html(f"seen/{sighting.token}/")
    assert choices(html)[0] == "P1"
    assert sighting.best_product.sku != "P1"
    assert 'data-testid="disagree"' in html
    # Where both say the same, it is exact.
    Sighting.objects.update(best_product=Product.objects.get(sku="P1"))
    assert 'data-testid="exact"' in counting.html(f"seen/{sighting.token}/")


@pytest.mark.parametrize(
    ("verdict", "text"),
    [("match", "Recognised"), ("lookalike", "Several products"), ("unknown", "probably not")],
)
def test_a_verdict_is_said_where_there_is_one(counting: Counting, verdict: str, text: str) -> None:
    sighting = counting.seen(2)
    Sighting.objects.update(verdict=verdict)
    assert text in counting.html(f"seen/{sighting.token}/")


@pytest.mark.parametrize("of", ["count", "store"])
def test_what_was_recognised_stands_alone(counting: Counting, of: str) -> None:
    sighting = counting.seen(2)
    path = f"counts/{counting.stocktake.pk}/" if of == "count" else ""
    url = f"/stock/{counting.store.code}/{path}seen/{sighting.token}/"

    def parts() -> tuple[list[str], list[str]]:
        html = counting.client.get(url).content.decode()
        first, _sign, others = html.partition('data-testid="something-else"')
        assert ("choice-yes" in first) is bool(others)
        assert "choice-yes" not in others
        return choices(first), choices(others)

    all_of_them, none = parts()
    assert (all_of_them[0], none) == ("P2", [])  # nothing is promised yet
    Sighting.objects.update(verdict="match")
    assert parts() == (["P2"], all_of_them[1:])
    Sighting.objects.update(verdict="lookalike")
    assert parts() == (all_of_them, [])
    # Recognised as another than what now comes first: that is no answer.
    Sighting.objects.update(verdict="match", best_product=Product.objects.get(sku="P1"))
    assert parts() == (all_of_them, [])


def test_a_scanned_code_leads_to_the_quantity(counting: Counting) -> None:
    Product.objects.filter(sku="P1").update(barcode=GTIN)
    answer = counting.client.get(counting.url, {"q": f" {GTIN} "})
    assert answer.url == f"{counting.url}products/P1/?by=barcode"
    counting.enter("P1", 4, by="barcode")
    assert StocktakeLine.objects.get().method == "barcode"
    assert counting.client.get(counting.url, {"q": "P3"}).url.endswith("/products/P3/?by=hand")
    assert "No product has these words" in counting.html("", q="4006381333932")


def test_two_taps_count_once_and_two_places_add_up(counting: Counting) -> None:
    for _ in range(2):
        counting.enter("P1", 4, key="tap")
    assert StocktakeLine.objects.count() == 1
    page = counting.html("products/P1/")
    assert "Counted already" in page
    counting.enter("P1", 5, key="storeroom")
    assert stocktaking.review(counting.stocktake).differences[0].counted == 9
    counting.enter("P1", 7, key="anew", how="replace")
    assert stocktaking.review(counting.stocktake).differences[0].counted == 7
    answer = counting.enter("P1", 8, key="anew")
    assert answer.status_code == 409
    assert "booked already" in answer.content.decode()


@pytest.mark.parametrize("quantity", ["", "-1", "many", "2000000", "1.5"])
def test_a_quantity_that_cannot_be_is_refused_at_the_form(
    counting: Counting, quantity: str
) -> None:
    answer = counting.enter("P1", quantity)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not StocktakeLine.objects.exists()


def test_a_line_is_taken_out(counting: Counting) -> None:
    counting.enter("P1", 4)
    line = StocktakeLine.objects.get()
    counting.client.post(f"{counting.url}lines/{line.pk}/drop/")
    line.refresh_from_db()
    assert line.is_replaced
    assert "Nothing yet" in counting.html("lines/")


def as_json(answer: Any) -> dict[str, str]:
    assert answer["Content-Type"] == "application/json"
    return dict(answer.json())


def test_a_count_that_waited_is_taken_unless_goods_moved(counting: Counting) -> None:
    headers = {"Accept": "application/json"}
    answer = counting.enter("P1", 4, key="a", seconds_ago=0, headers=headers)
    assert as_json(answer) == {"next": counting.url, "said": "Saved: 4 × Lamp 1"}
    waited = counting.enter("P3", 4, key="b", seconds_ago=3600, headers=headers)
    assert waited.status_code == 409  # its stock came in within the hour
    assert "moved before this count was sent" in as_json(waited)["problem"]
    assert not StocktakeLine.objects.filter(product__sku="P3").exists()


def test_a_count_that_waited_says_when_it_was_counted(counting: Counting) -> None:
    """Goods that came in before it and were booked after it are no reason to count anew."""
    product = ProductFactory(sku="P9", category_path="Home/Lamps")
    two_hours_ago = timezone.now() - timedelta(hours=2)
    ledger.receive(
        actor=counting.clerk,
        store=counting.store,
        lines=[(product, 5)],
        happened_at=two_hours_ago,
    )
    assert counting.enter("P9", 5, seconds_ago=3600).status_code == 302
    line = StocktakeLine.objects.get()
    assert timedelta(minutes=59) < timezone.now() - line.counted_at < timedelta(minutes=61)
    # Of what came after it, half an hour ago, the count knows nothing.
    ledger.sell(
        actor=counting.clerk,
        store=counting.store,
        lines=[(product, 1)],
        happened_at=timezone.now() - timedelta(minutes=30),
    )
    assert not stocktaking.review(counting.stocktake).troubles


def test_a_count_that_somebody_else_did_meanwhile_is_done_anew(counting: Counting) -> None:
    product = ProductFactory(sku="P9", category_path="Home/Lamps")
    other = person("Store clerk", counting.store)
    stocktaking.count_product(actor=other, stocktake=counting.stocktake, product=product, counted=4)
    for how in ("add", "replace"):
        answer = counting.enter("P9", 5, seconds_ago=3600, how=how)
        assert answer.status_code == 409
        assert "Somebody else counted" in answer.content.decode()
    assert StocktakeLine.objects.get().counted == 4


def test_a_code_is_counted_in_one_step(counting: Counting) -> None:
    Product.objects.filter(sku="P1").update(barcode=GTIN)
    url = f"{counting.url}by-code/"
    for code, quantity in (("P0", 3), (GTIN, 0)):
        answer = counting.client.post(url, {"key": code, "code": code, "quantity": quantity})
        assert answer.url == url
    counted = StocktakeLine.objects.order_by("id").values_list("product__sku", "counted", "method")
    assert list(counted) == [("P0", 3, "hand"), ("P1", 0, "barcode")]
    answer = counting.client.post(url, {"key": "n", "code": "NONE", "quantity": 1})
    assert answer.status_code == 400
    assert "No product has this SKU or barcode." in answer.content.decode()
    answer = counting.client.post(url, {"key": "m", "code": "MUG", "quantity": 1})
    assert answer.status_code == 409
    assert "does not belong to" in answer.content.decode()
    # What was counted stays counted when it is sent again after the end.
    stocktaking.cancel(actor=counting.clerk, stocktake=counting.stocktake)
    again = {"key": "P0", "code": "P0", "quantity": 3, "seconds_ago": 60}
    assert counting.client.post(url, again).status_code == 302
    assert counting.client.get(url).url == f"{counting.url}report/"


def test_a_count_that_arrived_unseen_is_not_asked_again(counting: Counting) -> None:
    headers = {"Accept": "application/json"}
    counting.enter("P1", 4, key="a")
    product = Product.objects.get(sku="P1")
    ledger.sell(actor=counting.clerk, store=counting.store, lines=[(product, 1)])
    again = counting.enter("P1", 4, key="a", seconds_ago=600, headers=headers)
    assert as_json(again) == {"next": counting.url, "said": "Saved: 4 × Lamp 1", "again": True}
    assert StocktakeLine.objects.count() == 1


def test_what_waited_too_long_is_counted_anew(counting: Counting) -> None:
    answer = counting.enter("P1", 4, seconds_ago=13 * 3600)
    assert answer.status_code == 400


def test_no_photo_and_a_bad_photo_are_told(counting: Counting) -> None:
    answer = counting.shoot(b"no photo at all")
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "Send a JPEG" in html
    assert 'data-testid="words-input"' in html
    answer = counting.client.post(f"{counting.url}photo/", headers={"Accept": "application/json"})
    assert (answer.status_code, as_json(answer)) == (400, {"problem": "Take a photo first."})


def test_without_an_encoder_the_count_goes_on_by_hand(counting: Counting) -> None:
    Encoder.objects.update(state=Encoder.State.RETIRED)
    answer = counting.shoot(phone_photo(2))
    assert answer.status_code == 503
    assert "words work as well" in answer.content.decode()
    counting.enter("P2", 9)
    assert StocktakeLine.objects.get().method == "hand"


def test_what_changed_since_it_was_looked_at_is_not_approved(counting: Counting) -> None:
    counting.enter("P1", 4)
    seen = state_of(stocktaking.review(counting.stocktake), uncounted_are_zero=False)
    counting.enter("P2", 4)
    approve = f"{counting.url}approve/"
    answer = counting.client.post(approve, {"uncounted": "leave", "seen": seen})
    assert answer.status_code == 409
    assert "Something changed" in answer.content.decode()
    assert not StockMovement.objects.filter(kind="count").exists()


def test_uncounted_are_left_or_taken_as_gone(counting: Counting) -> None:
    counting.enter("P1", 4)
    assert "3 products" in counting.html("review/")
    confirm = counting.html("approve/", uncounted="zero")
    assert "taken out of the stock: 35 pieces" in confirm
    seen = re.search(r'name="seen" value="(\w+)"', confirm).group(1)
    counting.client.post(f"{counting.url}approve/", {"uncounted": "zero", "seen": seen})
    levels = StockLevel.objects.values_list("product__sku", "quantity")
    assert dict(levels) == {"P0": 0, "P1": 4, "P2": 0, "P3": 0}
    # The second tap finds it done.
    again = counting.client.post(f"{counting.url}approve/", {"uncounted": "zero", "seen": seen})
    assert again.url == f"{counting.url}report/"


def test_troubles_stand_first_and_hold_the_approval_up(counting: Counting) -> None:
    counting.enter("P1", 4)
    product = Product.objects.get(sku="P1")
    ledger.sell(actor=counting.clerk, store=counting.store, lines=[(product, 1)])
    counting.enter("P1", 3, key="second place")
    html = counting.html("review/")
    assert "Count these anew" in html
    assert 'data-testid="approve"' not in html
    seen = state_of(stocktaking.review(counting.stocktake), uncounted_are_zero=False)
    answer = counting.client.post(f"{counting.url}approve/", {"uncounted": "leave", "seen": seen})
    assert answer.status_code == 409
    counting.enter("P1", 9, key="anew", how="replace")
    assert "Count these anew" not in counting.html("review/")


def test_the_review_shows_differences_only_on_request(counting: Counting) -> None:
    counting.enter("P1", 11)
    counting.enter("P2", 9)
    assert re.findall(r'difference[^>]*data-sku="(\w+)"', counting.html("review/")) == ["P2", "P1"]
    only = counting.html("review/", only="differences")
    assert re.findall(r'difference[^>]*data-sku="(\w+)"', only) == ["P2"]
    assert "\N{MINUS SIGN}€9.00" in only


def test_a_cancelled_stocktake_posts_nothing(counting: Counting) -> None:
    counting.enter("P1", 4)
    assert "Nothing is posted" in counting.html("cancel/")
    counting.client.post(f"{counting.url}cancel/")
    assert not StockMovement.objects.filter(kind="count").exists()
    assert "Cancelled by" in counting.html("report/")
    assert counting.enter("P1", 5).status_code == 409
    assert counting.client.get(counting.url).url == f"{counting.url}report/"


def test_who_starts_one_sees_what_is_being_counted(counting: Counting) -> None:
    start = f"/stock/{counting.store.code}/counts/new/"
    html = counting.client.get(start).content.decode()
    assert 'data-testid="counted-already"' in html
    assert re.search(rf'href="{counting.url}">\s*Lamps\s*</a>', html)
    counting.client.post(f"{counting.url}cancel/")
    assert 'data-testid="counted-already"' not in counting.client.get(start).content.decode()


def test_a_stocktake_is_started_once(counting: Counting) -> None:
    start = f"/stock/{counting.store.code}/counts/new/"
    assert "Home/Lamps" in counting.client.get(start).content.decode()
    answer = counting.client.post(start, {"category": "Home/Lamps"})
    assert answer.url == counting.url  # the one that is open
    answer = counting.client.post(start, {"category": ""})
    assert Stocktake.objects.count() == 2
    assert counting.client.post(start, {"category": "Nowhere"}).status_code == 400


def test_what_is_missing_does_not_hide_behind_what_was_found(counting: Counting) -> None:
    """Of each kind of lamp there are 10, 11, 12, 13; a lamp costs 3."""
    counting.enter("P0", 6)
    html = " ".join(counting.html("review/").split())
    assert "<span>\N{MINUS SIGN}€12.00</span>" in html
    assert 'data-testid="value-together"' not in html
    counting.enter("P1", 14)
    html = " ".join(counting.html("review/").split())
    assert "<span>+€9.00</span> / <span>\N{MINUS SIGN}€12.00</span>" in html
    assert "together \N{MINUS SIGN}€3.00" in html


def test_a_booking_by_photo_reviews_and_keeps_its_evidence(counting: Counting) -> None:
    code = counting.store.code
    photo = SimpleUploadedFile("IMG_1.jpg", phone_photo(2), "image/jpeg")
    answer = counting.client.post(f"/stock/{code}/find/", {"photo": photo})
    sighting = Sighting.objects.get()
    assert answer.url == f"/stock/{code}/seen/{sighting.token}/"
    html = counting.client.get(answer.url).content.decode()
    assert "12 here" in html
    answer = counting.client.post(f"{answer.url}choose/", {"sku": "P2"})
    evidence = f"evidence=sighting%3A{sighting.token}"
    assert answer.url == f"/stock/{code}/products/P2/?{evidence}&doubt=1"
    sighting.refresh_from_db()
    assert (sighting.source, sighting.review) == ("booking", "confirmed")
    page = counting.client.get(answer.url).content.decode()
    assert f'value="{sighting.evidence}"' in page
    # Of a stocktake's sighting the count says what it was, not this page.
    other = counting.seen(1)
    refused = counting.client.post(f"/stock/{code}/seen/{other.token}/choose/", {"sku": "P2"})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("verdict", "chosen", "doubts"),
    [
        ("match", "P2", False),
        ("match", "P1", True),
        ("lookalike", "P2", True),
        ("unknown", "P2", True),
        ("", "P2", True),
    ],
)
def test_what_a_photo_does_not_tell_for_certain_is_compared(
    counting: Counting, verdict: str, chosen: str, doubts: bool
) -> None:
    sighting = counting.seen(2)
    Sighting.objects.update(verdict=verdict, source="booking")
    found = f"/stock/{counting.store.code}/seen/{sighting.token}/"
    asks = {"match": "Is it this?", "lookalike": "Which one is it?"}.get(verdict, "What is it?")
    assert asks in counting.client.get(found).content.decode()
    booking = counting.client.post(f"{found}choose/", {"sku": chosen}).url
    for page in (booking, f"{counting.url}products/{chosen}/?seen={sighting.token}"):
        html = counting.client.get(page).content.decode()
        assert ('data-testid="doubt"' in html) == doubts
    # A code that was typed, or read in the photo, tells it.
    find = f"/stock/{counting.store.code}/find/?q={chosen}&seen={sighting.token}"
    count = f"{counting.url}?q={chosen}&seen={sighting.token}"
    for page in (find, count):
        html = counting.client.get(page, follow=True).content.decode()
        assert 'data-testid="doubt"' not in html
        assert sighting.token in html
    Sighting.objects.update(barcode=GTIN, barcode_product=Product.objects.get(sku=chosen))
    assert "doubt" not in counting.client.post(f"{found}choose/", {"sku": chosen}).url


def fill(counting: Counting, number: int) -> None:
    products = [ProductFactory(category_path="Home/Lamps", price=2) for _ in range(number)]
    ledger.receive(
        actor=counting.clerk, store=counting.store, lines=[(each, 5) for each in products]
    )
    for product in products[: number // 2]:
        stocktaking.count_product(
            actor=counting.clerk, stocktake=counting.stocktake, product=product, counted=4
        )


@pytest.mark.parametrize(
    "path", ["", "lines/", "review/", "approve/?uncounted=leave", "?q=product"]
)
def test_a_page_asks_the_same_of_10_and_of_100_lines(
    counting: Counting, django_assert_max_num_queries, path: str
) -> None:
    fill(counting, 20)
    counting.client.get(counting.url + path)
    with CaptureQueriesContext(connection) as few:
        assert counting.client.get(counting.url + path).status_code == 200
    fill(counting, 180)
    with django_assert_max_num_queries(len(few)):
        counting.client.get(counting.url + path)


def test_the_report_asks_the_same_of_10_and_of_100_lines(
    counting: Counting, django_assert_num_queries
) -> None:
    def closed(number: int) -> str:
        stocktake = stocktaking.open_stocktake(actor=counting.clerk, store=counting.store)
        now = Counting(counting.client, counting.clerk, counting.store, stocktake)
        fill(now, number)
        stocktaking.approve(actor=counting.clerk, stocktake=stocktake)
        return f"{now.url}report/"

    few_url, many_url = closed(20), closed(200)
    counting.client.get(few_url)
    with CaptureQueriesContext(connection) as few:
        counting.client.get(few_url)
    with django_assert_num_queries(len(few)):
        counting.client.get(many_url)


@pytest.mark.parametrize("path", ["find/", "counts/{}/"])
def test_words_of_the_other_layout_offer_what_was_meant(counting: Counting, path: str) -> None:
    cache.clear()  # of the words of another test's catalogue
    sighting = counting.seen(2)
    page = f"/stock/{counting.store.code}/{path.format(counting.stocktake.pk)}"
    html = counting.client.get(page, {"q": "ьгп", "seen": sighting.token}).content.decode()
    link = re.search(r'data-testid="meant".*?href="([^"]+)">mug<', html, re.DOTALL)
    assert link is not None
    assert choices(html) == []
    again = counting.client.get(page + unescape(link[1])).content.decode()
    assert "<strong>Mug</strong>" in again
    assert sighting.token in again
    nothing = counting.client.get(page, {"q": "zeppelin"}).content.decode()
    assert 'data-testid="meant"' not in nothing
    assert "No product has these words" in nothing
