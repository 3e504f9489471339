"""Products that were entered twice."""

from itertools import combinations
from typing import Any

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from products.models import Product, ProductImage
from recognition.findings.detail import SHARED_BY
from recognition.findings.found import Found, Kind
from recognition.findings.loading import Catalogue, facts_of
from recognition.findings.measures.duplicates import PairEvidence, duplicate_evidence
from recognition.findings.measures.metric import LearnedMeasure
from recognition.findings.measures.names import name_likeness, speaks_for_one
from recognition.findings.measures.photos import Surroundings
from recognition.similar import plain_text

_LIKELY = 0.5
_SHOWN = 3
# Photos that tell how near to each other's products photos are here.
_LEAST = 30
Pair = tuple[int, int]


def find_duplicates(
    catalogue: Catalogue,
    around: Surroundings,
    measure: LearnedMeasure,
    rng: np.random.Generator,
) -> tuple[list[Found], PairEvidence]:
    """By photos and names together, by the very same photo, and by the same name and brand. Two
    products that both have a barcode are two: barcodes are unique.
    """
    ids, pairs = catalogue.product_ids, around.pairs
    facts = facts_of(ids.tolist())
    names = [f"{facts[pk]['brand']} {facts[pk]['name']}" if pk in facts else "" for pk in ids]
    likeness = name_likeness(names, pairs)
    evidence = duplicate_evidence(
        catalogue.photos, pairs, measure, names=speaks_for_one(likeness), rng=rng
    )
    found: dict[Pair, dict[str, Any]] = {}
    for at, (a, b) in enumerate(pairs):
        probability = float(evidence.mixture.probability[at]) if evidence.mixture else None
        if probability is not None and probability > _LIKELY:
            found[int(ids[a]), int(ids[b])] = {
                "reasons": ["photos"],
                "probability": round(probability, 3),
                "interleaved": _rounded(evidence.interleaved[at]),
                "names": round(float(likeness[at]), 3),
            }
    for reason, more in (
        ("same_photo", _same_photo()),
        ("nearly_same_photo", _nearly_same_photo(catalogue, around)),
        ("same_name", _same_name()),
    ):
        for pair in more:
            found.setdefault(pair, {"reasons": []})["reasons"].append(reason)
    facts |= facts_of({pk for pair in found for pk in pair} - set(facts))
    index = {int(pk): at for at, pk in enumerate(ids)}
    return [
        Found(
            Kind.DUPLICATE, a, _score(evidence_of), other=b,
            evidence={**evidence_of, **nearest_photos(catalogue, index.get(a), index.get(b))},
        )
        for (a, b), evidence_of in found.items()
        if a in facts and b in facts and not (facts[a]["barcode"] and facts[b]["barcode"])
    ], evidence  # fmt: skip


def nearest_photos(catalogue: Catalogue, a: int | None, b: int | None) -> dict[str, Any]:
    """The pairs of photos that are nearest to each other, with their cosine distance."""
    if a is None or b is None:
        return {"photos": []}
    photos = catalogue.photos
    rows, columns = photos.rows(a), photos.rows(b)
    distances = 1 - photos.vectors[rows] @ photos.vectors[columns].T
    shown = []
    for at in np.argsort(distances, axis=None)[:_SHOWN]:
        row, column = divmod(int(at), len(columns))
        images = catalogue.image_ids[[rows[row], columns[column]]].tolist()
        shown.append([*images, round(max(float(distances[row, column]), 0.0), 4)])
    return {"photos": shown}


def _score(evidence: dict[str, Any]) -> float:
    if "same_photo" in evidence["reasons"]:
        return 1.0
    return max(evidence.get("probability") or 0.0, _LIKELY)


def _rounded(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None


def _active() -> Any:
    return Product.objects.active()


def _same_photo() -> list[Pair]:
    """But for pictures on many products, which stand for a photo that is missing."""
    images = ProductImage.objects.filter(product__in=_active())
    shared = (
        images.order_by()
        .values("digest")
        .annotate(products=Count("product", distinct=True))
        .filter(products__gt=1, products__lte=SHARED_BY)
        .values("digest")
    )
    by_digest: dict[str, set[int]] = {}
    for digest, product in images.filter(digest__in=shared).values_list("digest", "product"):
        by_digest.setdefault(digest, set()).add(product)
    return sorted(
        {pair for products in by_digest.values() for pair in combinations(sorted(products), 2)}
    )


def _nearly_same_photo(catalogue: Catalogue, around: Surroundings) -> list[Pair]:
    """Photos that are far nearer to each other than is usual here (far out below the rest, on
    logarithms), each the other's nearest, where one of them is all that a product has: one picture,
    stored twice. Products with more photos are judged by all of them.
    """
    if len(around.own) < _LEAST or not around.rivals.shape[1]:
        return []
    logs = np.log(np.clip(1 - around.nearness[:, 0], 1e-4, None))
    low, high = np.quantile(logs, [0.25, 0.75])
    near = np.flatnonzero(logs < low - 3 * (high - low))
    owner = catalogue.photos.owner
    ways = {(int(owner[row]), int(around.rivals[row, 0])) for row in near}
    ids: NDArray[np.int64] = catalogue.product_ids
    counts = catalogue.photos.counts
    return sorted(
        (int(ids[a]), int(ids[b]))
        for a, b in ways
        if a < b and (b, a) in ways and min(counts[a], counts[b]) == 1
    )


def _same_name() -> list[Pair]:
    """The same name and brand, where neither barcodes nor attributes say that they are two."""
    named = _active().annotate(plain_name=plain_text("name"), plain_brand=plain_text("brand"))
    repeated = (
        named.order_by()
        .values("plain_name", "plain_brand")
        .annotate(products=Count("pk"))
        .filter(products__gt=1, products__lte=SHARED_BY)
        .values_list("plain_name", "plain_brand")
    )
    keys = set(repeated)
    groups: dict[tuple[str, str], list[Any]] = {}
    rows = named.filter(plain_name__in={name for name, _brand in keys}).order_by("pk")
    for row in rows.values("pk", "plain_name", "plain_brand", "attributes"):
        key = (row["plain_name"], row["plain_brand"])
        if key in keys:
            groups.setdefault(key, []).append(row)
    return [
        (a["pk"], b["pk"])
        for rows_of in groups.values()
        for a, b in combinations(rows_of, 2)
        if not a["attributes"] or not b["attributes"] or a["attributes"] == b["attributes"]
    ]
