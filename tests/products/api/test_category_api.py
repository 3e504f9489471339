"""The tree of categories through the API."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import STORE_CLERK
from products.models import Category, Product
from tests.factories import ProductFactory, person
from tests.products.api.client import Api, errors

pytestmark = pytest.mark.django_db


def paths(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["path"] for each in answer.json()["results"]]


@pytest.fixture
def tree(db: None) -> dict[str, Category]:
    wanted = ("Fruit", "Fruit/Apple", "Fruit/Apple/Red", "Home", "Home/Lamps")
    return {path: Category.objects.at_path(path) for path in wanted}


def test_the_tree_in_its_order(tree: dict, partner: Api) -> None:
    ProductFactory(category_path="Fruit")
    ProductFactory(category_path="Fruit/Apple/Red")
    ProductFactory(category_path="Fruit/Apple/Red", is_active=False)
    answer = partner.get("categories/")
    assert paths(answer) == list(tree)
    assert answer.json()["results"][1] == {
        "id": tree["Fruit/Apple"].pk, "path": "Fruit/Apple", "name": "Apple", "depth": 2,
        "parent": "Fruit", "products": 0, "products_with_below": 2,
    }  # fmt: skip
    fruit = answer.json()["results"][0]
    assert (fruit["parent"], fruit["products"], fruit["products_with_below"]) == (None, 1, 3)
    clerk = Api(person(STORE_CLERK))
    assert clerk.get("categories/", path="Fruit").json()["results"][0]["products_with_below"] == 2
    assert partner.get(f"categories/{fruit['id']}/").json() == fruit


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"parent": "fruit"}, ["Fruit/Apple"]),
        ({"depth": 1}, ["Fruit", "Home"]),
        ({"path": "HOME/lamps"}, ["Home/Lamps"]),
        ({"path": "Nowhere"}, []),
        ({"path": "//"}, []),
        ({"parent": "Fruit", "depth": 3}, []),
    ],
)
def test_filters(tree: dict, partner: Api, query: dict, found: list[str]) -> None:
    assert paths(partner.get("categories/", **query)) == found


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"parent": "Nowhere"}, ("unknown_category", "parent")),
        ({"depth": "9"}, ("invalid_choice", "depth")),
        ({"depth": "x"}, ("invalid_choice", "depth")),
    ],
)
def test_what_no_filter_can_be(tree: dict, partner: Api, query: dict, error: tuple) -> None:
    answer = partner.get("categories/", **query)
    assert (answer.status_code, errors(answer)) == (400, [error])


def test_pages(tree: dict, partner: Api) -> None:
    seen: list[str] = []
    url = "http://testserver/api/v1/categories/?limit=2"
    while url:
        answer = partner.get(url)
        seen += paths(answer)
        url = answer.json()["next"]
    assert seen == list(tree)
    assert partner.get("categories/", cursor="cD0lMDA=").status_code == 404


def test_one_is_made_with_what_is_missing_above_it(tree: dict, partner: Api) -> None:
    answer = partner.send("POST", "categories/", {"path": " Fruit / Pear/Green "})
    assert answer.status_code == 201
    assert answer.json()["path"] == "Fruit/Pear/Green"
    assert partner.get(answer["Location"]).json() == answer.json()
    again = partner.send("POST", "categories/", {"path": "FRUIT/pear/green"})
    assert (again.status_code, again.json()) == (200, answer.json())
    assert Category.objects.find_problems() == ([], [], [], [], [])


@pytest.mark.parametrize(
    "path",
    ["", "/", "a//b", "a" * 121, "/".join("abcdefghi"), "a\0", "a\x07", [], None, "x" * 1001],
)
def test_what_is_no_path(partner: Api, path: Any) -> None:
    answer = partner.send("POST", "categories/", {"path": path})
    assert answer.status_code == 400
    assert {attr for _code, attr in errors(answer)} == {"path"}
    assert not Category.objects.exists()


def test_it_is_renamed_and_moved(tree: dict, editor: Api) -> None:
    red = f"categories/{tree['Fruit/Apple/Red'].pk}/"
    answer = editor.send("PATCH", red, {"name": "Pink Lady"})
    assert answer.json()["path"] == "Fruit/Apple/Pink Lady"
    apple = f"categories/{tree['Fruit/Apple'].pk}/"
    answer = editor.send("PATCH", apple, {"parent": "home/lamps", "name": "Apples"})
    assert (answer.status_code, answer.json()["path"]) == (200, "Home/Lamps/Apples")
    assert editor.get(red).json()["path"] == "Home/Lamps/Apples/Pink Lady"
    for top in (None, ""):
        assert editor.send("PATCH", apple, {"parent": top}).json()["path"] == "Apples"
    assert editor.send("PATCH", apple, {}).json()["path"] == "Apples"
    assert Category.objects.find_problems() == ([], [], [], [], [])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": "home"}, ("unique", "name")),
        ({"name": "a/b"}, ("category_path", "name")),
        ({"name": ""}, ("blank", "name")),
        ({"name": "a\0"}, ("null_characters_not_allowed", "name")),
        ({"parent": "Fruit/Apple"}, ("below_itself", "parent")),
        ({"parent": "Nowhere"}, ("unknown_category", "parent")),
        ({"parent": "1/2/3/4/5/6"}, ("too_deep", "parent")),
    ],
)
def test_a_change_that_cannot_be(tree: dict, editor: Api, change: dict, error: tuple) -> None:
    Category.objects.at_path("1/2/3/4/5/6")
    answer = editor.send("PATCH", f"categories/{tree['Fruit'].pk}/", change)
    assert (answer.status_code, errors(answer)) == (400, [error])
    assert Category.objects.get(pk=tree["Fruit"].pk).full_name == "Fruit"


def test_only_an_empty_one_is_deleted(tree: dict, editor: Api, partner: Api) -> None:
    product = ProductFactory(category_path="Home/Lamps", is_active=False)
    for path in ("Fruit", "Home", "Home/Lamps"):
        answer = editor.send("DELETE", f"categories/{tree[path].pk}/")
        assert (answer.status_code, errors(answer)) == (409, [("in_use", None)])
    product.delete()
    lamps = f"categories/{tree['Home/Lamps'].pk}/"
    assert partner.send("DELETE", lamps).status_code == 403
    assert editor.send("DELETE", lamps).status_code == 204
    assert editor.send("DELETE", lamps).status_code == 404
    assert paths(editor.get("categories/", parent="Home")) == []
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_ten_rows_and_a_hundred_cost_the_same(partner: Api) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = partner.get("categories/", limit=500)
        assert len(answer.json()["results"]) == Category.objects.count()
        return len(queries)

    for number in range(5):
        ProductFactory(category_path=f"C{number}/Inside")
    partner.get("categories/")
    few = cost()
    for number in range(5, 50):
        ProductFactory(category_path=f"C{number}/Inside")
    assert cost() == few
    assert Product.objects.count() == 50
