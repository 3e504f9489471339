"""Filters on the search page: by addresses, by the form of a photo, and by htmx."""

import re
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from products.models import Product
from recognition.embedding import embed_pending
from recognition.models import Encoder, Sighting
from recognition.seen_photos import _SALT
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.pictures import phone_photo
from tests.recognition.shop_of_many import fill_shop

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def get(client: Client, **asked: Any) -> str:
    answer = client.get("/", asked)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def skus(html: str) -> list[str]:
    return re.findall(r'data-sku="([^"]+)"', html)


def links(html: str) -> list[str]:
    return [each.replace("&amp;", "&") for each in re.findall(r'<a[^>]+href="(/\?[^"]+)"', html)]


def upload(seed: int = 2) -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_1.jpg", phone_photo(seed), "image/jpeg")


@pytest.fixture
def photo_shop(encoder: Encoder) -> list[Product]:
    products = [
        ProductFactory(
            sku=f"P{n}", name=f"Lamp {n}", price=n, brand="Nord" if n % 2 else "Süd",
            category_path=f"Home/Kind {n % 3}",
        )
        for n in range(8)
    ]  # fmt: skip
    for n, product in enumerate(products):
        with_photo(n, product)
    with_stock(StoreFactory(code="MAIN", name="Main Street"), products[2], 4)
    embed_pending(encoder)
    return products


def token(html: str) -> str:
    found = re.search(r'name="seen"[^>]*?value="([^"]+)"', html)
    assert found
    return found[1]


# --- by address ---


def test_filters_alone_browse(client: Client, db: None) -> None:
    fill_shop()
    html = get(client, category="Home/Mugs", brand=["nord", "Süd"], price_max="10", in_stock="1")
    expected = Product.objects.active().filter(category__name__in=["Mugs", "Large"])
    assert 0 < len(skus(html)) < expected.count()
    for chip in ("Mugs", "nord", "Süd", "Up to €10.00", "In stock"):
        assert f"Take off: {chip}" in html
    assert "Clear all filters" in html
    assert '<meta name="robots" content="noindex, follow" />' in html


def test_each_chip_takes_off_one_filter(client: Client, db: None) -> None:
    fill_shop()
    html = get(client, q="blue", brand=["nord", "Süd"], store="S0", sort="price", page="1")
    without_brand = next(
        link for link in links(html) if "brand=S" in link and "brand=nord" not in link
    )
    assert "q=blue" in without_brand
    assert "store=S0" in without_brand
    assert "sort=price" in without_brand
    assert client.get(without_brand).status_code == 200
    assert "/?q=blue&sort=price" in links(html)  # all filters are cleared, the words stay


def test_links_of_the_panel_lead_to_as_many_products_as_they_say(
    client: Client, db: None, settings: Any
) -> None:
    settings.CATALOGUE_PAGE = 100
    fill_shop()
    html = get(client, q="thing", in_stock="1")
    options = re.findall(
        r'class="facet-link"[^>]*?href="([^"]+)".*?facet-number">\s*(\d+)', html, flags=re.DOTALL
    )
    assert len(options) >= 4
    for href, number in options:
        page = client.get(href.replace("&amp;", "&")).content.decode()
        assert len(skus(page)) == int(number), href


def test_pages_have_addresses_and_end(client: Client, db: None, settings: Any) -> None:
    settings.CATALOGUE_PAGE = 6
    fill_shop()
    html = get(client, q="thing", page=2)
    assert "12 of 39 products" in html
    assert "/?q=thing&page=3" in links(html)
    assert "/?q=thing" in links(html)
    answer = client.get("/", {"q": "thing", "page": 8})
    assert answer.status_code == 404
    assert "The list ends before this page" in answer.content.decode()


def test_further_pages_come_alone(client: Client, db: None, settings: Any) -> None:
    settings.CATALOGUE_PAGE = 6
    fill_shop()
    asked = {"q": "thing", "page": 2}
    more = client.get("/", asked, headers={**HTMX, "HX-Target": "more"})
    html = more.content.decode()
    assert html.lstrip().startswith("<ol")
    assert len(skus(html)) == 6
    assert 'id="more"' in html
    assert "HX-Push-Url" not in more
    before = client.get("/", asked, headers={**HTMX, "HX-Target": "before"}).content.decode()
    assert 'id="before"' in before
    assert 'id="more"' not in before


