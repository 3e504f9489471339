"""Adapted encoders: how one comes to be, and its vectors, which come from those of its base."""

from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from recognition.adapters import Adapter
from recognition.encoders import (
    AdaptedEncoder,
    EncoderError,
    UnknownEncoder,
    adapter_part,
    parse_key,
)
from recognition.encoders.keys import EncoderKey
from recognition.indexing import Claim, Outcome, record
from recognition.loaded import encoder_for
from recognition.models import Encoder, EncoderAdapter, ImageEmbedding, Scoring
from recognition.vector_index import ensure_index

# Rows that one transaction holds; a multiplication of so many takes some hundredths of a second.
_BATCH = 500


class BaseRetired(EncoderError):
    """What an adapted encoder is made from was retired; the text says what to do."""


def adapted_key(base: Encoder, adapter: Adapter) -> str:
    """The key of what an adapter makes of an encoder."""
    plain = parse_key(base.key)
    return str(
        EncoderKey(
            plain.library, plain.architecture, plain.weights, plain.views,
            adapter_part(adapter.digest),
        )
    )  # fmt: skip


def add_adapted(
    *,
    base: Encoder,
    adapter: Adapter,
    recipe: dict[str, Any],
    scoring: Scoring,
    origin: dict[str, Any],
) -> Encoder:
    """The row, the matrix and the index of an adapted encoder; workers fill its vectors.

    Raises:
        BaseRetired: somebody retired the base meanwhile.
    """
    with transaction.atomic():
        # Who retires the base waits, and then finds this one in use.
        base = Encoder.objects.select_for_update(no_key=True, of=("self",)).get(pk=base.pk)
        if base.state == Encoder.State.RETIRED:
            raise BaseRetired(
                _("%(key)s was retired meanwhile; add it again first.") % {"key": base.key}
            )
        encoder, _created = Encoder.objects.get_or_create(
            key=adapted_key(base, adapter),
            defaults={
                "base": base,
                "dimension": adapter.dimension,
                "speaks_text": False,
                "scoring": scoring,
                "fallback_reason": base.fallback_reason,
                "origin": origin,
            },
        )
        EncoderAdapter.objects.get_or_create(
            encoder=encoder, defaults={"data": adapter.to_bytes(), "recipe": recipe}
        )
    ensure_index(encoder)
    return encoder


def fill_batch(encoder: Encoder) -> int:
    """Makes up to a batch of an adapted encoder's due vectors; how many. Rows follow those of the
    base: failed as it is, due again when it is.
    """
    _follow_failures(encoder)
    with transaction.atomic():
        ready_in_base = ImageEmbedding.objects.ready().filter(
            encoder=encoder.base_id, image=OuterRef("image"), digest=OuterRef("digest")
        )
        due = list(
            ImageEmbedding.objects.pending()
            .filter(Exists(ready_in_base), encoder=encoder)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("pk")[:_BATCH]
        )
        base = ImageEmbedding.objects.ready().filter(
            encoder=encoder.base_id, image__in=[row.image_id for row in due]
        )
        vectors = {
            (image, digest): np.asarray(vector, dtype=np.float32)
            for image, digest, vector in base.values_list("image", "digest", "vector")
        }
        due = [row for row in due if (row.image_id, row.digest) in vectors]
        if not due:
            return 0
        adapted = adapter_of(encoder).apply(
            np.stack([vectors[row.image_id, row.digest] for row in due])
        )
        claims = [Claim(row.pk, row.image_id, "", row.digest) for row in due]
        made = zip(due, adapted, strict=True)
        return record(claims, Outcome(vectors={row.pk: vector for row, vector in made}))


def adapter_of(encoder: Encoder) -> Adapter:
    """
    Raises:
        UnknownEncoder: there is none.
    """
    loaded = encoder_for(encoder.key)
    if not isinstance(loaded, AdaptedEncoder):
        raise UnknownEncoder(f"{encoder.key} has no adapter.")
    return loaded.adapter


def can_be_filled(encoder: Encoder) -> bool:
    """Whether some of an adapted encoder's due photos are ready in its base."""
    return (
        ImageEmbedding.objects.pending()
        .filter(
            encoder=encoder,
            image__embeddings__encoder=encoder.base_id,
            image__embeddings__state=ImageEmbedding.State.READY,
        )
        .exists()
    )


def _follow_failures(encoder: Encoder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recognition_imageembedding e SET state = 'failed', reason = base.reason,"
            " updated_at = %s FROM recognition_imageembedding base"
            " WHERE e.encoder_id = %s AND e.state = 'pending' AND base.encoder_id = %s"
            " AND base.image_id = e.image_id AND base.state = 'failed'",
            [timezone.now(), encoder.pk, encoder.base_id],
        )
        cursor.execute(
            "UPDATE recognition_imageembedding e SET state = 'pending', reason = '', attempts = 0,"
            " updated_at = %s FROM recognition_imageembedding base"
            " WHERE e.encoder_id = %s AND e.state = 'failed' AND base.encoder_id = %s"
            " AND base.image_id = e.image_id AND base.state <> 'failed'",
            [timezone.now(), encoder.pk, encoder.base_id],
        )
