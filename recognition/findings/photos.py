"""Photos on the wrong product, products that look the same, and products that no photo shows."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from products.models import Product
from recognition.findings.detail import ProductPhotos
from recognition.findings.found import Found, Kind
from recognition.findings.loading import Catalogue
from recognition.findings.measures.inseparable import Confusion, confusions, stray
from recognition.findings.measures.metric import LearnedMeasure
from recognition.findings.measures.misplaced import PlaceEvidence, place_evidence
from recognition.findings.measures.photos import Surroundings
from recognition.findings.pairs import Pair, nearest_photos
from recognition.models import Encoder, ImageEmbedding

_LIKELY = 0.5
_SHOWN = 3


def find_misplaced(
    catalogue: Catalogue,
    around: Surroundings,
    measure: LearnedMeasure,
    rng: np.random.Generator,
    *,
    unsure: set[Pair],
) -> tuple[list[Found], PlaceEvidence]:
    """`unsure` are pairs of products between which a photo does not decide."""
    evidence = place_evidence(catalogue.photos, around, measure, rng=rng)
    if evidence.mixture is None:
        return [], evidence
    ids, owner, found = catalogue.product_ids, catalogue.photos.owner, []
    for at in np.flatnonzero(evidence.mixture.probability > _LIKELY):
        row, better = int(evidence.rows[at]), int(evidence.better[at])
        own = int(owner[row])
        product, other = int(ids[own]), int(ids[better])
        if (min(product, other), max(product, other)) in unsure:
            continue
        probability = float(evidence.mixture.probability[at])
        found.append(
            Found(
                Kind.MISPLACED, product, probability, other=other,
                photo=int(catalogue.image_ids[row]),
                evidence={
                    "probability": round(probability, 3),
                    "there": _nearest(catalogue, row, own),
                    "better": _nearest(catalogue, row, better),
                },
            )
        )  # fmt: skip
    return found, evidence


def find_inseparable(
    catalogue: Catalogue, around: Surroundings, *, entered_twice: set[Pair]
) -> list[Found]:
    """Pairs that a photo cannot tell apart, but for those that seem to be one product."""
    ids = catalogue.product_ids
    found = []
    for confusion in confusions(catalogue.photos, around):
        pair = (int(ids[confusion.first]), int(ids[confusion.second]))
        if pair not in entered_twice:
            evidence = _told(confusion) | nearest_photos(
                catalogue, confusion.first, confusion.second
            )
            found.append(
                Found(Kind.INSEPARABLE, pair[0], confusion.share, other=pair[1], evidence=evidence)
            )
    return found


def _told(confusion: Confusion) -> dict[str, Any]:
    return {
        "wrong": [confusion.first_wrong, confusion.first_of],
        "other_wrong": [confusion.second_wrong, confusion.second_of],
    }


def find_unseen(
    encoder: Encoder,
    catalogue: Catalogue,
    around: Surroundings,
    photos: ProductPhotos,
    useless: dict[int, str],
    *,
    explained: set[int],
) -> list[Found]:
    """Products that nobody could find by a photo, with the reason. `explained` are those of which
    another finding says why.
    """
    failed = set(
        ImageEmbedding.objects.failed()
        .filter(encoder=encoder, image__product__is_active=True, image__product__merged_into=None)
        .values_list("image", flat=True)
    )
    found = []
    for pk in Product.objects.active().order_by("pk").values_list("pk", flat=True):
        rows = photos.get(pk, [])
        reasons = Counter(
            useless.get(row["pk"]) or ("failed" if row["pk"] in failed else "") for row in rows
        )
        if not rows:
            found.append(Found(Kind.UNSEEN, pk, 1.0, evidence={"reason": "none"}))
        elif not reasons[""]:
            evidence = {"reason": reasons.most_common(1)[0][0], "photos": _ids(rows)}
            found.append(Found(Kind.UNSEEN, pk, 0.9, evidence=evidence))
    ids = catalogue.product_ids
    seen = {each.product for each in found} | explained
    for product in stray(catalogue.photos, around):
        pk = int(ids[product])
        if pk not in seen:
            evidence = {
                "reason": "elsewhere",
                "photos": _ids(photos.get(pk, [])),
                **_elsewhere(catalogue, around, product),
            }
            found.append(Found(Kind.UNSEEN, pk, 0.5, evidence=evidence))
    return found


def _elsewhere(catalogue: Catalogue, around: Surroundings, product: int) -> dict[str, Any]:
    """The other product that is nearest to most of its photos; of its own photos and of the other's
    those that are nearest to each other, with the distances; and how far apart its own are.
    """
    rows = catalogue.photos.rows(product)
    rivals, times = np.unique(around.rivals[rows, 0], return_counts=True)
    other = int(rivals[np.argmax(times)])
    theirs = catalogue.photos.rows(other)
    distances = 1 - catalogue.photos.vectors[rows] @ catalogue.photos.vectors[theirs].T
    return {
        "of": len(rows),
        "nearest": int(catalogue.product_ids[other]),
        "own_nearest": round(max(1 - float(around.own[rows].max()), 0.0), 4),
        "mine": _by_distance(catalogue, rows, distances.min(axis=1)),
        "theirs": _by_distance(catalogue, theirs, distances.min(axis=0)),
    }


def _by_distance(
    catalogue: Catalogue, rows: NDArray[np.int64], distances: NDArray[np.float32]
) -> list[list[float]]:
    order = np.argsort(distances)[:_SHOWN]
    return [
        [int(catalogue.image_ids[rows[at]]), round(max(float(distances[at]), 0.0), 4)]
        for at in order
    ]


def _ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["pk"] for row in rows[: 2 * _SHOWN]]


def _nearest(catalogue: Catalogue, row: int, product: int) -> list[list[float]]:
    photos = catalogue.photos
    rows = photos.rows(product)
    rows = rows[rows != row]
    return _by_distance(catalogue, rows, 1 - photos.vectors[rows] @ photos.vectors[row])
