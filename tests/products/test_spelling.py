"""A word that stands nowhere is mended, where one nearby stands in the catalogue."""

from typing import Any

import pytest
from django.core.cache import cache

from products.models import Product
from products.spelling import probably_meant
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def shop(*names: str, **fields: Any) -> None:
    for name in names:
        ProductFactory(name=name, **{"category_path": "Things", "brand": "", **fields})


@pytest.mark.parametrize(
    ("names", "asked", "meant"),
    [
        (["Oat milk"], "oat mlk", "oat milk"),
        (["Oat milk"], "OAT Mlik", "oat milk"),
        (["Chocolate bar"], "choclat", "chocolate"),
        (["Chocolate bar", "Chocolates"], "chokolade bar", "chocolate bar"),
        (["Растительное молоко"], "молако", "молоко"),
        (["Напиток овсяный"], "напиток авсяный", "напиток овсяный"),
        (["Молоко"], "vjkjrj", "молоко"),
        (["Milk"], "ьшдл", "milk"),
        (["Oat milk"], "oatt mlk", "oat milk"),
    ],
)
def test_a_slip_is_mended(names: list[str], asked: str, meant: str) -> None:
    shop(*names)
    assert list(probably_meant(asked))[:1] == [meant]


def test_brands_and_categories_are_words_too() -> None:
    shop("Drink", brand="Moorbrook", category_path="Beverages/Juices")
    assert list(probably_meant("morbrook")) == ["moorbrook"]
    assert list(probably_meant("bevarages")) == ["beverages"]


def test_what_more_products_have_comes_first() -> None:
    shop("Lime", "Lamb", "Lamp one", "Lamp two")
    assert list(probably_meant("lamt")) == ["lamp", "lamb"]


@pytest.mark.parametrize(
    "asked",
    [
        "zeppelin",  # far from all
        "xk",  # too short to tell
        "lamp chair",  # each word stands somewhere
        "lam",  # the beginning of a word is found
        "4006381333932",
        "!?",
        ",.",
        "",
        "a\0b",
        "ь" * 300,
    ],
)
def test_what_is_no_slip_is_left_alone(asked: str) -> None:
    shop("Lamp", "Chair")
    assert list(probably_meant(asked)) == []


def test_only_what_is_sold_is_meant() -> None:
    shop("Lantern")
    Product.objects.update(is_active=False)
    shop("Chair")
    assert list(probably_meant("lanterm")) == []


def test_few_are_tried() -> None:
    shop("cart", "card", "care", "carp", "cars", "carb")
    assert len(list(probably_meant("carx"))) == 4


def test_the_words_are_gathered_once(django_assert_num_queries: Any) -> None:
    shop("Lamp")
    assert list(probably_meant("lamp lamk")) == ["lamp lamp"]
    asked = 4  # whether any product or category has the word, or that of the other layout
    with django_assert_num_queries(asked):
        assert list(probably_meant("lamp lamk")) == ["lamp lamp"]
    cache.clear()
    with django_assert_num_queries(asked + 1):
        assert list(probably_meant("lamp lamk")) == ["lamp lamp"]


def test_a_sentence_is_left_alone(django_assert_num_queries: Any) -> None:
    shop("Lamp")
    with django_assert_num_queries(0):
        assert list(probably_meant("a lamk that stands on the table")) == []
