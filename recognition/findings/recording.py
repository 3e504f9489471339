"""Findings of one check-up meet those of the ones before."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.utils import timezone

from products.models import ProductImage
from recognition.findings.found import Found
from recognition.models import Encoder, Finding

# Serialises those who record: each must see what the one before wrote.
_RECORDING = 7_201_407
_BATCH = 500
State = Finding.State


@transaction.atomic
def record(*, encoder: Encoder, found: Sequence[Found]) -> dict[str, int]:
    """Writes new findings, keeps what was decided, and marks what is no longer so. Returns the open
    ones by kind.

    A finding that was dismissed or acted upon comes again only where its photos are others than
    those that were decided upon.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_RECORDING])
    known = {
        (row.kind, row.fingerprint): row
        for row in Finding.objects.select_for_update(of=("self",)).order_by("pk").iterator()
    }
    digests = _digests(found)
    new, changed = [], []
    for each in found:
        digest = _digest_of(each, digests)
        row = known.pop((each.kind, each.fingerprint), None)
        if row is None:
            new.append(_row(Finding(), each, encoder, digest))
            continue
        decided = row.state in {State.DISMISSED, State.ACTED} and row.photos_digest == digest
        if not decided:
            row.state = State.OPEN
        changed.append(_row(row, each, encoder, digest))
    gone = [row.pk for row in known.values() if row.state == State.OPEN]
    Finding.objects.bulk_create(new, batch_size=_BATCH)
    fields = ["product", "other", "photo", "evidence", "score", "state", "encoder", "photos_digest"]
    Finding.objects.bulk_update(changed, fields, batch_size=_BATCH)
    Finding.objects.filter(pk__in=gone).update(state=State.GONE)
    counts = dict.fromkeys(Finding.Kind.values, 0)
    for row in [*new, *changed]:
        counts[row.kind] += row.state == State.OPEN
    return counts


def _row(row: Finding, found: Found, encoder: Encoder, digest: str) -> Finding:
    row.kind, row.fingerprint, row.encoder = found.kind, found.fingerprint, encoder
    row.product_id, row.other_id, row.photo_id = found.product, found.other, found.photo
    row.evidence, row.photos_digest = found.evidence, digest
    row.score = min(max(found.score, 0.0), 1.0)
    if row.pk is None:
        row.found_at = timezone.now()
    return row


def _digests(found: Iterable[Found]) -> dict[int, list[tuple[int, str]]]:
    ids = {pk for each in found for pk in (each.product, each.other) if pk is not None}
    digests: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = ProductImage.objects.filter(product__in=ids).values_list("product", "pk", "digest")
    for product, pk, digest in rows.iterator(chunk_size=2000):
        digests[product].append((pk, digest))
    return digests


def _digest_of(found: Found, digests: dict[int, list[tuple[int, str]]]) -> str:
    if found.photo is not None:
        rows = [digest for pk, digest in digests[found.product] if pk == found.photo]
    else:
        # Of each product on its own: a photo that went from one to the other changes both.
        rows = [
            "|".join(sorted(digest for _pk, digest in digests[pk]))
            for pk in sorted({found.product, found.other or found.product})
        ]
    rows.append(found.evidence.get("reason", ""))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
