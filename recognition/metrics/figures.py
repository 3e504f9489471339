"""All figures of a similarity report, ready to be stored: numbers, lists and names alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import spearmanr

from recognition.metrics import separation
from recognition.metrics.coverage import area_under, error_by_coverage
from recognition.metrics.distances import METRICS, Metric, checked, lengths, paired
from recognition.metrics.pairs import (
    Pairs,
    different_product_pairs,
    pairs_with,
    same_product_pairs,
)
from recognition.metrics.retrieval import (
    Retrieved,
    chunk_size,
    mean_average_precision,
    recall_at,
    retrieve,
)

# As in the search: what people look at.
RECALLS = (1, 5, 10)
# A photo of no product of the catalogue.
NO_PRODUCT = -1
_CURVE_POINTS, _THRESHOLDS = 120, 60

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Photos:
    """Vectors (n, d) and of which product each is."""

    vectors: NDArray[np.float32]
    products: NDArray[np.int64]

    @classmethod
    def of(cls, vectors: ArrayLike, products: ArrayLike) -> "Photos":
        """
        Raises:
            ValueError: they are not as many, or a vector is not finite.
        """
        array = np.asarray(vectors, dtype=np.float32)
        array = checked(array) if len(array) else array.reshape(0, 1)
        names = np.asarray(products, dtype=np.int64)
        if names.shape != (len(array),):
            raise ValueError("Each vector is of one product.")
        return cls(array, names)

    def __len__(self) -> int:
        return len(self.products)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is looked at; the rest is left to a sample."""

    pairs: int = 100_000
    queries: int = 1_000


class Folds(Protocol):
    """Parts of the catalogue's photos that were held out of something that was learned from the
    others: each as (held-out photos, the others), which are compared with each other alone.
    """

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[Photos, Photos]]: ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """Pairs, and queries, against a gallery: one kind of evidence, or a part of it."""

    gallery: Photos
    left: NDArray[np.float32]
    same: Pairs
    different: Pairs
    queries: NDArray[np.float32]
    products: NDArray[np.int64]
    left_out: NDArray[np.int64] | None
    queries_of: int


