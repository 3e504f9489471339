"""`evaluate_search`: figures that can be checked by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from recognition.embedding import embed_pending
from recognition.evaluation import Outcome, summary
from recognition.models import Encoder
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo

pytestmark = pytest.mark.django_db


def outcome(rank: int | None, distance: float, *, known: bool = True, ms: float = 1) -> Outcome:
    return Outcome(known=known, rank=rank, distance=distance, milliseconds=ms)


def test_known_values() -> None:
    outcomes = [
        outcome(1, 0.1, ms=10), outcome(2, 0.2, ms=20), outcome(6, 0.3, ms=30),
        outcome(None, 0.6, ms=40), outcome(None, 0.5, known=False, ms=50),
    ]  # fmt: skip
    figures = summary(outcomes, encoder="k")
    assert figures["queries"] == 5
    assert figures["known"] == 4
    assert figures["top1"] == 0.25
    assert figures["top5"] == 0.5
    assert figures["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 6 + 0) / 4)
    # Of 4 known x 1 unknown pairs, 3 have the known one nearer.
    assert figures["auroc_known"] == 0.75
    assert figures["verdicts"] is None
    assert figures["latency_ms"] == {"p50": 30.0, "p95": pytest.approx(48.0)}
    assert figures["encoder"] == "k"


def test_without_unknown_queries_there_is_no_auroc() -> None:
    assert summary([outcome(1, 0.1)], encoder="k")["auroc_known"] is None
    assert summary([outcome(None, 0.1, known=False)], encoder="k")["top1"] is None


@pytest.fixture
def pack(encoder: Encoder, tmp_path: Path) -> Path:
    for n in range(5):
        with_photo(n, ProductFactory(sku=f"P{n}"))
    embed_pending(encoder)
    for n in range(6):
        (tmp_path / f"q{n}.jpg").write_bytes(phone_photo(n))
    rows = [f"q{n}.jpg,{f'P{n}' if n < 5 else ''}" for n in range(6)]
    (tmp_path / "queries.csv").write_text("file,sku\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_the_command_writes_the_contracts_json(pack: Path, capsys) -> None:
    out = pack / "out.json"
    call_command("evaluate_search", pack / "queries.csv", images=pack, json=out)
    figures = json.loads(out.read_text())
    assert list(figures) == [
        "queries", "known", "top1", "top5", "mrr", "auroc_known", "verdicts", "latency_ms",
        "encoder",
    ]  # fmt: skip
    assert (figures["queries"], figures["known"], figures["top1"]) == (6, 5, 1.0)
    assert 0 <= figures["auroc_known"] <= 1
    assert figures["latency_ms"]["p50"] <= figures["latency_ms"]["p95"]
    assert np.isfinite(figures["mrr"])


def test_a_swapped_label_lowers_the_figure(pack: Path) -> None:
    text = (pack / "queries.csv").read_text().replace("q0.jpg,P0", "q0.jpg,P1")
    (pack / "queries.csv").write_text(text)
    call_command("evaluate_search", pack / "queries.csv", images=pack, json=pack / "out.json")
    assert json.loads((pack / "out.json").read_text())["top1"] == 0.8


@pytest.mark.parametrize(
    ("csv", "message"),
    [
        ("file,sku\nq0.jpg,NOPE\n", "not in the catalogue"),
        ("file,sku\nq0.jpg,P0\nq1.jpg,P\x001\n", "line 3: the sku holds a control"),
        ("file,sku\nq\x000.jpg,P0\n", "line 2: the file holds a control"),
        ("file,sku\nmissing.jpg,P0\n", "not in the photo folder"),
        ("photo,sku\nq0.jpg,P0\n", "needs the columns"),
        ("file,sku\n", "names no photos"),
        ("file,sku\nqueries.csv,P0\n", "is not a photo"),
    ],
)
def test_bad_input_is_one_clear_error(pack: Path, csv: str, message: str) -> None:
    (pack / "queries.csv").write_text(csv)
    with pytest.raises(CommandError, match=message):
        call_command("evaluate_search", pack / "queries.csv", images=pack)
