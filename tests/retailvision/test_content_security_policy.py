"""The content security policy: strict for customers, as tight as the themes allow elsewhere."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import ProductFactory, with_photo

pytestmark = pytest.mark.django_db

STRICT = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:", "blob:"],
    "object-src": ["'none'"],
    "worker-src": ["'self'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}


def policy(client: Client, path: str, status: int = 200) -> dict[str, list[str]]:
    answer = client.get(path)
    assert answer.status_code == status
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in filter(None, parts)}


def test_pages_of_customers_have_the_strict_policy(client: Client) -> None:
    product = ProductFactory()
    for path in ("/", "/?q=apple", product.get_absolute_url()):
        assert policy(client, path) == STRICT, path


def test_errors_and_the_api_have_the_strict_policy(client: Client) -> None:
    assert policy(client, "/nothing/", 404) == STRICT
    assert policy(client, "/api/v1/nothing/", 404) == STRICT
    assert policy(client, "/api/v1/search/", 405) == STRICT


def test_photos_have_the_strict_policy(client: Client) -> None:
    assert policy(client, with_photo(1).file.url) == STRICT


@pytest.mark.parametrize("path", ["/admin/", "/admin/products/product/"])
def test_the_admin_may_do_what_its_theme_needs_and_no_more(admin_client: Client, path: str) -> None:
    assert policy(admin_client, path) == {
        **STRICT,
        "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
    }


def test_the_pages_of_the_api_may_set_styles_and_no_scripts(client: Client) -> None:
    for name in ("docs", "redoc"):
        assert policy(client, reverse(name)) == {
            **STRICT,
            "style-src": ["'self'", "'unsafe-inline'"],
            "worker-src": ["'self'", "blob:"],
        }


def test_one_request_does_not_loosen_the_next(admin_client: Client) -> None:
    admin_client.get("/admin/")
    assert policy(admin_client, "/") == STRICT


def test_nobody_may_frame_the_site_or_guess_its_types(client: Client) -> None:
    answer = client.get("/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