def similarity_figures(
    catalogue: Photos,
    asked: Photos | None = None,
    *,
    folds: Folds | None = None,
    limits: Limits = Limits(),
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Data:
    """Compares the metrics on the catalogue's own photos, each asked with as if it were not there,
    and on photos that were asked with, where there are any (`NO_PRODUCT`: of none of these).

    Where the vectors were learned from the catalogue, `folds` are its photos without that; they
    stand for the photos that are asked with as if they were not there.

    The same photos and the same seed give the same figures.
    """
    rng = np.random.default_rng(seed)
    alone = None if folds is not None else _leave_one_out(catalogue, limits, rng)
    others = None
    if asked is not None and len(asked) and len(catalogue):
        others = _against(asked, catalogue, limits, rng)
    whole = [_work(len(part.queries), catalogue) for part in (alone, others) if part is not None]
    steps = _Steps(on_progress, sum(whole) + _work_on_folds(folds, catalogue, limits))
    by_fold = _held_out(folds, limits, rng) if folds is not None else ()
    known = {"catalogue": _section([alone] if alone is not None else by_fold, steps)}
    if others is not None:
        known["asked"] = _section([others], steps)
    return {
        "dimension": catalogue.vectors.shape[1] if len(catalogue) else None,
        "lengths": _lengths(catalogue),
        "photos": len(catalogue),
        "products": len(np.unique(catalogue.products)),
        "products_with_one_photo": _with_one_photo(catalogue),
        "photos_a_product": _photos_a_product(catalogue),
        "catalogue": known["catalogue"],
        "asked": known.get("asked"),
    }


def _leave_one_out(catalogue: Photos, limits: Limits, rng: np.random.Generator) -> _Asked:
    products = catalogue.products
    _names, which, counts = np.unique(products, return_inverse=True, return_counts=True)
    can_ask = np.flatnonzero(counts[which] > 1) if len(products) else np.empty(0, np.int64)
    chosen = _sampled(can_ask, limits.queries, rng)
    return _Asked(
        gallery=catalogue,
        left=catalogue.vectors,
        same=same_product_pairs(products, limits.pairs, rng),
        different=different_product_pairs(products, limits.pairs, rng),
        queries=catalogue.vectors[chosen],
        products=products[chosen],
        left_out=chosen,
        queries_of=len(can_ask),
    )


def _against(asked: Photos, catalogue: Photos, limits: Limits, rng: np.random.Generator) -> _Asked:
    same, different = pairs_with(asked.products, catalogue.products, limits.pairs, rng)
    chosen = _sampled(np.arange(len(asked)), limits.queries, rng)
    return _Asked(
        gallery=catalogue,
        left=asked.vectors,
        same=same,
        different=different,
        queries=asked.vectors[chosen],
        products=asked.products[chosen],
        left_out=None,
        queries_of=len(asked),
    )


def _held_out(folds: Folds, limits: Limits, rng: np.random.Generator) -> Iterator[_Asked]:
    """Asked with are those whose product has another photo among the others."""
    share = _of_one_fold(folds, limits)
    for asked, others in folds:
        same, different = pairs_with(asked.products, others.products, share.pairs, rng)
        can_ask = np.flatnonzero(np.isin(asked.products, others.products))
        chosen = _sampled(can_ask, share.queries, rng)
        yield _Asked(
            gallery=others,
            left=asked.vectors,
            same=same,
            different=different,
            queries=asked.vectors[chosen],
            products=asked.products[chosen],
            left_out=None,
            queries_of=len(can_ask),
        )


def _of_one_fold(folds: Folds, limits: Limits) -> Limits:
    number = max(len(folds), 1)
    return Limits(max(limits.pairs // number, 1), max(limits.queries // number, 1))


def _sampled(places: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    if len(places) <= most:
        return places
    return np.sort(rng.choice(places, most, replace=False))


# --- one kind of evidence -------------------------------------------------------------------------


class _Steps:
    def __init__(self, tell: Callable[[int, int], None], total: int) -> None:
        self._tell, self._total, self._done = tell, total, 0
        tell(0, total)

    def __call__(self) -> None:
        self._done += 1
        self._tell(min(self._done, self._total), self._total)


def _work(queries: int, gallery: Photos) -> int:
    chunks = -(-queries // chunk_size(len(gallery)))
    return len(METRICS) * (1 + chunks)


def _work_on_folds(folds: Folds | None, catalogue: Photos, limits: Limits) -> int:
    if folds is None:
        return 0
    asked = min(len(catalogue) // max(len(folds), 1), _of_one_fold(folds, limits).queries)
    return len(folds) * _work(asked, catalogue)


@dataclass(slots=True)
class _Compared:
    """What one metric made of the parts so far."""

    same: list[NDArray[np.float64]]
    different: list[NDArray[np.float64]]
    found: list[Retrieved]


def _section(parts: Iterable[_Asked], steps: _Steps) -> Data:
    """One kind of evidence. Each part is compared with its own gallery alone."""
    compared = {metric: _Compared([], [], []) for metric in METRICS}
    counts: dict[str, int] = {}
    for part in parts:
        for metric in METRICS:
            _compare(metric, part, compared[metric], steps)
        for name, number in _counts(part).items():
            counts[name] = counts.get(name, 0) + number
    metrics: Data = {}
    pairs_by: dict[Metric, NDArray[np.float64]] = {}
    answers: Data | None = None
    of = {"same_of": counts["same_pairs_of"], "different_of": counts["different_pairs_of"]}
    for metric in METRICS:
        same = np.concatenate(compared[metric].same)
        different = np.concatenate(compared[metric].different)
        pairs_by[metric] = np.concatenate([same, different])
        found = _together(compared[metric].found)
        metrics[metric] = {
            **_separation(same, different, of),
            **_retrieval(found),
            "order_as_cosine": _same_order(pairs_by["cosine"], pairs_by[metric]),
        }
        if metric == "cosine":
            answers = _answers(found)
    return {**counts, "metrics": metrics, "answers": answers}


def _compare(metric: Metric, part: _Asked, into: _Compared, steps: _Steps) -> None:
    same, different = (
        paired(metric, part.left, part.gallery.vectors, (pairs.left, pairs.right))
        for pairs in (part.same, part.different)
    )
    into.same.append(same)
    into.different.append(different)
    steps()
    into.found.append(
        retrieve(
            metric, part.queries, part.products, part.gallery.vectors, part.gallery.products,
            left_out=part.left_out, on_chunk=steps,
        )
    )  # fmt: skip


def _counts(part: _Asked) -> dict[str, int]:
    return {
        "same_pairs": len(part.same),
        "same_pairs_of": part.same.of,
        "different_pairs": len(part.different),
        "different_pairs_of": part.different.of,
        "queries": len(part.queries),
        "queries_of": part.queries_of,
        "known_queries": int((part.products != NO_PRODUCT).sum()),
    }


def _together(found: Sequence[Retrieved]) -> Retrieved:
    if len(found) == 1:
        return found[0]
    names = [each.name for each in fields(Retrieved)]
    return Retrieved(*(np.concatenate([getattr(each, name) for each in found]) for name in names))


def _separation(
    same: NDArray[np.float64], different: NDArray[np.float64], of: dict[str, int]
) -> Data:
    curve = separation.roc(same, different)
    best = separation.best_f1(same, different, **of)
    shown = separation.distribution(same, different)
    equal = separation.equal_error(curve) if curve else None
    return {
        "auroc": separation.auroc(same, different),
        "eer": equal.rate if equal else None,
        "eer_threshold": equal.threshold if equal else None,
        "best_f1": best.f1 if best else None,
        "best_f1_threshold": best.threshold if best else None,
        "best_f1_precision": best.precision if best else None,
        "best_f1_recall": best.recall if best else None,
        "distribution": shown and {
            "edges": _list(shown.edges),
            "same": _list(shown.same) if len(same) else None,
            "different": _list(shown.different) if len(different) else None,
        },
        "roc": curve and _roc(curve),
        "by_threshold": _by_threshold(same, different, of) if curve else None,
    }  # fmt: skip


def _roc(curve: separation.Roc) -> Data:
    false, true, thresholds = separation.thinned(
        [curve.false_accepts, curve.true_accepts, curve.thresholds], _CURVE_POINTS
    )
    return {
        "false_accepts": _list(false), "true_accepts": _list(true), "thresholds": _list(thresholds),
    }  # fmt: skip


def _by_threshold(
    same: NDArray[np.float64], different: NDArray[np.float64], of: dict[str, int]
) -> Data:
    # To where nearly all of the same are accepted: beyond it nobody would set a threshold.
    low = float(min(same.min(), different.min()))
    places = np.linspace(low, float(np.quantile(same, 0.995)), _THRESHOLDS)
    rows = separation.by_threshold(same, different, np.unique(places), **of)
    return {
        "thresholds": _list([row.threshold for row in rows]),
        "precision": [None if row.precision is None else round(row.precision, 5) for row in rows],
        "recall": _list([row.recall for row in rows]),
        "f1": _list([row.f1 for row in rows]),
    }


def _retrieval(found: Retrieved) -> Data:
    """Of the queries that show a product of the catalogue, where there is another to mistake it for."""
    known = np.isfinite(found.own)
    ranks = found.rank[known] if np.isfinite(found.other).any() else np.empty(0)
    return {
        **{f"recall_at_{first}": recall_at(ranks, first) for first in RECALLS},
        "map": mean_average_precision(found) if len(ranks) else None,
    }


def _same_order(cosine: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """Spearman's rank correlation of the distances of all pairs: 1, one ranks as the other does."""
    if len(cosine) < 2 or not np.ptp(cosine) or not np.ptp(other):
        return None
    return float(spearmanr(cosine, other).statistic)


# --- answers --------------------------------------------------------------------------------------


def _answers(found: Retrieved) -> Data | None:
    """What tells right first products from wrong ones, and known products from unknown ones."""
    known = np.isfinite(found.own)
    comparable = np.isfinite(found.margin)
    nearest, margin = found.first[comparable], -found.margin[comparable]
    right = found.right[comparable]
    if not len(right):
        return None
    unknown = np.concatenate([found.first[~known], found.other[known & comparable]])
    return {
        "queries": len(right),
        "right": int(right.sum()),
        "nearest": _doubt(nearest, right),
        "margin": _doubt(margin, right),
        # As if the product were not in the catalogue, and those that are not.
        "known_auroc": separation.auroc(found.first[known], unknown[np.isfinite(unknown)]),
    }


def _doubt(doubt: NDArray[np.float64], right: NDArray[np.bool_]) -> Data:
    curve = error_by_coverage(doubt, right)
    if curve is None:
        raise ValueError("No answers.")
    coverage, error, thresholds = separation.thinned(
        [curve.coverage, curve.error, curve.thresholds], _CURVE_POINTS
    )
    return {
        "auroc": separation.auroc(doubt[right], doubt[~right]),
        "mean_error": area_under(curve),
        "coverage": _list(coverage),
        "error": _list(error),
        "thresholds": _list(thresholds),
    }


# --- small ----------------------------------------------------------------------------------------


def _lengths(catalogue: Photos) -> Data | None:
    if not len(catalogue):
        return None
    found = lengths(catalogue.vectors)
    return {"least": float(found.min()), "most": float(found.max())}


def _photos_a_product(catalogue: Photos) -> float | None:
    """The median of those that have photos."""
    counts = np.unique(catalogue.products, return_counts=True)[1]
    return float(np.median(counts)) if len(counts) else None


def _with_one_photo(catalogue: Photos) -> int:
    _names, counts = np.unique(catalogue.products, return_counts=True)
    return int((counts == 1).sum())


def _list(values: ArrayLike) -> list[float | None]:
    """JSON knows no infinity."""
    return [round(float(v), 6) if np.isfinite(v) else None for v in np.asarray(values)]
