"""What nobody sends by mistake: refused with 4xx, or answered like what is not there; never a 500."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.client import MULTIPART_CONTENT
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from recognition.findings.found import Found, Kind
from recognition.findings.recording import record
from recognition.models import Encoder, Finding
from retailvision.middleware import ImpossibleValueMiddleware
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo
from tests.recognition.recorded import asked

pytestmark = pytest.mark.django_db

# No number, and one that Python refuses to read.
NO_NUMBERS = ["abc", "9" * 5000]
ODD = [*NO_NUMBERS, "0", "9" * 30, "\u00e9'\"<b>"]


def patterns(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """`(name, pattern)` of every address of the site."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each, (*spaces, each.namespace) if each.namespace else spaces)
        elif isinstance(each, URLPattern) and each.name:
            yield ":".join([*spaces, each.name]), each.pattern


NAMES = sorted({name for name, _pattern in patterns()})
WITH_ARGUMENTS = {
    name: list(pattern.converters or pattern.regex.groupindex)
    for name, pattern in patterns()
    if pattern.converters or pattern.regex.groupindex
}


def addresses_of(name: str) -> list[str]:
    found = []
    for odd in ODD:
        try:
            found.append(reverse(name, kwargs=dict.fromkeys(WITH_ARGUMENTS.get(name, []), odd)))
        except (NoReverseMatch, UnicodeEncodeError):
            continue
    return list(dict.fromkeys(found))


@pytest.fixture
def staff() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(StaffFactory())
    StoreFactory()
    return client


# What is sent to addresses without arguments, or asked of them, is looked at below.
ASKED = [
    (method, name)
    for method in ("get", "post", "options")
    for name in NAMES
    if not name.endswith("logout") and (method == "options" or name in WITH_ARGUMENTS)
]


@pytest.mark.parametrize(("method", "name"), ASKED)
def test_addresses_of_what_is_not_there(staff: Client, name: str, method: str) -> None:
    bad = [url[:90] for url in addresses_of(name) if getattr(staff, method)(url).status_code >= 500]
    assert bad == []


MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def of_models(function: Any) -> Any:
    return pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)(function)


def admin_url(model: type[Model], page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


@of_models
def test_actions_on_rows_that_are_none(staff: Client, model: type[Model]) -> None:
    listing = admin_url(model, "changelist")
    request = staff.get(listing).wsgi_request
    for action in admin.site._registry[model].get_actions(request):
        for odd in NO_NUMBERS:
            for more in ({}, {"post": "yes"}):
                data = {"action": action, "_selected_action": odd, **more}
                assert staff.post(listing, data).status_code < 500, (action, odd[:40])


@of_models
def test_add_pages_filled_in_with_what_is_none(staff: Client, model: type[Model]) -> None:
    for field in (each for each in model._meta.get_fields() if each.is_relation):
        for odd in NO_NUMBERS:
            answer = staff.get(admin_url(model, "add"), {field.name: odd})
            assert answer.status_code < 500, (field.name, odd[:40])


@of_models
def test_forms_posted_with_what_is_none(staff: Client, model: type[Model]) -> None:
    fields = [field.name for field in model._meta.get_fields()]
    for odd in NO_NUMBERS:
        data = dict.fromkeys(fields, odd)
        answer = staff.post(admin_url(model, "add"), data)
        assert answer.status_code < 500, odd[:40]


PLAIN = [name for name in NAMES if name not in WITH_ARGUMENTS and name not in {"schema", "redoc"}]


@pytest.mark.parametrize("name", PLAIN)
def test_parameters_that_nobody_knows(staff: Client, name: str) -> None:
    if name.endswith("logout"):
        return
    for field in ("foo", "p", "store", "chosen", "category", "merged_into"):
        for odd in NO_NUMBERS:
            assert staff.get(reverse(name), {field: odd}).status_code < 500, (field, odd[:40])


# --- words that have nothing to look for ---


@pytest.mark.parametrize("words", ["-", "!!!", "\U0001f45f", "\u200b", "'", "\\", "%", "&|:*"])
def test_words_of_signs_alone_find_nothing(staff: Client, words: str) -> None:
    category = ProductFactory(category_path="Shoes").category
    for url in ("/", "/filters/", category.get_absolute_url(), "/stores/", reverse("v1:products")):
        for name in ("q", "words", "search"):
            assert staff.get(url, {name: words}).status_code < 500, (url, name)
    for url in ("/", "/filters/", category.get_absolute_url()):
        assert staff.get(url, {"q": words, "in_stock": "1"}).status_code == 200, url


# --- JSON that no text can hold ---

_HALF = "\ud800"


def bodies() -> list[Any]:
    line = {"sku": _HALF, "quantity": 1}
    return [
        _HALF,
        [_HALF],
        {_HALF: 1},
        {"text": _HALF, "barcode": _HALF, "category": _HALF},
        {"kind": "receive", "store": _HALF, "lines": [line], "reference": _HALF},
        {"source": _HALF, "destination": _HALF, "lines": [line]},
        {"sku": _HALF, "counted": 1},
        {"reason": _HALF},
        {"review": _HALF, "sku": _HALF},
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("v1:")])
def test_half_a_character_in_json(staff: Client, name: str) -> None:
    url = reverse(name, kwargs=dict.fromkeys(WITH_ARGUMENTS.get(name, []), 1))
    for body in bodies():
        answer = staff.post(url, json.dumps(body), content_type="application/json")
        assert 400 <= answer.status_code < 500, body
        assert "errors" in answer.json()


