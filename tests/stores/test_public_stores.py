"""The pages of the stores for shoppers."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import ProductFactory, StoreFactory, with_stock
from tests.linked import linked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wednesday_noon(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 7, 12, tzinfo=UTC))


def get(client, address: str, **query) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def codes(page: str) -> list[str]:
    return re.findall(r'data-testid="told-store" data-code="([^"]+)"', page)


def test_the_list_has_open_stores_by_name(client) -> None:
    StoreFactory(code="B", name="Barmbek", address="Way 1", opening_hours="We 09:00-18:00")
    StoreFactory(code="A", name="Altona")
    StoreFactory(code="C", name="Closed", is_active=False)
    page = get(client, "/stores/")
    assert codes(page) == ["A", "B"]
    assert "Open until 18:00" in page
    assert '<link rel="canonical" href="http://testserver/stores/" />' in page
    assert 'data-testid="find-store"' not in page


def test_an_empty_list(client) -> None:
    assert "No store is open for business at the moment." in get(client, "/stores/")


def test_the_list_is_paged_and_whole_when_asked(client) -> None:
    for number in range(53):
        StoreFactory(code=f"S{number}", name=f"Store {number:02}")
    first, second = get(client, "/stores/"), get(client, "/stores/", page=2)
    assert (len(codes(first)), len(codes(second))) == (50, 3)
    assert 'href="?page=2"' in first
    assert 'rel="canonical" href="http://testserver/stores/?page=2"' in second
    assert 'data-all="?all=1"' in first
    whole = get(client, "/stores/", all=1)
    assert len(codes(whole)) == 53
    assert "noindex" in whole
    for odd in ("0", "x", "-1", "999"):
        assert codes(get(client, "/stores/", page=odd))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("altona", ["A"]),
        ("hamburg", ["A", "B"]),
        ("hamburg way", ["B"]),
        ("b", ["B", "A"]),
        ("%", []),
        ("  ", ["A", "B", "C"]),
    ],
)
def test_a_store_is_found_by_name_and_town(client, words, found) -> None:
    StoreFactory(code="A", name="Altona", address="Road 1\nHamburg")
    StoreFactory(code="B", name="Barmbek", address="Way 1\nHamburg")
    StoreFactory(code="C", name="Centre", address="Munich")
    page = get(client, "/stores/", q=words)
    assert sorted(codes(page)) == sorted(found)
    if not found:
        assert "No store of ours has these words" in page


def test_words_are_shown_as_words(client) -> None:
    page = get(client, "/stores/", q="<b>'\"")
    assert "<b>'" not in page
    assert "noindex" in page


def test_a_store_has_a_page(client) -> None:
    store = StoreFactory(
        code="ALT", name="Altona", address="Way 1\n22765 Hamburg", latitude=53.55, longitude=9.9,
        opening_hours="Mo-Fr 09:00-18:00\nSa,Su 10:00-13:00",
    )  # fmt: skip
    with_stock(store, ProductFactory(category_path="Home/Lamps/Desk"), 1)
    with_stock(store, ProductFactory(category_path="Home/Lamps"), 1)
    with_stock(store, ProductFactory(category_path="Home"), 1)
    with_stock(store, ProductFactory(category_path="Food & drink"), 1)
    with_stock(store, ProductFactory(category_path="Food & drink", is_active=False), 1)
    with_stock(StoreFactory(), ProductFactory(category_path="Elsewhere"), 1)
    page = get(client, "/stores/ALT/")
    assert "Open until 18:00" in page
    assert "Way 1<br>22765 Hamburg" in page
    assert 'href="https://www.openstreetmap.org/directions?to=53.55%2C9.9"' in page
    assert re.search(r'class="is-today"> <dt> Wednesday', page)
    assert "4 products on its shelves" in page
    counts = re.findall(r'href="(/\?[^"]*category=[^"]*)"> (?:<span>)?([^<]*?)(?:</span>)? <span class="held-count number">(\d+)', page)  # fmt: skip
    assert counts == [
        ("/?store=ALT&amp;category=Food%20%26%20drink", "Food &amp; drink", "1"),
        ("/?store=ALT&amp;category=Home", "Home", "3"),
        ("/?store=ALT&amp;category=Home%2FLamps", "Lamps", "2"),
    ]
    assert "Elsewhere" not in page
    assert 'href="/?store=ALT"' in page
    assert linked(page, "Store") == {
        "@context": "https://schema.org",
        "@type": "Store",
        "@id": "http://testserver/stores/ALT/",
        "url": "http://testserver/stores/ALT/",
        "name": "Altona",
        "branchCode": "ALT",
        "address": "Way 1, 22765 Hamburg",
        "geo": {"@type": "GeoCoordinates", "latitude": 53.55, "longitude": 9.9},
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": [
                    f"https://schema.org/{day}"
                    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
                ],
                "opens": "09:00",
                "closes": "18:00",
            },
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": ["https://schema.org/Saturday", "https://schema.org/Sunday"],
                "opens": "10:00",
                "closes": "13:00",
            },
        ],
    }


def test_of_many_categories_the_first_are_named(client) -> None:
    store = StoreFactory(code="A")
    for number in range(11):
        with_stock(store, ProductFactory(category_path=f"Home/Kind {number:02}"), 1)
    page = get(client, "/stores/A/")
    assert "Kind 07" in page
    assert "Kind 08" not in page
    assert "and 3 more" in page


def test_a_store_of_which_little_is_known(client) -> None:
    StoreFactory(code="A", name="Altona")
    page = get(client, "/stores/A/")
    assert "This store has told us no hours." in page
    assert "Nothing at the moment." in page
    assert "openstreetmap" not in page


def test_hours_that_nobody_understands_are_shown_as_they_are(client) -> None:
    StoreFactory(code="A", opening_hours="by <b>appointment")
    assert "by &lt;b&gt;appointment" in get(client, "/stores/A/")


def test_the_way_to_a_store_without_a_place_is_asked_by_its_address(client) -> None:
    StoreFactory(code="A", address="Way 1\nHamburg")
    page = get(client, "/stores/A/")
    assert "https://www.openstreetmap.org/search?query=Way+1%2C+Hamburg" in page


def test_a_code_in_other_letters_leads_to_the_store(client) -> None:
    StoreFactory(code="Alt")
    answer = client.get("/stores/aLT/")
    assert (answer.status_code, answer["Location"]) == (301, "/stores/Alt/")


def test_closed_and_unknown_stores_are_not_found(client) -> None:
    StoreFactory(code="C", is_active=False)
    for code in ("C", "nope", "a%20b", "%F0%9F%98%80", "x" * 500):
        assert client.get(f"/stores/{code}/").status_code == 404


@pytest.mark.parametrize("address", ["/stores/", "/stores/A/"])
def test_the_pages_are_only_read_and_kept_by_no_shared_cache(client, address) -> None:
    StoreFactory(code="A")
    assert client.post(address).status_code == 405
    assert client.get(address)["Cache-Control"] == "private, no-cache"


def test_queries_do_not_grow(client) -> None:
    store = StoreFactory(code="A", opening_hours="Mo-Su 09:00-18:00")
    with_stock(store, ProductFactory(category_path="A/B"), 1)
    numbers = []
    for round_ in range(2):
        for address in ("/stores/", "/stores/A/"):
            with CaptureQueriesContext(connection) as queries:
                get(client, address)
            numbers.append(len(queries))
        StoreFactory.create_batch(5, opening_hours="Mo-Su 09:00-18:00", latitude=1, longitude=1)
        for number in range(5):
            product = ProductFactory(category_path=f"A{round_}/B{number}/C")
            with_stock(store, product, 1)
    assert numbers[:2] == numbers[2:]
    assert max(numbers) <= 4


def test_hostile_words_stay_words(client) -> None:
    hostile = "</script><script>alert(1)</script>&\"'<!--"
    store = StoreFactory(code="A", name=hostile, address=hostile)
    with_stock(store, ProductFactory(category_path="<b>bits & bobs"), 1)
    for address in ("/stores/", "/stores/A/"):
        page = get(client, address)
        assert "<script>alert" not in page
        assert "<b>bits" not in page
    assert linked(client.get("/stores/A/").content.decode(), "Store")["name"] == hostile
