"""Where the retailer's logo, icon and colour stand in place of ours."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from tests.brands import MARK, WORDMARK, a_brand
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class Head(HTMLParser):
    """The links of a page's head, and what its first link home shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.icon: dict[str, str] = {}
        self.sheets: list[str] = []
        self.logo: dict[str, str] = {}
        self.name = ""
        self._is_brand = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and given["rel"] == "icon":
            self.icon = given
        elif tag == "link" and given["rel"] == "stylesheet":
            self.sheets.append(given["href"])
        elif given.get("class") == "brand":
            self._is_brand = True
        elif tag == "img" and self._is_brand:
            self.logo = given

    def handle_endtag(self, tag: str) -> None:
        if tag in {"a", "header"}:
            self._is_brand = False

    def handle_data(self, data: str) -> None:
        if self._is_brand:
            self.name += data.strip()


def page(client: Client, path: str = "/") -> Head:
    return Head(client.get(path).content.decode())


def test_ours_where_there_is_no_other(client: Client) -> None:
    head = page(client)
    assert "retailvision/logo" in head.logo["src"]
    assert (head.logo["alt"], head.name) == ("", "RetailVision")
    assert not any("/brand/" in sheet for sheet in head.sheets)


def test_a_wordmark_says_the_name_itself(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.SITE_NAME = "Moorbrook"
    settings.BRAND = a_brand(tmp_path, WORDMARK)
    head = page(client)
    assert (head.logo["width"], head.logo["height"]) == ("160", "32")
    assert (head.logo["alt"], head.name) == ("Moorbrook", "")
    assert "/brand/" not in head.icon["href"], "a wide icon"
    ours = next(at for at, sheet in enumerate(head.sheets) if "retailvision/site" in sheet)
    assert head.sheets[ours + 1].startswith("/brand/colors-"), "it must follow what it changes"


def test_beside_a_mark_stands_the_name(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.BRAND = a_brand(tmp_path, MARK)
    head = page(client)
    assert (head.logo["alt"], head.name) == ("", "RetailVision")
    assert head.icon["href"] == head.logo["src"]
    assert head.icon["type"] == "image/svg+xml"


def test_an_icon_of_its_own(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.BRAND = a_brand(tmp_path, WORDMARK, MARK)
    assert page(client).icon["href"].startswith("/brand/icon-")


@pytest.mark.parametrize(
    "path", ["/", "/stores/", "/accounts/login/", "/nowhere/", "/stock/-/offline/"]
)
def test_on_every_page(client: Client, settings: Settings, tmp_path: Path, path: str) -> None:
    settings.BRAND = a_brand(tmp_path)
    address = f"/brand/{settings.BRAND.logo.file.name}"
    assert page(client, path).logo["src"] == address


def test_the_files_are_kept_for_ever_and_run_nothing(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.BRAND = a_brand(tmp_path, WORDMARK, MARK)
    found = {}
    for name, file in settings.BRAND.files.items():
        answer = client.get(f"/brand/{name}")
        assert answer.content == file.body
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Set-Cookie" not in answer
        found[name.partition("-")[0]] = answer["Content-Type"]
    assert found == {"logo": "image/svg+xml", "icon": "image/svg+xml", "colors": "text/css"}


@pytest.mark.parametrize(
    "name", ["logo.svg", "logo-000000000000.svg", "settings.py", "..", "%2e%2e%2fx"]
)
def test_nothing_else_is_there(
    client: Client, settings: Settings, tmp_path: Path, name: str
) -> None:
    settings.BRAND = a_brand(tmp_path)
    assert client.get(f"/brand/{name}").status_code == 404


def test_the_stock_pages_keep_them_on_the_phone(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    assert "logo.svg" in client.get("/stock/worker.js").content.decode()
    settings.BRAND = a_brand(tmp_path, WORDMARK, MARK)
    script = client.get("/stock/worker.js").content.decode()
    for name in settings.BRAND.files:
        assert f'"/brand/{name}"' in script
    assert "logo.svg" not in script


def test_a_shop_without_partners_names_none(client: Client, settings: Settings) -> None:
    assert 'href="/api/docs/"' in client.get("/").content.decode()
    settings.PARTNERS_LINK = False
    assert 'href="/api/docs/"' not in client.get("/").content.decode()


def test_the_admin_shows_the_icon(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.BRAND = a_brand(tmp_path, MARK)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert page(client, "/admin/").icon["href"].startswith("/brand/logo-")
