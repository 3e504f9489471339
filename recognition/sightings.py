"""Recording what was asked by photo, and what people say that it was."""

import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from api.stored_files import atomic_with_files
from products.models import Product
from recognition.models import Sighting
from recognition.models.sighting import EVIDENCE
from recognition.nearest import Hit
from recognition.reviewing.kept_photos import is_kept, keep_photo
from recognition.search import Answer, Query, Seen, search, search_each
from stores.models import Store

logger = logging.getLogger(__name__)

# As many as a person looks through, and what the review offers first.
CANDIDATES = 12
_MOST_WAIT = "300ms"
_lots = secrets.SystemRandom()


def record_sighting(
    *,
    answer: Answer,
    user: Any = None,
    source: Sighting.Source,
    store: Store | None = None,
    photo: Image.Image | None = None,
    narrowed: bool = False,
    candidates: int = CANDIDATES,
) -> Sighting:
    """Keeps the answer to a photo, with what a calibration will need of it; a small copy of the
    photo itself only where `KEEP_QUERY_PHOTOS` says so. An answer to several photos of one thing has no
    one vector: it is kept to be looked at and judged, but speaks for no single photo, and so neither
    trains nor is drawn for the audit.

    `narrowed`: the caller saw less than, or something else than, this answer.

    Raises:
        ValueError: no photo was asked with.
    """
    if answer.seen is None:
        raise ValueError("Only an answer to a photo is recorded.")
    hits = recordable_hits(answer.seen)
    best = hits[0] if hits else None
    barcode = answer.barcode if answer.barcode and answer.barcode.seen_in_photo else None
    sighting = Sighting(
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
        candidates=_candidates(answer, hits)[:candidates],
        barcode=barcode.code if barcode else "",
        barcode_product=barcode.product if barcode else None,
        narrowed=narrowed,
        drawn_for_audit=answer.seen.vector is not None and _lots.random() < settings.AUDIT_SHARE,
    )
    if photo is None or not is_kept(sighting):
        sighting.save(force_insert=True)
        return sighting
    with atomic_with_files():
        keep_photo(sighting, photo)
        sighting.save(force_insert=True)
    return sighting


def recordable_hits(seen: Seen) -> list[Hit]:
    """What the photo met in the whole catalogue. Never what filters left over: a product that they
    hid would make the next one look like the best.
    """
    return seen.over_all


def _candidates(answer: Answer, hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """As an answer without filters and words shows them: what a barcode names comes first."""
    met = {hit.product_id: hit for hit in hits}
    order = list(met)
    exact = answer.barcode.product if answer.barcode else None
    if exact is not None and exact.is_active and exact.merged_into_id is None:
        order = [exact.pk, *(product for product in order if product != exact.pk)]
    return [
        {
            "product": product,
            "image": met[product].image_id if product in met else None,
            "distance": met[product].distance if product in met else None,
        }
        for product in order
    ]


def recognise(
    *,
    photo: Image.Image,
    user: Any,
    source: Sighting.Source,
    store: Store | None = None,
    limit: int,
) -> tuple[Answer, Sighting]:
    """Searches the whole catalogue by a photo and records the sighting, which the answer names:
    for work that rests on it.

    Raises:
        NoActiveEncoder, Busy, MissingWeights: as `recognition.search.search`.
    """
    answer = search(Query(photo=photo, limit=limit))
    sighting = record_sighting(
        answer=answer, user=user, source=source, store=store, photo=photo, candidates=limit
    )
    return replace(answer, sighting=sighting.token), sighting


def answer_and_record(query: Query, *, user: Any = None, source: Sighting.Source) -> Answer:
    """Searches for the public. A query by photo is recorded, where `RECORD_SIGHTINGS` is on; if that
    fails, the answer goes out all the same.

    Raises:
        NoActiveEncoder, Busy, MissingWeights: as `recognition.search.search`.
    """
    return answer_and_record_each([query], user=user, source=source)[0]


def answer_and_record_each(
    queries: Sequence[Query], *, user: Any = None, source: Sighting.Source
) -> list[Answer]:
    """As `answer_and_record`, for queries that came together: nothing is recorded before all of them
    are answered.
    """
    answers = search_each(queries)
    return [
        _recorded(query, answer, user, source)
        for query, answer in zip(queries, answers, strict=True)
    ]


def _recorded(query: Query, answer: Answer, user: Any, source: Sighting.Source) -> Answer:
    if answer.seen is None or query.photo is None or not settings.RECORD_SIGHTINGS:
        return answer
    photos = query.photos()
    try:
        with transaction.atomic():
            # What a row names may be locked by a merge or an import; nobody waits for that here.
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_MOST_WAIT])
            sighting = record_sighting(
                answer=answer,
                user=user if user is not None and user.is_authenticated else None,
                source=source,
                photo=photos[0] if len(photos) == 1 else None,
                narrowed=_narrowed(query),
            )
    except Exception:  # whatever it is, the customer has their answer
        logger.exception("A query could not be recorded")
        return answer
    return replace(answer, sighting=sighting.token)


@transaction.atomic
def review_sighting(
    *, sighting: Sighting, product: Product | None, by: Any, occasion: Sighting.Occasion
) -> Sighting:
    """Writes down what a photo showed; None: none of the products that were shown.

    The same again changes nothing. Another word replaces the last, which `SightingReview`
    keeps; but what a random audit said is not replaced by the work.

    Raises:
        ValueError: an audit of a sighting that was not drawn for it.
    """
    sighting = Sighting.objects.select_for_update(of=("self",)).get(pk=sighting.pk)
    if product is None:
        review = Sighting.Review.REJECTED
    elif product == _heir(sighting.best_product):
        review = Sighting.Review.CONFIRMED
    else:
        review = Sighting.Review.CORRECTED
    audit = Sighting.Occasion.AUDIT
    if occasion == audit and not sighting.drawn_for_audit:
        raise ValueError("Only a sighting that was drawn by lot can be audited.")
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


def _narrowed(query: Query) -> bool:
    return query.filters.narrows or bool(query.text) or query.max_distance is not None


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