def test_htmx_gets_the_numbers_afterwards(client: Client, db: None) -> None:
    fill_shop()
    answer = client.get("/", {"q": "blue", "brand": "nord"}, headers=HTMX)
    html = answer.content.decode()
    assert 'type="checkbox"' not in html
    later = re.search(r'hx-get="(/filters/[^"]+)"', html)
    assert later
    panel = client.get(later[1].replace("&amp;", "&"), headers=HTMX)
    assert panel.status_code == 200
    assert panel["X-Robots-Tag"] == "noindex"
    whole = get(client, q="blue", brand="nord")
    counted = re.findall(r'facet-number">\s*(\d+)', panel.content.decode())
    assert counted == re.findall(r'facet-number">\s*(\d+)', whole)


HOSTILE = [
    {"price_min": "abc"}, {"price_min": "-1"}, {"price_max": "1e400"}, {"price_max": "NaN"},
    {"price_min": "9", "price_max": "1"}, {"price_max": "9" * 5000}, {"price_min": "1.234"},
    {"store": "NOPE"}, {"store": "S'\"<b>"}, {"store": "9" * 5000}, {"in_stock": "maybe"},
    {"sort": "name; DROP TABLE"}, {"page": "0"}, {"page": "-3"}, {"page": "9" * 5000},
    {"page": "one"}, {"brand": "x" * 200}, {"brand": "a\nb"}, {"category": "No/Such"},
    {"category": "/" * 900}, {"brand": [f"b{n}" for n in range(50)]},
    {"store": [f"s{n}" for n in range(90)]}, {"category": "x" * 2000},
]  # fmt: skip


@pytest.mark.parametrize("asked", HOSTILE, ids=lambda asked: urlencode(asked, doseq=True)[:40])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_hostile_values_are_refused_with_a_reason(
    client: Client, db: None, asked: dict[str, Any], headers: dict[str, str]
) -> None:
    fill_shop(8)
    answer = client.get("/", asked, headers=headers)
    assert answer.status_code == 400
    assert 'data-testid="problem"' in answer.content.decode()
    assert client.get("/filters/", asked, headers=headers).status_code == 400
    sent = client.post("/", asked)
    assert sent.status_code == 303
    assert client.get(sent["Location"]).status_code == 400


def test_odd_values_are_only_values(client: Client, db: None) -> None:
    fill_shop(8)
    html = get(client, brand="<script>alert(1)</script>' OR 1=1 --", q="<img src=x>")
    assert "<script>alert" not in html
    assert "<img src=x>" not in html
    assert skus(html) == []
    assert (
        client.get("/filters/", {"of": "9" * 4000, "near": "1,x,-2," + "9" * 40}).status_code == 200
    )
    assert client.get("/filters/", {"of": "999999"}).status_code == 404


def test_a_price_may_be_written_with_a_comma(client: Client, db: None) -> None:
    fill_shop()
    assert skus(get(client, price_max="9,99")) == skus(get(client, price_max="9.99"))


@pytest.mark.parametrize(
    "price", ["0e9999999999", "1e5", "1_000", "NaN", "9.999", "\uff11", "1.", "9" * 11]
)
@pytest.mark.parametrize("name", ["price_min", "price_max"])
def test_what_nobody_writes_as_a_price_is_none(
    client: Client, db: None, price: str, name: str
) -> None:
    category = ProductFactory(category_path="Lamps").category
    for url in ("/", "/filters/", category.get_absolute_url()):
        answer = client.get(url, {"q": "lamp", name: price})
        assert answer.status_code == 400, url
        assert "A price is a number" in answer.content.decode()


@pytest.mark.parametrize("name", ["price_min", "price_max"])
@pytest.mark.parametrize("price", ["0", "0.00", " 0 "])
def test_a_price_of_0_alone_is_asked(client: Client, db: None, name: str, price: str) -> None:
    ProductFactory(sku="FREE", price=0)
    assert "FREE" in skus(get(client, **{name: price}))


