"""Adding an encoder beside those that are there; workers fill it in the background."""

from django.db import transaction
from django.utils.translation import gettext as _

from recognition.encoders import UnknownEncoder, parse_key
from recognition.indexing import sweep
from recognition.loaded import encoder_for
from recognition.models import Encoder
from recognition.switching.retiring import index_of
from recognition.vector_index import ensure_index
from recognition.versions import add_encoder as add_row


def add_encoder(key: str, *, fallback_reason: str = "") -> Encoder:
    """An encoder whose vectors are made from now on, or again if it was retired. Of one that is there
    what is missing is made: its index, where a process was killed before it, and rows for photos.

    Raises:
        UnknownEncoder: there is no such encoder, or an adapter that this site never learned.
        MissingWeights, WrongWeights, EncoderError: it cannot be loaded here; nothing was written.
    """
    parts = parse_key(key)
    there = Encoder.objects.filter(key=key).select_related("base").first()
    if there is None and parts.adapter:
        raise UnknownEncoder(
            _("This site has not learned %(key)s; adapters are made by `encoder tune`.")
            % {"key": key}
        )
    if there is not None and not _is_retired(there):
        _make_indexes(there)
        sweep()
        return there
    # Before anything is written: who adds an encoder learns at once if its weights are not there.
    encoder_for(key).load()
    encoder = _revive(there) if there else add_row(key, fallback_reason=fallback_reason)
    sweep()
    return encoder


def _is_retired(encoder: Encoder) -> bool:
    return any(
        each is not None and each.state == Encoder.State.RETIRED for each in (encoder, encoder.base)
    )


def _revive(encoder: Encoder) -> Encoder:
    with transaction.atomic():
        # The base first: the database lets nothing be in use whose base is not. Locked, since
        # somebody may be retiring it.
        ids = [pk for pk in (encoder.base_id, encoder.pk) if pk is not None]
        for pk in ids:
            each = Encoder.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
            if each.state == Encoder.State.RETIRED:
                each.state = Encoder.State.BUILDING
                each.save(update_fields=["state"])
    encoder.refresh_from_db()
    _make_indexes(encoder)
    return encoder


def _make_indexes(encoder: Encoder) -> None:
    for each in (encoder.base, encoder):
        if each is not None:
            with index_of(each):  # its retirement may have come as far as dropping it
                ensure_index(each)
