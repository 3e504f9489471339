"""The pages of the check-up, and its command."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import ANALYST
from products.models import Product
from recognition.findings.checking import begin_check, check_catalogue
from recognition.findings.found import Found, Kind
from recognition.findings.recording import record
from recognition.models import CatalogueCheck, Encoder, Finding
from tests.factories import ProductFactory, person, with_photo

pytestmark = pytest.mark.django_db
LIST = reverse("admin:recognition_finding_changelist")


def page(client: Client, **query: object) -> str:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def found_pairs(encoder: Encoder, number: int, kind: str = Kind.DUPLICATE) -> list[Finding]:
    """Findings of every sort of evidence that a card shows."""
    found = []
    for n in range(number):
        one, two = with_photo(n), with_photo(n + 500)
        found.append(
            Found(
                kind, one.product_id, 0.9, other=two.product_id,
                photo=one.pk if kind == Kind.MISPLACED else None,
                evidence={
                    "reasons": ["photos"], "probability": 0.93, "interleaved": 0.48,
                    "photos": [[one.pk, two.pk, 0.12]], "wrong": [2, 6], "other_wrong": [1, 6],
                    "there": [[one.pk, 0.5]], "better": [[two.pk, 0.1]],
                },
            )
        )  # fmt: skip
    record(encoder=encoder, found=found)
    return list(Finding.objects.filter(kind=kind))


def test_before_the_first_check_up(encoder: Encoder, admin_client: Client) -> None:
    text = page(admin_client)
    assert "has not been looked at yet" in text
    assert "Look at the catalogue" in text


def test_look_again_begins_one_and_shows_how_far_it_is(
    encoder: Encoder, admin_client: Client
) -> None:
    url = reverse("admin:recognition_finding_check")
    assert admin_client.post(url).status_code == 302
    assert CatalogueCheck.objects.get().is_running
    assert 'data-state="running"' in page(admin_client)
    assert "under way" in admin_client.post(url, follow=True).content.decode()
    check = CatalogueCheck.objects.get()
    status = reverse("admin:recognition_finding_status")
    assert "HX-Refresh" not in admin_client.get(status)
    check_catalogue(check=check)
    assert admin_client.get(status)["HX-Refresh"] == "true"


def test_without_an_encoder_it_says_so(db: None, admin_client: Client) -> None:
    answer = admin_client.post(reverse("admin:recognition_finding_check"), follow=True)
    assert "No encoder is active" in answer.content.decode()


def test_what_could_not_be_judged_is_said(encoder: Encoder, admin_client: Client) -> None:
    check_catalogue(check=begin_check(encoder=encoder))
    assert "Too few products" in page(admin_client, kind="misplaced")


@pytest.mark.parametrize("kind", [Kind.DUPLICATE, Kind.MISPLACED, Kind.INSEPARABLE])
def test_a_card_shows_both_products_and_the_evidence(
    encoder: Encoder, admin_client: Client, kind: str
) -> None:
    (finding,) = found_pairs(encoder, 1, kind)
    text = page(admin_client, kind=kind)
    assert finding.product.sku in text
    assert finding.other.sku in text
    assert "93 % sure" in text
    assert text.count("<img") >= 2
    one = admin_client.get(reverse("admin:recognition_finding_change", args=[finding.pk]))
    assert finding.other.sku in one.content.decode()


def test_a_product_that_looks_like_another_is_shown_beside_it(
    encoder: Encoder, admin_client: Client
) -> None:
    lost, other = with_photo(1), with_photo(2)
    evidence = {
        "reason": "elsewhere", "photos": [lost.pk], "of": 2, "nearest": other.product_id,
        "own_nearest": 0.31, "mine": [[lost.pk, 0.12]], "theirs": [[other.pk, 0.12]],
    }  # fmt: skip
    rows = [Found(Kind.UNSEEN, lost.product_id, 0.5, evidence=evidence)]
    record(encoder=encoder, found=rows)
    text = page(admin_client, kind=Kind.UNSEEN)
    assert "Nearest other product" in text
    assert other.product.name in text
    assert "each of its 2 photos, held out" in text
    assert "Nearest to another: 0.120; nearest among its own: 0.310" in text
    # One of before, and one whose other product is gone.
    for changed in ({"reason": "elsewhere", "photos": [lost.pk]}, {**evidence, "nearest": 10**9}):
        record(encoder=encoder, found=[Found(Kind.UNSEEN, lost.product_id, 0.5, evidence=changed)])
        assert "held out, is nearer to another product" in page(admin_client, kind=Kind.UNSEEN)


@pytest.mark.parametrize("kind", [Kind.DUPLICATE, Kind.MISPLACED, Kind.INSEPARABLE])
def test_many_findings_cost_the_queries_of_few(
    encoder: Encoder, admin_client: Client, kind: str
) -> None:
    numbers = []
    for more in (2, 18):
        found_pairs(encoder, more, kind)
        Finding.objects.update(state=Finding.State.OPEN)
        page(admin_client, kind=kind)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(admin_client, kind=kind)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("query", [{"kind": "x"}, {"state": "'"}, {"page": "-7"}, {"page": "é"}])
def test_odd_addresses_are_answered(
    encoder: Encoder, admin_client: Client, query: dict[str, str]
) -> None:
    page(admin_client, **query)


def test_dismissing_leads_back_and_is_shown(encoder: Encoder, admin_client: Client) -> None:
    (finding,) = found_pairs(encoder, 1)
    url = reverse("admin:recognition_finding_decide", args=[finding.pk])
    answer = admin_client.post(url, {"decision": "dismiss", "back": "kind=duplicate&evil=1"})
    assert answer["Location"] == f"{LIST}?kind=duplicate"
    assert "Open again" in page(admin_client, kind="duplicate", state="dismissed")
    again = admin_client.post(url, {"decision": "dismiss"}, follow=True)
    assert "no longer open" in again.content.decode()
    assert admin_client.post(url, {"decision": "what"}).status_code == 404


def test_merging_is_rehearsed_and_done(encoder: Encoder, admin_client: Client) -> None:
    (finding,) = found_pairs(encoder, 1)
    url = reverse("admin:recognition_finding_merge", args=[finding.pk])
    assert "Which one stays?" in admin_client.get(url).content.decode()
    assert Product.objects.filter(merged_into=None).count() == 2
    assert "Choose which" in admin_client.post(url, {"keep": "x"}, follow=True).content.decode()
    admin_client.post(url, {"keep": finding.other_id})
    finding.refresh_from_db()
    assert finding.state == Finding.State.ACTED
    finding.product.refresh_from_db()
    assert finding.product.merged_into == finding.other


def test_a_merge_that_would_be_refused_says_why(encoder: Encoder, admin_client: Client) -> None:
    (finding,) = found_pairs(encoder, 1)
    Product.objects.filter(pk=finding.product_id).update(merged_into=ProductFactory())
    url = reverse("admin:recognition_finding_merge", args=[finding.pk])
    text = admin_client.get(url).content.decode()
    assert "merged already" in text
    assert "disabled" in text


def test_a_photo_is_moved_to_the_proposed_or_another_product(
    encoder: Encoder, admin_client: Client
) -> None:
    first, second = found_pairs(encoder, 2, Kind.MISPLACED)
    elsewhere = ProductFactory(sku="ELSE")
    admin_client.post(reverse("admin:recognition_finding_move", args=[first.pk]))
    url = reverse("admin:recognition_finding_move", args=[second.pk])
    wrong = admin_client.post(url, {"sku": "NOWHERE"}, follow=True)
    assert "There is no product" in wrong.content.decode()
    admin_client.post(url, {"sku": "ELSE"})
    first.photo.refresh_from_db()
    second.photo.refresh_from_db()
    assert first.photo.product == first.other
    assert second.photo.product == elsewhere


def test_an_analyst_sees_and_does_nothing(encoder: Encoder, client: Client) -> None:
    (finding,) = found_pairs(encoder, 1)
    client.force_login(person(ANALYST))
    text = page(client)
    assert finding.product.sku in text
    assert "Look at the catalogue" not in text
    assert "Two different products" not in text


def test_the_command_says_what_it_found(
    encoder: Encoder, capsys: Any, tmp_path: Path
) -> None:  # fmt: skip
    one, two = with_photo(1).product, with_photo(1).product
    out = tmp_path / "out.json"
    call_command("check_catalogue", json=out)
    call_command("check_catalogue", json=out)
    assert "Entered twice: 1 open" in capsys.readouterr().out
    data = json.loads(out.read_text())
    assert [(each["product"], each["other"]) for each in data["open"]] == [(one.sku, two.sku)]
    assert set(data["not_judged"]) == {"duplicate", "misplaced"}


def test_the_command_without_an_encoder(db: None) -> None:
    with pytest.raises(CommandError, match="embed"):
        call_command("check_catalogue")


def test_the_command_while_another_runs(encoder: Encoder) -> None:
    begin_check(encoder=encoder)
    with pytest.raises(CommandError, match="under way"):
        call_command("check_catalogue")


def test_a_pair_of_look_alikes_may_turn_out_to_be_one_product(
    encoder: Encoder, admin_client: Client
) -> None:
    (finding,) = found_pairs(encoder, 1, Kind.INSEPARABLE)
    url = reverse("admin:recognition_finding_merge", args=[finding.pk])
    assert url in page(admin_client, kind="inseparable")
    admin_client.post(url, {"keep": finding.product_id})
    finding.other.refresh_from_db()
    assert finding.other.merged_into == finding.product
