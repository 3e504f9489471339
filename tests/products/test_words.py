"""Words find products: stemmed in both languages, from their beginnings, and never with an error."""

import re
from typing import Any

import pytest
from django.db import connection

from products.models import Product
from products.words import MAX_WORDS, prefix_query
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def found(words: str) -> list[str]:
    return list(Product.objects.matching(words).values_list("sku", flat=True))


def product(sku: str, **fields: Any) -> Product:
    return ProductFactory(sku=sku, **{"name": "Thing", **fields})


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Running shoes", "shoe"),
        ("Running shoe", "shoes"),
        ("Running shoes", "runs"),
        ("Зелёные яблоки", "яблоко"),
        ("Зелёное яблоко", "яблоками"),
        ("Chair", "CHAIR"),
        ("Strawberry jam", "strawb"),
        ("Strawberry jam", "jam strawberry"),
        ("The Who", "the"),
    ],
)
def test_a_name_is_found(stored: str, asked: str) -> None:
    product("X", name=stored)
    product("Y", name="Lamp")
    assert found(asked) == ["X"]


@pytest.mark.parametrize(
    ("field", "value", "asked"),
    [
        ("brand", "Acme Works", "acme"),
        ("description", "Keeps coffee warm for hours", "hour"),
        ("description", "Сохраняет тепло часами", "тепло"),
        ("barcode", "4006381333931", "4006381333931"),
        ("barcode", "4006381333931", "400638"),
        ("category_path", "Home/Lamps", "lamp"),
        ("category_path", "Дом/Лампы", "лампа"),
        ("category_path", "Lamps/Desk/Small", "lamps"),
    ],
)
def test_other_texts_are_found(field: str, value: str, asked: str) -> None:
    product("X", **{field: value})
    product("Y", category_path="Elsewhere")
    assert found(asked) == ["X"]


@pytest.mark.parametrize(
    "text",
    ["AB-1234", "12.50-7", "a.b", "A_B:7", "USB-2", "me@shop.example", "1+1", "shop.example"],
)
def test_what_a_parser_would_take_for_a_number_a_host_or_an_address_is_found_by_its_parts(
    text: str,
) -> None:
    product(text)
    product("NAME", name=f"Thing {text}", description="1/2")
    product("OTHER-9999")
    for words in (text, text.lower(), *re.split(r"\W", text)):
        assert sorted(found(words)) == sorted([text, "NAME"]), words
    assert found("1/2") == ["NAME"]


def test_every_word_must_be_there() -> None:
    product("X", name="Green apple")
    product("Y", name="Red apple")
    assert found("apple green") == ["X"]
    assert found("apple blue") == []


def test_a_name_weighs_more_than_a_description() -> None:
    product("TEXT", name="Basket", description="Holds an apple")
    product("NAME", name="Apple")
    assert found("apple") == ["NAME", "TEXT"]


def test_the_text_follows_its_row() -> None:
    product("X", name="Apple")
    Product.objects.update(name="Pear")
    assert found("apple") == []
    assert found("pear") == ["X"]


@pytest.mark.parametrize("words", ["", " ", "'", "&|!():*<->\\", "\0", "…—“”", "🍏"])
def test_what_holds_no_word_finds_nothing(words: str) -> None:
    product("X")
    assert prefix_query(words) is None
    assert found(words) == []


HOSTILE = [
    "apple'", "'apple", "apple' | 'pear", "apple & !pear", "apple:*", "apple:A", "apple\\", "\\'apple",
    "apple\0", "a\0pple", "(apple", "apple <-> pear", "!!apple", "apple*", "'; DROP TABLE x; --",
    "apple\N{RIGHT-TO-LEFT OVERRIDE}", "%", "_", "__", "appl\N{COMBINING ACUTE ACCENT}e", "'' ''", "\\\\'",
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_words(words: str) -> None:
    product("X", name="Apple")
    assert set(found(words)) <= {"X"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM products_product")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    "words", ["a" * 10_000, "я" * 10_000, "apple " * 2_000, "'" * 10_000, "1 " * 5_000]
)
def test_ten_thousand_characters_are_no_error(words: str) -> None:
    product("X", name="Apple")
    assert found(words) == (["X"] if words.startswith("apple ") else [])


def test_words_beyond_the_sixteenth_do_not_count() -> None:
    product("X", name="Apple")
    assert found("apple " * MAX_WORDS + "nothing") == ["X"]
    assert found("apple " * (MAX_WORDS - 1) + "nothing") == []
