"""Taking an encoder out of use: its vectors and its index go; what was measured with it stays."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from recognition.models import Encoder, ImageEmbedding
from recognition.vector_index import drop_index

_BATCH = 2000


class CannotRetire(Exception):
    """An encoder is needed; the text says for what."""


def retire(
    encoder: Encoder, *, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Removes an encoder's vectors and index; the number of vectors. Killed half way and called
    again, it ends in the same state.

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
    # From here on nobody makes vectors for it: only in-use encoders get rows.
    drop_index(encoder)
    mine = ImageEmbedding.objects.filter(encoder=encoder)
    total, done = mine.count(), 0
    while ids := list(mine.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        ImageEmbedding.objects.filter(pk__in=ids).delete()
        done += len(ids)
        on_progress(done, total)
    return done
