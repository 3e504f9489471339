"""Categories as pages: all of them, and one with its products."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from products.models import Category
from tests.factories import ProductFactory, with_photo
from tests.recognition.shop_of_many import fill_shop

pytestmark = pytest.mark.django_db


def find(path: str) -> Category:
    category = Category.objects.all().find(path)
    assert category is not None
    return category


def skus(html: str) -> list[str]:
    return re.findall(r'data-sku="([^"]+)"', html)


def test_the_overview_counts_what_is_sold(client: Client, db: None) -> None:
    fill_shop(8)
    ProductFactory(category_path="Empty", is_active=False)
    with_photo(1, ProductFactory(category_path="Home/Mugs"))
    html = client.get("/categories/").content.decode()
    assert re.search(r"Home</a>\s*</h2>\s*<p class=\"hint\">\s*7 products", html)
    assert "Pantry" in html
    assert "Empty" not in html
    assert "<picture>" in html


def test_an_empty_catalogue_has_an_overview(client: Client, db: None) -> None:
    assert client.get("/categories/").status_code == 200


def test_a_category_holds_what_is_below_it(client: Client, db: None) -> None:
    products, _stores = fill_shop(16)
    home = find("Home")
    answer = client.get(home.get_absolute_url())
    html = answer.content.decode()
    inside = [p for p in products if p.category.path.startswith(home.path) and p.is_active]
    assert sorted(skus(html)) == sorted(p.sku for p in inside)
    assert "Mugs" in html
    assert f'href="{find("Home/Mugs").get_absolute_url()}"' in html
    assert f'rel="canonical" href="http://testserver{home.get_absolute_url()}"' in html
    assert "noindex" not in html


def test_crumbs_lead_up(client: Client, db: None) -> None:
    fill_shop(8)
    html = client.get(find("Home/Mugs/Large").get_absolute_url()).content.decode()
    crumbs = re.search(r'<nav class="crumbs".*?</ol>', html, flags=re.DOTALL)
    assert crumbs
    assert re.findall(r'href="([^"]+)"', crumbs[0]) == [
        "/categories/", find("Home").get_absolute_url(), find("Home/Mugs").get_absolute_url(),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Чай", "Ärmel & Hüte", "茶", "☺", "1/2".replace("/", "-")])
def test_names_of_any_script_have_addresses(client: Client, db: None, name: str) -> None:
    category = Category.objects.at_path(name)
    ProductFactory(category=category)
    assert client.get(category.get_absolute_url()).status_code == 200


def test_another_name_leads_to_the_right_one(client: Client, db: None) -> None:
    category = Category.objects.at_path("Mugs")
    old = category.get_absolute_url()
    category.name = "Cups"
    category.save()
    category = find("Cups")
    answer = client.get(f"{old}?brand=Nord&page=2")
    assert answer.status_code == 301
    assert answer["Location"] == f"{category.get_absolute_url()}?brand=Nord&page=2"
    assert client.get(f"/categories/{category.pk}-x/").status_code == 301
    assert client.get("/categories/999999-mugs/").status_code == 404


def test_a_name_that_comes_back_is_found_again(client: Client, db: None) -> None:
    """A browser that kept the way from the old name to the new one would go round in circles."""
    category = Category.objects.at_path("Mugs")
    old = category.get_absolute_url()
    category.name = "Cups"
    category.save()
    for url in (old, find("Cups").get_absolute_url()):
        assert set(client.get(url)["Cache-Control"].split(", ")) == {"private", "no-cache"}


def test_filtered_pages_are_not_for_search_engines(client: Client, db: None, settings: Any) -> None:
    settings.CATALOGUE_PAGE = 4
    fill_shop()
    url = find("Home").get_absolute_url()
    html = client.get(url, {"page": 2}).content.decode()
    assert f'rel="canonical" href="http://testserver{url}?page=2"' in html
    assert "noindex" not in html
    html = client.get(url, {"page": 2, "brand": "nord"}).content.decode()
    assert "noindex" in html
    # One thing or the other: both would ask for the page without filters not to be indexed.
    assert 'rel="canonical"' not in html


def test_filters_and_words_stay_inside(client: Client, db: None) -> None:
    fill_shop()
    url = find("Home").get_absolute_url()
    html = client.get(url, {"q": "blue", "price_max": "10", "sort": "price"}).content.decode()
    assert skus(html)
    assert "Take off: Up to €10.00" in html
    # Those below keep the filters.
    mugs = find("Home/Mugs").get_absolute_url()
    assert f'href="{mugs}?q=blue&amp;price_max=10&amp;sort=price"' in html
    assert "Search in Home" in html


def test_a_category_ignores_the_filter_of_another(client: Client, db: None) -> None:
    fill_shop()
    url = find("Home").get_absolute_url()
    plain, asked = client.get(url), client.get(url, {"category": "Pantry"})
    assert skus(plain.content.decode()) == skus(asked.content.decode())


@pytest.mark.parametrize(
    "asked", [{"page": "0"}, {"price_min": "x"}, {"store": "no"}, {"sort": "?"}]
)
def test_hostile_values_are_refused(client: Client, db: None, asked: dict[str, str]) -> None:
    fill_shop(8)
    url = find("Home").get_absolute_url()
    assert client.get(url, asked).status_code == 400
    assert client.get(url, asked, headers={"HX-Request": "true"}).status_code == 400
    assert client.get(url, {"page": 99}).status_code == 404


def test_htmx_gets_the_list_and_then_the_filters(client: Client, db: None) -> None:
    fill_shop()
    url = find("Home").get_absolute_url()
    html = client.get(url, {"brand": "nord"}, headers={"HX-Request": "true"}).content.decode()
    assert "<h1" not in html
    later = re.search(r'hx-get="(/filters/[^"]+)"', html)
    assert later
    panel = client.get(later[1].replace("&amp;", "&")).content.decode()
    assert 'id="branches"' in panel
    assert f'href="{url}?' in panel


def test_pages_cost_the_same_however_many_there_are(client: Client, db: None) -> None:
    fill_shop(12)
    with_photo(99, ProductFactory(category_path="Home/Lamps"))

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        # Not those that make a thumbnail at its first showing.
        return len(
            [each for each in captured if re.search("FROM .(products|stores)_", each["sql"])]
        )

    urls = (reverse("recognition:categories"), find("Home").get_absolute_url())
    few = [queries(url) for url in urls]
    for n in range(40):
        ProductFactory(category_path=f"Home/Kind {n}")
    for n in range(15):
        with_photo(n, ProductFactory(category_path=f"Main {n}/One"))
    assert [queries(url) for url in urls] == few
