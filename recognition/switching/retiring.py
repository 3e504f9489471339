"""Taking an encoder out of use: its vectors and its index go; what was measured with it stays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recognition.models import Encoder, EncoderActivation, ImageEmbedding
from recognition.vector_index import drop_index, has_index

_BATCH = 2000
# Answers that an encoder began while it was active are finished by it.
_SECONDS_FOR_ANSWERS = 10.0
# Of two who make and drop the index of one encoder, one waits; its key follows.
_INDEX = 7_201_403


class CannotRetire(Exception):
    """An encoder is needed; the text says for what."""


def retire(
    encoder: Encoder, *, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Removes an encoder's vectors and index; the number of vectors. Killed half way and called
    again, it ends in the same state; a worker goes on by itself.

    Raises:
        CannotRetire: it is active, or the base of one in use.
    """
    begin_retirement(encoder)
    return clear(encoder, on_progress=on_progress)


def begin_retirement(encoder: Encoder) -> None:
    """From here on nobody makes vectors for it: only encoders in use get rows.

    Raises:
        CannotRetire: it is active, or the base of one in use.
    """
    with transaction.atomic():
        encoder = Encoder.objects.select_for_update().get(pk=encoder.pk)
        if encoder.state == Encoder.State.ACTIVE:
            raise CannotRetire(_("%(key)s answers now; activate another first.") % {"key": encoder})
        derived = encoder.derived.exclude(state=Encoder.State.RETIRED).first()
        if derived is not None:
            raise CannotRetire(
                _("%(base)s is the base of %(key)s; retire that first.")
                % {"base": encoder, "key": derived}
            )
        encoder.state = Encoder.State.RETIRED
        encoder.save(update_fields=["state"])


def clear(
    encoder: Encoder, *, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Removes what is left of a retired encoder; the number of vectors. Ends early where somebody
    adds it again meanwhile: what is still there is of use then.
    """
    _let_answers_finish(encoder)
    with index_of(encoder):
        if Encoder.objects.filter(pk=encoder.pk, state=Encoder.State.RETIRED).exists():
            drop_index(encoder)
    total, done = ImageEmbedding.objects.filter(encoder=encoder).count(), 0
    while removed := _remove_batch(encoder):
        done += removed
        on_progress(done, total)
    return done


def is_cleared(encoder: Encoder) -> bool:
    return not (encoder.embeddings.exists() or has_index(encoder))


@contextmanager
def index_of(encoder: Encoder) -> Iterator[None]:
    """Held by who makes or drops the index of an encoder, which no transaction may enclose. Ends
    with the connection, however the process ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_INDEX, encoder.pk])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_INDEX, encoder.pk])


@transaction.atomic
def _remove_batch(encoder: Encoder) -> int:
    # Locked, so that nobody adds it again between the look and the deletion.
    retired = Encoder.objects.select_for_update().filter(state=Encoder.State.RETIRED)
    if not retired.filter(pk=encoder.pk).exists():
        return 0
    mine = ImageEmbedding.objects.filter(encoder=encoder).order_by("pk")
    ids = list(mine.values_list("pk", flat=True)[:_BATCH])
    ImageEmbedding.objects.filter(pk__in=ids).delete()
    return len(ids)


def _let_answers_finish(encoder: Encoder) -> None:
    last = EncoderActivation.objects.first()
    if last is None or not encoder.activations.exists():
        return
    sleep(max(0.0, _SECONDS_FOR_ANSWERS - (timezone.now() - last.at).total_seconds()))
