"""Catalogues that are nearly nothing: every page and command answers, and says what is missing."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from products.models import Product
from recognition.models import Encoder, FeatureMap, SimilarityReport
from tests.factories import ProductFactory, StaffFactory, with_photo
from tests.pictures import phone_photo, product_photo
from tests.retailvision.test_odd_input import NAMES, WITH_ARGUMENTS

pytestmark = pytest.mark.django_db(transaction=True)


def nothing() -> None:
    pass


def one_without_photo() -> None:
    ProductFactory(sku="E0")


def one_with_a_photo() -> None:
    with_photo(0, sku="E0")


def without_photos() -> None:
    for at in range(5):
        ProductFactory(sku=f"E{at}")


def one_photo_each() -> None:
    for at in range(5):
        with_photo(at, sku=f"E{at}")


def the_same_photo_each() -> None:
    for at in range(5):
        with_photo(0, sku=f"E{at}")


def the_same_photos_twice_each() -> None:
    for at in range(5):
        product = with_photo(0, sku=f"E{at}").product
        with_photo(1, product)


KINDS = [
    nothing, one_without_photo, one_with_a_photo, without_photos, one_photo_each,
    the_same_photo_each, the_same_photos_twice_each,
]  # fmt: skip


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def catalogue(request: pytest.FixtureRequest, encoder: Encoder) -> str:
    request.param()
    call_command("embed", stdout=StringIO())
    return str(request.param.__name__)


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    (tmp_path / "q.jpg").write_bytes(phone_photo(0))
    (tmp_path / "queries.csv").write_text("file,sku\nq.jpg,E0\nq.jpg,\n")
    return tmp_path / "queries.csv"


def said_by(name: str, *arguments: Any, **options: Any) -> str:
    """What a command writes; what it refuses, refuses in a sentence."""
    out, refusal = StringIO(), "nothing was refused"
    try:
        call_command(name, *arguments, stdout=out, stderr=out, **options)
    except CommandError as error:
        refusal = str(error)
    assert re.search(r"[a-z]{2,} [a-z]{2,}", refusal)
    return f"{out.getvalue()}{refusal}"


def in_order(text: str) -> None:
    assert "Traceback" not in text
    assert not re.search(r"\b(nan|NaN|inf|Infinity)\b", text), text


COMMANDS: list[tuple[Any, ...]] = [
    ("embed",),
    ("calibrate",),
    ("check_catalogue",),
    ("feature_map",),
    ("similarity_report",),
    ("encoder", "list"),
    ("encoder", "tune"),
    ("encoder", "rollback"),
]


def test_commands_and_then_all_pages(
    catalogue: str, client: Client, queries: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in COMMANDS:
        in_order(said_by(*command))
    for of in ("photos", "products"):
        for method in FeatureMap.Method.values:
            in_order(said_by("feature_map", of=of, method=method))
    figures = queries.with_name("figures.json")
    in_order(said_by("evaluate_search", queries, json=figures))
    # As strict as any other program's JSON.
    if figures.exists():
        json.loads(figures.read_text(), parse_constant=pytest.fail)
    in_order(said_by("calibrate", labelled=queries, images=queries.parent))
    in_order(said_by("similarity_report", labelled=queries, images=queries.parent))
    captured = capsys.readouterr()
    in_order(captured.out)

    client.force_login(StaffFactory())
    pages = [
        reverse(name)
        for name in NAMES
        if name not in WITH_ARGUMENTS and not name.endswith(("logout", "schema", "redoc"))
    ]
    for model in (FeatureMap, SimilarityReport):
        name = model._meta.model_name
        pages += [
            reverse(f"admin:recognition_{name}_change", args=[pk])
            for pk in model.objects.values_list("pk", flat=True)
        ]
    pages += [product.get_absolute_url() for product in Product.objects.all()]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code < 500, page
        if "html" in answer.get("Content-Type", ""):
            assert not re.search(r"\bnan\b|\bNaN\b", visible(answer.content.decode())), page


def visible(page: str) -> str:
    return re.sub(r"(?s)<script.*?</script>|<[^>]+>", " ", page)


def test_searches(catalogue: str, client: Client) -> None:
    for photo in (product_photo(0), phone_photo(3)):
        for url in ("/api/v1/search/", "/api/v1/recognise/", "/api/v1/search/box/"):
            answer = client.post(url, {"image": SimpleUploadedFile("a.jpg", photo)})
            assert answer.status_code == 200, url
        page = client.post("/", {"photo": SimpleUploadedFile("a.jpg", photo)})
        assert page.status_code == 200
        if not Product.objects.filter(images__isnull=False).exists():
            assert "Nothing found" in page.content.decode()
    answer = client.post("/api/v1/search/", {"text": "kind"})
    assert answer.status_code == 200
