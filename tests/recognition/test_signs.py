"""A minus is a minus on every page of the clerks: read, heard, beside pieces and beside money."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings

from stores import ledger, stocktaking
from tests.factories import ProductFactory, StoreFactory, person, with_stock

pytestmark = pytest.mark.django_db
# Of dates, codes and addresses a letter or a digit goes before the hyphen.
MINUS = "\N{MINUS SIGN}"
_HYPHEN_AS_MINUS = re.compile(r"(?<![\w/-])-\s?[\d€$]")


@pytest.fixture
def pages(client: Any) -> dict[str, str]:
    """The pages with changes on them; what was booked just now is said on one of them."""
    store = StoreFactory(code="center")
    clerk = person("Store clerk", store, is_staff=False)
    client.force_login(clerk)
    broken, lost, found = (
        ProductFactory(sku=sku, name=f"Lamp {sku}", price="5.00") for sku in ("B", "L", "F")
    )
    for product in (broken, lost, found):
        with_stock(store, product, 10)
    booking = ledger.adjust(actor=clerk, store=store, lines=[(broken, -2)], reason="Broken")
    stocktake = stocktaking.open_stocktake(actor=clerk, store=store)
    for product, counted in ((lost, 1), (found, 13)):
        stocktaking.count_product(
            actor=clerk, stocktake=stocktake, product=product, counted=counted
        )
    ledger.sell(actor=clerk, store=store, lines=[(lost, 1)])
    closed = stocktaking.open_stocktake(actor=clerk, store=store, category=broken.category)
    stocktaking.count_product(actor=clerk, stocktake=closed, product=broken, counted=7)
    stocktaking.approve(actor=clerk, stocktake=closed)
    return {
        "booked": f"/stock/center/products/B/?booked={booking.operation.pk}",
        "operation": f"/stock/center/operations/{booking.operation.pk}/",
        "review": f"/stock/center/counts/{stocktake.pk}/review/",
        "approve": f"/stock/center/counts/{stocktake.pk}/approve/?uncounted=leave",
        "report": f"/stock/center/counts/{closed.pk}/report/",
    }


def read(client: Any, address: str, language: str) -> str:
    """All that a page says, hidden texts and those of attributes included."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(address)
    assert answer.status_code == 200, address
    main = answer.content.decode().split("<main", 1)[1].split(">", 1)[1]
    main = main.split("</main>")[0]
    attributes = re.findall(r'\b(?:aria-label|title|data-listed|alt)="([^"]*)"', main)
    text = " ".join([re.sub(r"<[^>]+>", " ", main), *attributes])
    return re.sub(r"\s+", " ", unescape(text))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_hyphen_stands_for_a_minus(client: Any, pages: dict[str, str], language: str) -> None:
    for name, address in pages.items():
        text = read(client, address, language)
        assert not _HYPHEN_AS_MINUS.search(text), name
        assert MINUS in text, name


@pytest.mark.parametrize(
    ("language", "less", "more"),
    [("en", f"{MINUS}€45.00", "+€15.00"), ("ru", f"{MINUS}45,00 €", "+15,00 €")],
)
def test_money_has_its_sign_in_front_as_pieces_have(
    client: Any, pages: dict[str, str], language: str, less: str, more: str
) -> None:
    text = read(client, pages["review"], language)
    assert f"{MINUS}9 {less}" in text
    assert f"+3 {more}" in text


def test_an_adjustment_is_said_with_a_minus(client: Any, pages: dict[str, str]) -> None:
    assert f"Lamp B changed by {MINUS}2; 8 here now" in read(client, pages["booked"], "en")
