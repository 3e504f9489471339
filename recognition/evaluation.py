"""How well labelled queries find their products, through the same search as everyone's."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from recognition.query_photos import read_query_photo
from recognition.search import Query, search

# Reciprocal ranks are counted down to here; further down they add less than 0.01 each.
DEPTH = 100


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A photo and the SKU that it shows; "" where its product is not in the catalogue."""

    file: str
    sku: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one query came to. `rank` counts from 1; None where the product was not found."""

    known: bool
    rank: int | None
    distance: float | None
    milliseconds: float


def evaluate(
    queries: Sequence[LabelledQuery], read_photo: Callable[[str], bytes]
) -> Iterator[Outcome]:
    """Asks each query as a customer would, one at a time, decoding included."""
    for query in queries:
        data = read_photo(query.file)
        started = perf_counter()
        answer = search(Query(photo=read_query_photo(data), limit=DEPTH))
        milliseconds = (perf_counter() - started) * 1000
        skus = [result.product.sku for result in answer.results]
        distances = [r.distance for r in answer.results if r.distance is not None]
        yield Outcome(
            known=bool(query.sku),
            rank=skus.index(query.sku) + 1 if query.sku in skus else None,
            distance=min(distances, default=None),
            milliseconds=milliseconds,
        )


def summary(outcomes: Sequence[Outcome], *, encoder: str) -> dict[str, Any]:
    """The figures of the `evaluate_search` command; null where there is nothing to measure."""
    known = [outcome for outcome in outcomes if outcome.known]
    ranks = np.array([outcome.rank or np.inf for outcome in known])
    times = [outcome.milliseconds for outcome in outcomes]
    return {
        "queries": len(outcomes),
        "known": len(known),
        "top1": float(np.mean(ranks <= 1)) if known else None,
        "top5": float(np.mean(ranks <= 5)) if known else None,
        "mrr": float(np.mean(1 / ranks)) if known else None,
        "auroc_known": _auroc_known(outcomes),
        # No threshold has been calibrated, so there is no verdict to count.
        "verdicts": None,
        "latency_ms": {
            "p50": float(np.percentile(times, 50)) if times else None,
            "p95": float(np.percentile(times, 95)) if times else None,
        },
        "encoder": encoder,
    }


def _auroc_known(outcomes: Sequence[Outcome]) -> float | None:
    """How well the best distance alone tells known products from unknown ones."""
    scored = [(o.known, -o.distance) for o in outcomes if o.distance is not None]
    if len({known for known, _score in scored}) < 2:
        return None
    labels, scores = zip(*scored, strict=True)
    return float(roc_auc_score(labels, scores))
