"""Prices, numbers and dates as a language writes them; and never where a program reads."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import translation

from products.models import Product
from products.templatetags.catalogue import price
from recognition.models import Encoder
from recognition.similarity_drawing import _ByLanguage
from recognition.similarity_report import begin_report, build_similarity_report
from recognition.templatetags.verdicts import at_least, at_most, percent
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo, with_stock
from tests.retailvision.languages.conftest import russian

NBSP, NARROW, MINUS = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{MINUS SIGN}"


def shown(template: str, language: str, **context: Any) -> str:
    with translation.override(language):
        tags = "{% load catalogue humanize l10n verdicts stock %}"
        text: str = Template(tags + template).render(Context(context))
    return text


@pytest.mark.parametrize(
    ("amount", "english", "said"),
    [
        ("3.5", "€3.50", f"3,50{NBSP}€"),
        ("1234.50", "€1,234.50", f"1{NBSP}234,50{NBSP}€"),
        ("0", "€0.00", f"0,00{NBSP}€"),
        ("1234567.89", "€1,234,567.89", f"1{NBSP}234{NBSP}567,89{NBSP}€"),
    ],
)
def test_prices(amount: str, english: str, said: str) -> None:
    with translation.override("en"):
        assert price(Decimal(amount)) == english
    with translation.override("ru"):
        assert price(Decimal(amount)) == said


def test_prices_of_another_currency(settings: Any) -> None:
    settings.CURRENCY = "RUB"
    with translation.override("ru"):
        assert price(Decimal("99.9")) == f"99,90{NBSP}₽"


def test_shares_distances_and_counts() -> None:
    with translation.override("ru"):
        assert percent(0.047) == f"4,7{NBSP}%"
    assert shown("{{ n|floatformat:3 }}", "ru", n=0.1234) == "0,123"
    assert shown("{{ n|floatformat:3 }}", "en", n=0.1234) == "0.123"
    assert shown("{{ n|intcomma }}", "ru", n=1234567) == f"1{NBSP}234{NBSP}567"
    assert shown("{{ n }}", "ru", n=1.5) == "1,5"
    # Numbers of rows and of products are written without groups.
    assert shown("{{ n }}", "ru", n=1234567) == "1234567"


@pytest.mark.parametrize(
    ("share", "most", "least"),
    [
        (0.047, (5, 100), (4, 100)),
        (0.05, (5, 100), (5, 100)),
        (0.0034, (4, 1000), (0, 100)),
        (0.95, (95, 100), (95, 100)),
        (0.957, (96, 100), (95, 100)),
        (0.9951, (100, 100), (995, 1000)),
    ],
)
def test_odds_never_flatter(share: float, most: tuple[int, int], least: tuple[int, int]) -> None:
    assert at_most(share) == most
    assert at_least(share) == least


def test_odds_are_said_by_number() -> None:
    error = "{% include 'recognition/_verdict_error.html' %}"

    def said(share: float, language: str) -> str:
        verdict = {"basis": "photo", "error_bound": share, "samples": 1400}
        return shown(error, language, verdict=verdict)

    assert "at most 5 times in 100, tested on 1,400 photos" in said(0.047, "en")
    assert "at most once in 100 times" in said(0.0099, "en")
    assert f"в 4 случаях из 1{NBSP}000; проверено на 1{NBSP}400 фото" in said(0.0034, "ru")
    assert "в 1 случае из 100" in said(0.01, "ru")


def test_dates_and_times() -> None:
    moment = datetime(2026, 3, 2, 15, 4, tzinfo=UTC)
    assert shown('{{ at|date:"DATE_FORMAT" }}', "ru", at=moment).startswith("2 марта 2026 ")
    assert shown('{{ at|date:"DATE_FORMAT" }}', "en", at=moment) == "March 2, 2026"
    assert shown("{{ at|time }}", "ru", at=moment) == "15:04"
    assert shown("{{ at|time }}", "en", at=moment) == "15:04"
    # With a date as well, and in the lists of the admin.
    assert shown('{{ at|date:"DATETIME_FORMAT" }}', "en", at=moment) == "March 2, 2026, 15:04"
    assert shown('{{ at|date:"SHORT_DATETIME_FORMAT" }}', "en", at=moment) == "03/02/2026 15:04"


def test_marks_of_axes() -> None:
    marks = _ByLanguage()
    marks.create_dummy_axis()
    marks.set_locs([0.0, 0.5])
    with translation.override("ru"):
        assert marks(0.5) == "0,5"
    with translation.override("en"):
        assert marks(0.5) == "0.5"


# --- what programs read ---


@pytest.fixture
def product(encoder: Encoder) -> Product:
    image = with_photo(
        1, ProductFactory(sku="A", name="Лампа", price="1234.50", attributes={"вес": 1.5})
    )
    with_stock(StoreFactory(code="S1", latitude="52.5", longitude="13.4"), image.product, 1500)
    return image.product


@pytest.mark.django_db
def test_the_api_is_the_same_in_any_language(product: Product) -> None:
    def answer(language: str) -> Any:
        client = Client(headers={"accept-language": language})
        client.force_login(StaffFactory())
        found = client.get("/api/v1/products/A/").json()
        return {**found, "links": None}

    assert answer("ru") == answer("en")
    assert answer("ru")["price"] == "1234.50"


@pytest.mark.django_db
def test_files_are_the_same_in_any_language(product: Product) -> None:
    def rows(language: str, address: str) -> list[list[str]]:
        client = Client(headers={"accept-language": language})
        client.force_login(StaffFactory())
        answer = client.get(address)
        assert answer.status_code == 200
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    for address, cell in (
        (reverse("admin:stores_stocklevel_export", args=["csv"]), "1500"),
        (reverse("admin:stores_reorder_file"), "sku"),
    ):
        assert rows("ru", address) == rows("en", address)
        assert cell in {each for row in rows("ru", address) for each in row}


@pytest.mark.django_db
def test_what_pages_tell_machines_is_plain(product: Product, client: Client) -> None:
    html = russian(client).get("/products/A/").content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    told = json.loads(next(block for block in blocks if '"Product"' in block))
    assert told["offers"]["price"] == "1234.50"
    assert told["additionalProperty"][0]["value"] == 1.5
    assert 'data-latitude="52.5"' in html
    assert f"1{NBSP}234,50{NBSP}€" in html
    assert "1,5" in html


@pytest.mark.django_db
def test_a_price_is_entered_as_the_browser_sends_it(product: Product) -> None:
    """A field of numbers: the browser shows a comma to who writes one, and sends a point."""
    client = russian(Client())
    client.force_login(StaffFactory())
    html = client.get(f"/admin/products/product/{product.pk}/change/").content.decode()
    field = re.search(r'<input[^>]*name="price"[^>]*>', html)
    assert field is not None
    assert 'type="number"' in field[0]
    assert 'value="1234.50"' in field[0]


@pytest.mark.django_db
def test_targets_of_thresholds_are_sent_as_numbers(encoder: Encoder) -> None:
    build_similarity_report(report=begin_report(encoder=encoder))
    client = russian(Client())
    client.force_login(StaffFactory())
    html = client.get("/admin/recognition/similarityreport/newest/", follow=True).content.decode()
    sent = set(re.findall(r'name="target"\s+value="([^"]*)"', html))
    assert sent == {"0.05"}
