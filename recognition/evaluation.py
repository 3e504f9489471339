"""How well labelled queries find their products, through the same search as everyone's."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from recognition.labelled_products import labelled_products
from recognition.models import Encoder
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
    # None while nothing is calibrated.
    verdict: str | None = None
    # Of a match whether it names the right product, of look-alikes whether they hold it.
    holds: bool = False
    set_size: int = 0
    # SKU of the first product; "" where nothing was found.
    first: str = ""


def evaluate(
    queries: Sequence[LabelledQuery],
    read_photo: Callable[[str], bytes],
    encoder: Encoder | None = None,
) -> Iterator[Outcome]:
    """Asks each query as a customer would, one at a time, decoding included. `encoder` None: the
    active one. SKUs that were merged are those of their heirs; whose are not sold any more show a
    product that is not in the catalogue.
    """
    sold = labelled_products(query.sku for query in queries).skus
    for query in queries:
        data = read_photo(query.file)
        started = perf_counter()
        answer = search(Query(photo=read_query_photo(data), limit=DEPTH, encoder=encoder))
        milliseconds = (perf_counter() - started) * 1000
        truth = sold.get(query.sku, "")
        skus = [result.product.sku for result in answer.results]
        verdict = answer.verdict
        held = {product.sku for product in verdict.products} if verdict else set()
        distances = [r.distance for r in answer.results if r.distance is not None]
        yield Outcome(
            known=bool(truth),
            rank=skus.index(truth) + 1 if truth in skus else None,
            distance=min(distances, default=None),
            milliseconds=milliseconds,
            verdict=verdict.kind if verdict else None,
            holds=truth in held,
            set_size=len(held),
            first=skus[0] if skus else "",
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
        "verdicts": _verdicts(outcomes),
        "latency_ms": {
            "p50": float(np.percentile(times, 50)) if times else None,
            "p95": float(np.percentile(times, 95)) if times else None,
        },
        "encoder": encoder,
    }


def _verdicts(outcomes: Sequence[Outcome]) -> dict[str, Any] | None:
    """Counts of the three kinds, and what they were worth; None while nothing is calibrated.

    `wrong_among_match` is a share of the matches (None without any), `coverage` the share of known
    photos that were answered with a match, `false_accepts` the number of unknown photos that were;
    `lookalike_held` the share of look-alikes of known photos that hold the right product.
    """
    judged = [outcome for outcome in outcomes if outcome.verdict is not None]
    if not judged:
        return None
    kinds = {
        kind: [each for each in judged if each.verdict == kind]
        for kind in ("match", "lookalike", "unknown")
    }
    matches = kinds["match"]
    wrong = sum(not each.holds for each in matches)
    known = sum(each.known for each in outcomes)
    of_known = [each for each in kinds["lookalike"] if each.known]
    sizes = [each.set_size for each in kinds["lookalike"]]
    return {
        **{kind: len(found) for kind, found in kinds.items()},
        "wrong": wrong,
        "wrong_among_match": wrong / len(matches) if matches else None,
        "coverage": sum(each.known for each in matches) / known if known else None,
        "false_accepts": sum(not each.known for each in matches),
        "unknown_but_known": sum(each.known for each in kinds["unknown"]),
        "lookalike_held": float(np.mean([each.holds for each in of_known])) if of_known else None,
        "lookalike_median_size": float(np.median(sizes)) if sizes else None,
    }


def _auroc_known(outcomes: Sequence[Outcome]) -> float | None:
    """How well the best distance alone tells known products from unknown ones."""
    scored = [(o.known, -o.distance) for o in outcomes if o.distance is not None]
    if len({known for known, _score in scored}) < 2:
        return None
    labels, scores = zip(*scored, strict=True)
    return float(roc_auc_score(labels, scores))
