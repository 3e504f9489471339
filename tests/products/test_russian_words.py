"""What a Russian shopper types finds what a Russian shop sells: any case, either ё, in any form."""

# ruff: noqa: RUF001, RUF002, RUF003  # Cyrillic letters are meant.
import pytest
from django.test import Client

from products.models import Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db

SOLD = {
    "milk": {"name": "Молоко пастеризованное 3,2%", "brand": "Весёлый молочник", "category_path": "Продукты/Молочное"},
    "yoghurt": {"name": "Йогурт питьевой с черникой", "category_path": "Продукты/Молочное"},
    "apple": {"name": "Яблоки зелёные", "category_path": "Продукты/Фрукты и ягоды"},
    "honey": {"name": "Мёд цветочный", "category_path": "Продукты/Мёд и варенье"},
    "shoes": {"name": "Кроссовки беговые Nike Air", "brand": "Nike", "category_path": "Обувь/Мужская"},
    "kettle": {"name": "Чайник электрический", "description": "Объём 1,7 л, тёплая подсветка", "category_path": "Дом/Кухня"},
    "bulb": {"name": "Лампочка LED E27", "category_path": "Дом/Свет"},
    "chair": {"name": "Стул", "category_path": "Дом/Мебель"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def shop(db: None) -> None:
    for sku, fields in SOLD.items():
        ProductFactory(sku=sku, **fields)


def found(words: str) -> list[str]:
    return sorted(Product.objects.matching(words).values_list("sku", flat=True))


@pytest.mark.parametrize(
    ("asked", "skus"),
    [
        # cases and numbers
        ("молоко", ["milk"]),
        ("молока", ["milk"]),
        ("молоку", ["milk"]),
        ("молоком", ["milk"]),
        ("яблоко", ["apple"]),
        ("яблок", ["apple"]),
        ("яблоками", ["apple"]),
        ("кроссовок", ["shoes"]),
        ("кроссовка", ["shoes"]),
        ("чайника", ["kettle"]),
        ("чайники", ["kettle"]),
        ("лампочек", ["bulb"]),
        ("лампочки", ["bulb"]),
        ("стулья", ["chair"]),
        ("йогурты", ["yoghurt"]),
        ("ягоды", ["apple"]),
        ("фрукт", ["apple"]),
        # adjectives
        ("зелёное яблоко", ["apple"]),
        ("питьевого йогурта", ["yoghurt"]),
        ("беговая", ["shoes"]),
        ("электрические чайники", ["kettle"]),
        ("молочный", ["milk", "yoghurt"]),
        ("молочная", ["milk", "yoghurt"]),
        # ё and е
        ("мёд", ["honey"]),
        ("мед", ["honey"]),
        ("меда", ["honey"]),
        ("мёда", ["honey"]),
        ("зеленые", ["apple"]),
        ("зеленого", ["apple"]),
        ("ЗЕЛЁНЫЕ", ["apple"]),
        ("веселый молочник", ["milk"]),
        ("теплая подсветка", ["kettle"]),
        ("объем", ["kettle"]),
        # capital letters, beginnings
        ("МОЛОКО", ["milk"]),
        ("Чайник", ["kettle"]),
        ("молок", ["milk"]),
        ("кросс", ["shoes"]),
        ("зелен", ["apple"]),
        ("зелён", ["apple"]),
        # both alphabets
        ("nike кроссовки", ["shoes"]),
        ("Кроссовки NIKE air", ["shoes"]),
        ("лампочка led", ["bulb"]),
        ("лампочки e27", ["bulb"]),
        # categories
        ("обувь", ["shoes"]),
        ("обуви", ["shoes"]),
        ("мебель", ["chair"]),
        ("мужская обувь", ["shoes"]),
        ("варенья", ["honey"]),
        ("nike обувь", ["shoes"]),
        ("фрукты зелёные", ["apple"]),
        ("продукты с черникой", ["yoghurt"]),
        ("обувь зелёная", []),
        # words that are no goods
        ("йогурт с черникой", ["yoghurt"]),
        ("мед и варенье", ["honey"]),
        ("чайник с подсветкой", ["kettle"]),
    ],
)
def test_words(asked: str, skus: list[str]) -> None:
    assert found(asked) == skus


def test_io_is_found_by_ie_and_the_other_way() -> None:
    ProductFactory(sku="old", name="Ёлка искусственная")
    ProductFactory(sku="new", name="Елка искусственная")
    for asked in ("елка", "ёлка", "Ёлки", "ЕЛКИ"):
        assert found(asked) == ["new", "old"], asked


def test_a_letter_of_two_signs_is_one() -> None:
    """As some keyboards write them: е with two dots, и with its breve."""
    assert found("ме\N{COMBINING DIAERESIS}д") == ["honey"]
    assert found("и\N{COMBINING BREVE}огурт") == ["yoghurt"]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Набор чашек", "чашка"),
        ("Чашка чайная", "чашек"),
        ("Чашки чайные", "чашек"),
        ("Тарелки глубокие", "тарелок"),
        ("Набор тарелок", "тарелка"),
        ("Огурцы солёные", "огурец"),
        ("Огурец гладкий", "огурцы"),
        ("Рама для окон", "окно"),
        ("Окно пластиковое", "окон"),
        ("Кресло-качалка", "кресел"),
        ("Чехлы для кресел", "кресла"),
        ("Носки шерстяные", "носок"),
        ("Пара носков", "носок"),
        ("Перцы болгарские", "перец"),
        ("Сумка дорожная", "сумок"),
    ],
)
def test_vowels_that_come_and_go(stored: str, asked: str) -> None:
    ProductFactory(sku="X", name=stored)
    assert found(asked) == ["X"]


def test_short_words_keep_their_vowel() -> None:
    """Without it, too many words would begin with what is left."""
    ProductFactory(sku="juice", name="Сок вишнёвый")
    ProductFactory(sku="pan", name="Сковорода")
    assert found("сок") == ["juice"]


def test_the_page_searches_so(client: Client) -> None:
    html = client.get("/", {"q": "мед"}, headers={"accept-language": "ru"}).content.decode()
    assert 'data-sku="honey"' in html
    assert html.count('data-testid="result-card"') == 1
