"""Recording what was asked by photo, and what people say that it was."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from products.models import Product
from recognition.models import Sighting
from recognition.models.sighting import EVIDENCE
from recognition.search import Answer, Query, search
from stores.models import Store


def record_sighting(
    *, answer: Answer, user: Any = None, source: Sighting.Source, store: Store | None = None
) -> Sighting:
    """Keeps the answer to a photo, with what a calibration will need of it; not the photo.

    The answer must be one without filters or words: a product that was hidden from it would make
    the next one look like the best.

    Raises:
        ValueError: no photo was asked with.
    """
    if answer.seen is None:
        raise ValueError("Only an answer to a photo is recorded.")
    hits = answer.seen.hits
    best = hits[0] if hits else None
    barcode = answer.barcode if answer.barcode and answer.barcode.seen_in_photo else None
    return Sighting.objects.create(
        user=user,
        source=source,
        store=store,
        encoder=answer.seen.encoder,
        vector=answer.seen.vector,
        verdict=getattr(answer.verdict, "kind", ""),
        best_product_id=best.product_id if best else None,
        # Rounding may leave a cosine distance a hair outside of what it can be.
        distance=min(max(best.distance, 0.0), 2.0) if best else None,
        margin=max(hits[1].distance - hits[0].distance, 0.0) if len(hits) > 1 else None,
        candidates=[
            {
                "product": result.product.pk,
                "image": result.photo.pk if result.photo and result.distance is not None else None,
                "distance": result.distance,
            }
            for result in answer.results
        ],
        barcode=barcode.code if barcode else "",
        barcode_product=barcode.product if barcode else None,
    )


def recognise(
    *,
    photo: Image.Image,
    user: Any,
    source: Sighting.Source,
    store: Store | None = None,
    limit: int,
) -> tuple[Answer, Sighting]:
    """Searches the whole catalogue by a photo and records the sighting, which the answer names.

    Raises:
        NoActiveEncoder, Busy, MissingWeights: as `recognition.search.search`.
    """
    answer = search(Query(photo=photo, limit=limit))
    sighting = record_sighting(answer=answer, user=user, source=source, store=store)
    return replace(answer, sighting=sighting.token), sighting


@transaction.atomic
def review_sighting(
    *, sighting: Sighting, product: Product | None, by: Any, occasion: Sighting.Occasion
) -> Sighting:
    """Writes down what a photo showed; None: none of the products that were shown.

    The same again changes nothing. Another word replaces the last, which `SightingReview`
    keeps; but what a random audit said is not replaced by the work.
    """
    sighting = Sighting.objects.select_for_update(of=("self",)).get(pk=sighting.pk)
    if product is None:
        review = Sighting.Review.REJECTED
    elif product == _heir(sighting.best_product):
        review = Sighting.Review.CONFIRMED
    else:
        review = Sighting.Review.CORRECTED
    audit = Sighting.Occasion.AUDIT
    same = (sighting.review, sighting.reviewed_product) == (review, product)
    if sighting.occasion == audit != occasion or (same and sighting.occasion == occasion):
        return sighting
    sighting.review = review
    sighting.reviewed_product = product
    sighting.reviewed_by = by
    sighting.reviewed_at = timezone.now()
    sighting.occasion = occasion
    sighting.save(
        update_fields=["review", "reviewed_product", "reviewed_by", "reviewed_at", "occasion"]
    )
    return sighting


def by_evidence(references: Iterable[str]) -> dict[str, Sighting]:
    """`{reference: sighting}` of those that name one; by one query."""
    tokens = {each.removeprefix(EVIDENCE) for each in references if each.startswith(EVIDENCE)}
    found = Sighting.objects.filter(token__in=tokens).select_related("store").defer("vector")
    return {sighting.evidence: sighting for sighting in found} if tokens else {}


def evidence_links(references: Iterable[str]) -> dict[str, str]:
    """The addresses of the sightings that evidence names: the store's own page of it, which all
    may open who see the store.
    """
    return {
        reference: reverse("counting:found", args=[sighting.store.code, sighting.token])
        for reference, sighting in by_evidence(references).items()
        if sighting.store is not None
    }


def _heir(product: Product | None) -> Product | None:
    return product.heir() if product is not None else None
