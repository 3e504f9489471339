"""The customer's page of a product: what it says to people, to machines and in its head."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import Product
from tests.factories import ProductFactory, StoreFactory, with_photo, with_stock
from tests.linked import kinds, linked

pytestmark = pytest.mark.django_db

HOSTILE = "</script><script>alert(1)</script> & \"Co\" <!-- 'x'"


def get(client, product, **query) -> str:
    answer = client.get(product.get_absolute_url(), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_all_that_is_known_is_shown(client, settings) -> None:
    settings.CURRENCY = "EUR"
    product = ProductFactory(
        name="Lamp", brand="Nord & Co", price="12.50", description="Warm light.\n\nFor desks.",
        barcode="4006381333931", attributes={"colour": "red", "dimmable": True},
        category_path="Home/Lamps",
    )  # fmt: skip
    page = get(client, product)
    assert "€12.50" in page
    assert "<p>Warm light.</p>" in page
    assert 'href="/?brand=Nord%20%26%20Co"' in page
    assert re.search(r"Colour</th>\s*<td>red", page)
    assert re.search(r"Dimmable</th>\s*<td>Yes", page)
    assert "4006381333931" in page
    assert "data:image/svg+xml;base64," in page


def test_a_product_of_which_little_is_known(client) -> None:
    product = ProductFactory(name="Bare")
    page = get(client, product)
    assert "data:image/svg+xml" not in page
    found = linked(page, "Product")
    assert not {"brand", "gtin", "image", "description", "offers"} & found.keys()


def test_data_for_search_engines(client, settings) -> None:
    settings.CURRENCY = "SEK"
    product = ProductFactory(
        sku="L 1", name="Lamp", brand="Nord", price="12.50", barcode="4006381333931",
        description="Warm\nlight.", attributes={"colour": ["red", "blue"]}, category_path="Home/Lamps",
    )  # fmt: skip
    with_photo(1, product)
    with_stock(StoreFactory(), product, 3)
    page = get(client, product)
    address = "http://testserver/products/L%201/"
    found = linked(page, "Product")
    (photo,) = found.pop("image")
    assert photo.startswith("http://testserver/media/products/")
    assert found == {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": address,
        "url": address,
        "name": "Lamp",
        "sku": "L 1",
        "gtin": "4006381333931",
        "category": "Home > Lamps",
        "description": "Warm light.",
        "brand": {"@type": "Brand", "name": "Nord"},
        "additionalProperty": [{"@type": "PropertyValue", "name": "colour", "value": "red, blue"}],
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": "12.50",
            "priceCurrency": "SEK",
            "availability": "https://schema.org/InStoreOnly",
        },
    }
    crumbs = linked(page, "BreadcrumbList")["itemListElement"]
    assert [each["name"] for each in crumbs] == ["Categories", "Home", "Lamps", "Lamp"]
    assert "itemprop" not in page


@pytest.mark.parametrize(("stores", "availability"), [(0, None), (1, "OutOfStock")])
def test_where_nothing_is_known_of_stock_nothing_is_said(client, stores, availability) -> None:
    StoreFactory.create_batch(stores)
    found = linked(get(client, ProductFactory(price=1)), "Product")["offers"]
    assert found.get("availability") == (availability and f"https://schema.org/{availability}")


def test_hostile_words_stay_words(client) -> None:
    product = ProductFactory(
        name=HOSTILE, brand=HOSTILE, description=HOSTILE, price=1, attributes={HOSTILE: HOSTILE},
        category_path="Bits & <b>bobs<",
    )  # fmt: skip
    with_stock(StoreFactory(name=HOSTILE, address=HOSTILE), product, 1)
    page = get(client, product)
    assert kinds(page) == ["BreadcrumbList", "Product"]
    assert linked(page, "Product")["name"] == HOSTILE
    assert "<script>alert" not in page
    head = page.split("</head>")[0]
    (title,) = re.findall(r'property="og:title"\s+content="([^"]*)"', head)
    assert unescape(title) == HOSTILE


def test_the_head_is_for_search_engines_and_messengers(client) -> None:
    product = ProductFactory(
        sku="L1", name="Lamp", brand="Nord", price="2.50", description="Warm <b>light</b>. " * 30
    )
    with_photo(1, product)
    head = get(client, product, stores="all").split("</head>")[0]
    assert '<link rel="canonical" href="http://testserver/products/L1/" />' in head
    metas = dict(re.findall(r'<meta\s+(?:name|property)="([^"]+)"\s+content="([^"]*)"', head))
    assert metas["og:url"] == "http://testserver/products/L1/"
    assert metas["og:type"] == "product"
    assert metas["og:title"] == "Lamp"
    assert metas["description"].startswith("€2.50 · Nord · Warm light. Warm light.")
    assert len(metas["description"]) <= 160
    assert metas["og:image"].startswith("http://testserver/media/products/")
    assert (metas["og:image:width"], metas["og:image:height"]) == ("160", "160")  # all there is
    assert metas["twitter:card"] == "summary_large_image"
    assert metas["product:price:amount"] == "2.50"
    assert metas["product:price:currency"] == "EUR"
    assert "robots" not in metas


def test_who_was_merged_leads_on_for_good_and_who_is_inactive_is_not_found(client) -> None:
    heir = ProductFactory(sku="NEW")
    middle = ProductFactory(sku="MIDDLE", merged_into=heir, is_active=False)
    ProductFactory(sku="OLD", merged_into=middle)
    ProductFactory(sku="GONE", is_active=False)
    for sku in ("OLD", "MIDDLE"):
        answer = client.get(f"/products/{sku}/")
        assert (answer.status_code, answer["Location"]) == (301, "/products/NEW/")
    for sku in ("GONE", "NEVER", "x" * 300):
        assert client.get(f"/products/{sku}/").status_code == 404
    Product.objects.filter(pk=heir.pk).update(merged_into=middle)
    assert client.get("/products/OLD/").status_code == 404


def test_behind_a_proxy_with_tls_addresses_are_https(client, settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["shop.example"]
    product = ProductFactory(sku="L1")
    headers = {"host": "shop.example", "x-forwarded-proto": "https"}
    page = client.get("/products/L1/", headers=headers).content.decode()
    assert 'href="https://shop.example/products/L1/"' in page
    assert linked(page, "Product")["url"] == "https://shop.example/products/L1/"
    assert product.get_absolute_url() == "/products/L1/"


def test_a_host_that_is_not_ours_gets_no_addresses(client) -> None:
    ProductFactory(sku="L1")
    answer = client.get("/products/L1/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


def test_what_is_shared_by_nobody_is_kept_by_no_cache(client) -> None:
    ProductFactory(sku="L1")
    assert client.get("/products/L1/")["Cache-Control"] == "private, no-cache"


def test_a_page_is_only_read(client) -> None:
    ProductFactory(sku="L1")
    assert client.post("/products/L1/").status_code == 405


def test_queries_do_not_grow_with_photos_stores_and_depth(client) -> None:
    small = ProductFactory(sku="small", category_path="A/B")
    with_photo(0, small)
    with_stock(StoreFactory(), small, 1)
    large = ProductFactory(sku="large", category_path="A/B/C/D/E")
    for seed in range(1, 5):
        with_photo(seed, large)
    for store in StoreFactory.create_batch(15, address="Way 1", opening_hours="Mo-Su 09:00-18:00"):
        with_stock(store, large, 2)
    numbers = []
    for product in (small, large):
        get(client, product)  # thumbnails are made at the first showing
        with CaptureQueriesContext(connection) as queries:
            get(client, product)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1], numbers


def test_a_number_that_the_shop_gave_itself_is_no_gtin(client) -> None:
    product = ProductFactory(barcode="2002600000013")
    page = get(client, product)
    assert "gtin" not in linked(page, "Product")
    assert "2002600000013" in page
