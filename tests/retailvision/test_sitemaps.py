"""What search engines are told to read, and what not."""

from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest

from products.models import Category, Product
from products.sitemaps import ProductSitemap
from tests.factories import ProductFactory, StoreFactory

pytestmark = pytest.mark.django_db

NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def rows(client, address: str, **headers: str) -> list[tuple[str, str | None]]:
    """(address, last change) of each row of a file."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/xml"
    tree = ET.fromstring(answer.content)  # noqa: S314 - of our own making
    return [(str(row.findtext(f"{NS}loc")), row.findtext(f"{NS}lastmod")) for row in tree]


def test_the_index_names_every_file(client, settings, monkeypatch) -> None:
    monkeypatch.setattr(ProductSitemap, "limit", 2)
    ProductFactory.create_batch(5)
    names = [address for address, _when in rows(client, "/sitemap.xml")]
    products = "http://testserver/sitemaps/products.xml"
    assert names[-3:] == [products, f"{products}?p=2", f"{products}?p=3"]
    assert "http://testserver/sitemaps/stores.xml" in names
    assert len(rows(client, "/sitemaps/products.xml?p=3")) == 1
    for page in ("4", "0", "-1", "x", "99999999999999999999"):
        assert client.get(f"/sitemaps/products.xml?p={page}").status_code == 404


def test_products_that_customers_may_see_with_their_last_change(client) -> None:
    seen = ProductFactory(sku="A & <b>")
    ProductFactory(is_active=False)
    ProductFactory(merged_into=seen)
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    Product.objects.update(updated_at=when)
    assert rows(client, "/sitemaps/products.xml") == [
        ("http://testserver/products/A%20&%20%3Cb%3E/", "2026-01-02")
    ]
    assert "2026-01-02T03:04:05+00:00" in dict(rows(client, "/sitemap.xml")).values()


def test_open_stores(client) -> None:
    StoreFactory(code="A")
    StoreFactory(code="C", is_active=False)
    assert rows(client, "/sitemaps/stores.xml") == [("http://testserver/stores/A/", None)]


def test_categories_that_hold_something_that_customers_may_see(client) -> None:
    ProductFactory(category_path="Home/Lamps/Desk & floor")
    ProductFactory(category_path="Home/Rugs", is_active=False)
    Category.objects.at_path("Empty")
    addresses = [address for address, _when in rows(client, "/sitemaps/categories.xml")]
    assert [address.rsplit("-", 1)[0].rsplit("/", 1)[0] for address in addresses] == (
        ["http://testserver/categories"] * 3
    )
    slugs = [address.split("-", 1)[1] for address in addresses]
    assert slugs == ["home/", "lamps/", "desk-floor/"]


def test_every_address_leads_to_a_page(client) -> None:
    ProductFactory(sku="A/1".replace("/", " "), category_path="Home/Lamps")
    StoreFactory(code="A")
    addresses = [
        page
        for file, _when in rows(client, "/sitemap.xml")
        for page, _last in rows(client, file.removeprefix("http://testserver"))
    ]
    assert len(addresses) >= 7
    for address in addresses:
        assert client.get(address.removeprefix("http://testserver")).status_code == 200, address


def test_an_empty_shop_has_a_map(client) -> None:
    for file, _when in rows(client, "/sitemap.xml"):
        rows(client, file.removeprefix("http://testserver"))


def test_a_file_costs_as_many_queries_as_it_has_kinds(client, django_assert_num_queries) -> None:
    for round_ in range(2):
        ProductFactory.create_batch(3)
        ProductFactory(category_path=f"Further/{round_}")
        StoreFactory()
        for kind, queries in [("products", 2), ("categories", 2), ("stores", 2), ("pages", 0)]:
            with django_assert_num_queries(queries):
                rows(client, f"/sitemaps/{kind}.xml")


def test_an_unknown_file_is_not_found(client) -> None:
    assert client.get("/sitemaps/nope.xml").status_code == 404


def test_robots_are_told_what_not_to_read(client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(answer.content.decode().splitlines())
    assert robots.site_maps() == ["http://testserver/sitemap.xml"]
    for path in ("/", "/products/A/", "/stores/A/", "/categories/", "/media/products/a.jpg", "/sitemap.xml"):  # fmt: skip
        assert robots.can_fetch("*", path), path
    # Not known to this parser, which would take “/?” for “/”.
    assert "Disallow: /?*" in answer.content.decode()
    for path in ("/admin/", "/stock/A/", "/api/v1/products/", "/answers/x/", "/accounts/login/"):  # fmt: skip
        assert not robots.can_fetch("*", path), path


@pytest.mark.parametrize("address", ["/robots.txt", "/sitemap.xml", "/sitemaps/products.xml"])
def test_what_is_the_same_for_all_may_be_kept(client, address) -> None:
    answer = client.get(address)
    assert answer["Cache-Control"].startswith(("public, max-age=", "max-age="))
    assert "public" in answer["Cache-Control"]
    assert "Cookie" not in answer.get("Vary", "")
    assert client.post(address).status_code == 405


def test_behind_a_proxy_with_tls_addresses_are_https(client, settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["shop.example"]
    headers = {"host": "shop.example", "x-forwarded-proto": "https"}
    for address, _when in rows(client, "/sitemap.xml", **headers):
        assert address.startswith("https://shop.example/sitemaps/")
    robots = client.get("/robots.txt", headers=headers).content.decode()
    assert "Sitemap: https://shop.example/sitemap.xml" in robots