@pytest.mark.parametrize("brand", ["Maison\u00a0Bleu", "Thin\u202fSpace", "Nord\u200d"])
def test_a_brand_of_unusual_spaces_can_be_chosen(client: Client, db: None, brand: str) -> None:
    ProductFactory(sku="NBSP", brand=brand)
    ProductFactory(sku="OTHER", brand="Other")
    assert skus(get(client, brand=brand)) == ["NBSP"]


# --- nothing found ---


def test_an_empty_list_says_which_filter_to_take_off(client: Client, db: None) -> None:
    fill_shop()
    html = get(client, q="blue", brand="nord", price_max="0.01", category="Pantry", sort="name")
    assert skus(html) == []
    ways = re.search(r'data-testid="ways-out".*?</ul>', html, flags=re.DOTALL)
    assert ways
    offered = re.findall(
        r'href="([^"]+)".*?<span>([^<]+)</span>\s*<span class="facet-number">\s*(\d+)',
        ways[0],
        flags=re.DOTALL,
    )
    assert {text for _href, text, _number in offered} >= {"Clear all filters"}
    for href, text, number in offered:
        page = client.get(href.replace("&amp;", "&")).content.decode()
        assert len(skus(page)) == int(number) > 0, text


def test_words_that_nothing_has_lead_on(client: Client, db: None) -> None:
    fill_shop(8)
    html = get(client, q="qqqq")
    assert "No product matches these words" in html
    assert 'data-testid="ways-out"' not in html


def test_a_slip_of_the_keyboard_leads_to_what_was_meant(client: Client, db: None) -> None:
    for n in range(3):
        ProductFactory(name=f"Chocolate {n}", brand="Nord" if n else "Süd", category_path="Sweets")
    html = get(client, q="choclate", brand="Nord")
    assert skus(html) == []
    assert "Did you mean" in html
    [(href, text, number)] = re.findall(
        r'data-testid="meant".*?href="([^"]+)".*?<span>([^<]+)</span>.*?>\s*(\d+)', html, re.DOTALL
    )
    assert (text, number) == ("chocolate", "2")
    assert len(skus(client.get(href.replace("&amp;", "&")).content.decode())) == 2


def test_a_page_of_a_category_mends_inside_of_it(client: Client, db: None) -> None:
    inside = ProductFactory(name="Chocolate", category_path="Sweets")
    ProductFactory(name="Chocolade", category_path="Elsewhere")
    page = client.get(inside.category.get_absolute_url(), {"q": "chocolase"}).content.decode()
    assert re.search(r'data-testid="meant".*?href="/categories/[^"]+q=chocolate"', page, re.DOTALL)


def test_nothing_is_meant_that_is_not_there(client: Client, db: None) -> None:
    ProductFactory(name="Chocolate", brand="Süd")
    assert 'data-testid="meant"' not in get(client, q="choclate", brand="Nord")


# --- with a photo ---


def test_filters_of_a_photo_come_with_its_token(client: Client, photo_shop: Any) -> None:
    html = client.post("/", {"photo": upload()}).content.decode()
    assert skus(html)[0] == "P2"
    everything = skus(html)
    seen = token(html)
    narrowed = client.post("/", {"seen": seen, "brand": "Süd"})
    assert narrowed.status_code == 200
    page = narrowed.content.decode()
    assert skus(page) == [sku for sku in everything if int(sku[1]) % 2 == 0]
    # What is offered further are buttons of the form, which sends the token again.
    assert re.search(r'<button class="facet-link"[^>]*name="category"', page, flags=re.DOTALL)
    dropped = client.post("/", {"seen": token(page), "brand": "Süd", "drop": "brand:Süd"})
    assert skus(dropped.content.decode()) == everything
    deeper = client.post("/", {"seen": seen, "category": ["Home", "Home/Kind 2"]})
    assert set(skus(deeper.content.decode())) == {"P2", "P5"}
    priced = client.post("/", {"seen": seen, "price": "2..3"}).content.decode()
    assert set(skus(priced)) == {"P2", "P3"}
    assert "€2.00 to €3.00" in priced