def test_a_whole_character_in_two_halves_is_text(staff: Client) -> None:
    answer = staff.post(
        reverse("v1:search"), '{"text": "\\ud83c\\udf4f"}', content_type="application/json"
    )
    assert answer.status_code == 200


def test_the_autocomplete_of_a_form(staff: Client) -> None:
    for odd in NO_NUMBERS:
        for page in ("p", "page", "term", "field_name", "model_name", "app_label"):
            known = {"app_label": "products", "model_name": "product", "field_name": "category"}
            answer = staff.get(reverse("admin:autocomplete"), {**known, page: odd})
            assert answer.status_code < 500, (page, odd[:40])


def test_an_export_of_a_filter_that_is_none_exports_nothing(staff: Client) -> None:
    url = reverse("admin:products_product_export")
    assert staff.get(url, {"foo": "1"}).status_code == 400
    assert staff.post(f"{url}?foo=1", {"format": "0"}).status_code == 400


def test_a_fault_of_ours_in_the_admin_stays_one() -> None:
    """Only what Django says of a number that is none is the asker's."""
    middleware = ImpossibleValueMiddleware(lambda _request: HttpResponse())
    request = RequestFactory().get("/admin/")
    assert middleware.process_exception(request, ValueError("something else")) is None
    assert middleware.process_exception(request, KeyError(" expected a number but got ")) is None


# --- NUL, which PostgreSQL keeps in no text ---


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("multipart", [True, False])
def test_nul_in_a_form(staff: Client, name: str, multipart: bool) -> None:
    fields = ["sku", "key", "reason", "decision", "keep", "target", "q", "text", "barcode", "name"]
    data: Any = dict.fromkeys(fields, "a\0b")
    kind = MULTIPART_CONTENT if multipart else "application/x-www-form-urlencoded"
    for url in addresses_of(name)[:1]:
        sent = data if multipart else urlencode(data)
        assert staff.post(url, sent, content_type=kind).status_code < 500


def test_nul_in_the_sku_of_a_judgement_or_a_move(staff: Client, encoder: Encoder) -> None:
    photo, other = with_photo(1), ProductFactory()
    found = Found(Kind.MISPLACED, photo.product_id, 0.9, other=other.pk, photo=photo.pk)
    record(encoder=encoder, found=[found])
    finding = Finding.objects.get()
    sighting = asked(encoder, [photo.product], drawn_for_audit=True)
    for url in (
        reverse("admin:recognition_finding_move", args=[finding.pk]),
        reverse("admin:recognition_review_judge", args=["audit", sighting.token]),
    ):
        assert staff.post(url, {"sku": "a\0b"}).status_code == 400
