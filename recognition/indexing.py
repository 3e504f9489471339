"""From stored photos to vectors: which are due, who holds them, what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from numpy.typing import NDArray

from products.models import ProductImage
from recognition.models import Encoder, ImageEmbedding
from recognition.queue import knock


@dataclass(frozen=True, slots=True)
class Claim:
    """A photo that this worker holds until its lease runs out."""

    embedding_id: int
    image_id: int
    file_name: str
    digest: str


@dataclass(slots=True)
class Outcome:
    """What a batch came to: vectors and reasons by embedding id."""

    vectors: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)


def mark_pending(image: ProductImage) -> None:
    """Makes a photo due for every encoder in use; a vector of an older file is dropped."""
    changed = 0
    for encoder in Encoder.objects.in_use():
        embedding, created = ImageEmbedding.objects.get_or_create(
            image=image, encoder=encoder, defaults={"digest": image.digest}
        )
        if not created and embedding.digest != image.digest:
            changed += _make_due(
                ImageEmbedding.objects.filter(pk=embedding.pk), digest=image.digest
            )
        changed += created
    if changed:
        knock()


def sweep() -> int:
    """Repairs whatever the signal never saw (bulk writes, restores); the number of rows made due.

    A photo whose stored digest differs from the row's is due again too.
    """
    due = 0
    for encoder in Encoder.objects.in_use():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO recognition_imageembedding"
                " (image_id, encoder_id, digest, state, reason, attempts, updated_at)"
                " SELECT image.id, %s, image.digest, 'pending', '', 0, now()"
                " FROM products_productimage image"
                " WHERE NOT EXISTS (SELECT FROM recognition_imageembedding e"
                "   WHERE e.image_id = image.id AND e.encoder_id = %s)"
                " ON CONFLICT (image_id, encoder_id) DO NOTHING",
                [encoder.pk, encoder.pk],
            )
            due += cursor.rowcount
            cursor.execute(
                "UPDATE recognition_imageembedding e SET digest = image.digest, vector = NULL,"
                " state = 'pending', reason = '', attempts = 0, leased_until = NULL,"
                " updated_at = now()"
                " FROM products_productimage image WHERE image.id = e.image_id"
                " AND e.encoder_id = %s AND e.digest <> image.digest",
                [encoder.pk],
            )
            due += cursor.rowcount
    if (
        ImageEmbedding.objects.filter(encoder__in=Encoder.objects.in_use())
        .claimable(timezone.now())
        .exists()
    ):
        knock()
    return due


@transaction.atomic
def retry(embedding_ids: Iterable[int]) -> int:
    """Makes failed photos due again, those of a base before what is made from it; the number that
    were.
    """
    failed = ImageEmbedding.objects.failed()
    asked = failed.filter(pk__in=list(embedding_ids))
    of_base = list(
        asked.exclude(encoder__base=None).values_list("encoder__base", "image").order_by()
    )
    count = _make_due(asked)
    for base, image in of_base:
        _make_due(failed.filter(encoder=base, image=image))
    if count:
        # After the commit: the job's lock would otherwise be waited for with these rows held,
        # while an upload that has the lock may wait for one of them.
        transaction.on_commit(knock)
    return count


def _make_due(embeddings: "object", **changes: object) -> int:
    return int(
        embeddings.update(  # type: ignore[attr-defined]
            state=ImageEmbedding.State.PENDING,
            vector=None,
            reason="",
            attempts=0,
            leased_until=None,
            updated_at=timezone.now(),
            **changes,
        )
    )


def claim(encoder: Encoder, most: int) -> list[Claim]:
    """Takes up to `most` due photos for this worker, and commits that.

    Photos that were claimed before without an answer are handed out one by one, so that the one
    that kills the process is found; after `EMBEDDING_MAX_ATTEMPTS` it is set aside as failed.
    Any number of workers may call this at once: each photo goes to one of them.
    """
    _give_up(encoder)
    fresh = _take(encoder, most, again=False)
    return fresh or _take(encoder, 1, again=True)


def _take(encoder: Encoder, most: int, *, again: bool) -> list[Claim]:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS (SELECT id FROM recognition_imageembedding"
            "   WHERE encoder_id = %s AND state = 'pending' AND (attempts > 0) = %s"
            "   AND (leased_until IS NULL OR leased_until < now())"
            "   ORDER BY attempts, id LIMIT %s FOR UPDATE SKIP LOCKED)"
            " UPDATE recognition_imageembedding e"
            " SET leased_until = now() + make_interval(secs => %s), attempts = e.attempts + 1, updated_at = now()"
            " FROM due, products_productimage image"
            " WHERE e.id = due.id AND image.id = e.image_id"
            " RETURNING e.id, image.id, image.file, e.digest",
            [encoder.pk, again, most, settings.EMBEDDING_LEASE_SECONDS],
        )
        return sorted((Claim(*row) for row in cursor.fetchall()), key=lambda c: c.embedding_id)


def _give_up(encoder: Encoder) -> None:
    ImageEmbedding.objects.filter(
        encoder=encoder, attempts__gte=settings.EMBEDDING_MAX_ATTEMPTS
    ).claimable(timezone.now()).update(
        state=ImageEmbedding.State.FAILED,
        leased_until=None,
        updated_at=timezone.now(),
        reason=gettext(
            "The program stopped %(attempts)d times while it worked on this photo. Replace the "
            "photo, or try again."
        )
        % {"attempts": settings.EMBEDDING_MAX_ATTEMPTS},
    )


def release(claims: Iterable[Claim]) -> None:
    """Gives photos back unworked, as on a clean shutdown; the claim does not count as an attempt."""
    ImageEmbedding.objects.pending().filter(
        pk__in=[claim.embedding_id for claim in claims], attempts__gt=0
    ).update(leased_until=None, attempts=F("attempts") - 1)


def postpone(claimed: Claim) -> None:
    """Leaves a photo for when its lease has run out; the claim does not count as an attempt."""
    ImageEmbedding.objects.pending().filter(pk=claimed.embedding_id, attempts__gt=0).update(
        attempts=F("attempts") - 1
    )


@transaction.atomic
def record(claims: Iterable[Claim], outcome: Outcome) -> int:
    """Writes what a batch came to; the number of photos that are ready now.

    Only where the row is still pending with the digest that was worked on: a photo that was
    replaced or deleted meanwhile keeps its newer state.
    """
    digests = {claim.embedding_id: claim.digest for claim in claims}
    with connection.cursor() as cursor:
        ids = sorted(outcome.vectors)
        cursor.execute(
            "UPDATE recognition_imageembedding e SET vector = done.vector::halfvec,"
            " state = 'ready', reason = '', leased_until = NULL, updated_at = now()"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS done(id, digest, vector)"
            " WHERE e.id = done.id AND e.digest = done.digest AND e.state = 'pending'",
            [ids, [digests[i] for i in ids], [_literal(outcome.vectors[i]) for i in ids]],
        )
        ready = cursor.rowcount
    for embedding_id, reason in outcome.failures.items():
        ImageEmbedding.objects.pending().filter(
            pk=embedding_id, digest=digests[embedding_id]
        ).update(
            state=ImageEmbedding.State.FAILED,
            reason=reason,
            leased_until=None,
            updated_at=timezone.now(),
        )
    return ready


def _literal(vector: NDArray[np.float32]) -> str:
    return "[" + ",".join(format(value, ".7g") for value in vector.tolist()) + "]"


def waiting(encoder: Encoder) -> int:
    """Photos of an encoder that have no vector yet and are not set aside."""
    return ImageEmbedding.objects.pending().filter(encoder=encoder).count()


def filling_order() -> list[Encoder]:
    """The encoders in use as they are to be filled: what answers before what is being built, and
    each base before what is made from it.
    """
    in_use = list(Encoder.objects.in_use().select_related("base"))
    active = next((each for each in in_use if each.state == Encoder.State.ACTIVE), None)
    serving = {active.pk, active.base_id} if active else set()
    return sorted(
        in_use, key=lambda each: (each.pk not in serving, each.base_id is not None, each.pk)
    )