def test_a_token_records_nothing_anew_and_keeps_its_feedback(
    client: Client, photo_shop: Any
) -> None:
    html = client.post("/", {"photo": upload()}).content.decode()
    record = Sighting.objects.get()
    again = client.post("/", {"seen": token(html), "brand": "Nord"}).content.decode()
    assert Sighting.objects.get() == record
    assert record.token in again


def test_a_new_photo_outweighs_the_last_one(client: Client, photo_shop: Any) -> None:
    seen = token(client.post("/", {"photo": upload(2)}).content.decode())
    html = client.post("/", {"seen": seen, "photo": upload(5), "brand": ["Nord", "Süd"]})
    assert skus(html.content.decode())[0] == "P5"


def test_filters_hold_for_a_new_photo(client: Client, photo_shop: Any) -> None:
    html = client.post("/", {"photo": upload(2), "brand": "Nord"}).content.decode()
    assert {int(sku[1]) % 2 for sku in skus(html)} == {1}
    assert re.search(r'name="brand"\s+value="Nord"\s+form="search-form"\s+checked', html)


@pytest.mark.parametrize("seen", ["x", "a:b:c", "é", "9" * 15_000])
def test_a_token_that_is_none_of_ours_asks_for_the_photo(
    client: Client, photo_shop: Any, seen: str
) -> None:
    answer = client.post("/", {"seen": seen})
    assert answer.status_code == 409
    assert "Your photo is needed again" in answer.content.decode()


def test_after_a_change_of_the_model_the_photo_is_needed_again(
    client: Client, photo_shop: Any
) -> None:
    seen = token(client.post("/", {"photo": upload()}).content.decode())
    _key, *rest = signing.loads(seen, salt=_SALT)
    other = signing.dumps(["another:model:now", *rest], salt=_SALT)
    assert client.post("/", {"seen": other}).status_code == 409


def test_the_pages_of_a_photo(client: Client, photo_shop: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("recognition.shown.PHOTO_PAGE", 3)
    monkeypatch.setattr("recognition.views.PHOTO_PAGE", 3)
    html = client.post("/", {"photo": upload()}).content.decode()
    seen, first = token(html), skus(html)
    assert len(first) == 3
    pages = [first]
    for page in (2, 3):
        answer = client.post(
            "/", {"seen": seen, "page": page}, headers={**HTMX, "HX-Target": "more"}
        )
        pages.append(skus(answer.content.decode()))
    assert [len(page) for page in pages] == [3, 3, 2]
    assert len({sku for page in pages for sku in page}) == 8
    assert 'data-testid="more"' not in answer.content.decode()


@pytest.mark.parametrize("page", [9, 10**6])
def test_the_pages_of_a_photo_end(client: Client, photo_shop: Any, page: int) -> None:
    seen = token(client.post("/", {"photo": upload()}).content.decode())
    for sent in ({"seen": seen}, {"photo": upload()}):
        answer = client.post("/", {**sent, "page": page})
        assert answer.status_code == 404
        assert "The list ends before this page." in answer.content.decode()
    assert Sighting.objects.count() == 1


def test_a_form_without_a_photo_leads_to_an_address(client: Client, db: None) -> None:
    fill_shop(8)
    sent = {"q": "blue", "brand": ["nord", ""], "price_min": "", "drop": "store", "store": "S0"}
    answer = client.post("/", sent)
    assert (answer.status_code, answer["Location"]) == (303, "/?q=blue&brand=nord")
    cleared = client.post("/", {**sent, "drop": "filters"})
    assert cleared["Location"] == "/?q=blue"


def test_a_page_with_filters_costs_the_same_however_many_products(client: Client, db: None) -> None:
    fill_shop(12)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            get(client, q="thing", brand="nord", in_stock="1")
        return len(captured)

    queries()
    few = queries()
    for n in range(60):
        product = ProductFactory(name=f"Blue thing {n}", brand="Nord", category_path="Home/Lamps")
        with_stock(StoreFactory(), product, 3) if n < 10 else None
    assert queries() == few
