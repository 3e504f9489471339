"""Which encoder answers: the switch, and the way back. Each is one transaction."""

import logging
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recognition.loaded import encoder_for
from recognition.models import Encoder, EncoderActivation
from recognition.switching.readiness import Readiness, readiness
from recognition.switching.thresholds import (
    comes_with_thresholds,
    has_thresholds,
    no_thresholds_text,
    put_back,
    put_in_force,
)

logger = logging.getLogger(__name__)

# Serialises those who switch: each must see what the one before made active.
_SWITCHING = 7_201_402


class CannotActivate(Exception):
    """An encoder cannot answer (yet); the text says why."""


class LosesThresholds(CannotActivate):
    """Answers carry verdicts now, and would carry none with the new encoder."""


def activate(
    encoder: Encoder,
    *,
    scoring: str | None = None,
    by: Any = None,
    force: bool = False,
    without_thresholds: bool = False,
) -> EncoderActivation:
    """Makes an encoder the one that answers, by a scoring (None: its own). Its thresholds, which are
    its own, go with it; where it has none, those that its last rehearsal measured are applied, or
    those that it had when it last ranked so. The former one stays filled and ready. `force` accepts
    that photos are missing; `without_thresholds`, that answers lose their verdicts.

    Raises:
        CannotActivate: it is retired, not filled, or answers already in this way.
        LosesThresholds: thresholds are in force now, and none would be with it.
        EncoderError: it cannot be loaded on this machine.
    """
    scoring = scoring or encoder.scoring
    encoder_for(encoder.key).load()  # nobody should learn from a shopper that its weights are gone
    with transaction.atomic():
        _lock()
        # Locked until the commit: a retirement that begins meanwhile waits, and then refuses.
        encoder = Encoder.objects.select_for_update(of=("self",)).get(pk=encoder.pk)
        present = Encoder.objects.active()
        state = readiness(encoder, present)
        _refuse_unless_ready(encoder, scoring, present, state, force=force)
        if not without_thresholds and loses_thresholds(encoder, scoring, present):
            raise LosesThresholds(
                _("%(text)s Rehearse it, which measures them, or accept that.")
                % {"text": no_thresholds_text()}
            )
        activation = EncoderActivation(
            encoder=encoder, scoring=scoring, kind=EncoderActivation.Kind.SWITCH,
            former=last_activation(), missing_photos=state.missing, by=by,
        )  # fmt: skip
        _switch(activation)
        put_in_force(activation)
    return activation


def loses_thresholds(encoder: Encoder, scoring: str, present: Encoder | None) -> bool:
    """Whether answers carry verdicts now, and would carry none if this encoder were activated."""
    return (
        present is not None
        and has_thresholds(present)
        and not comes_with_thresholds(encoder, scoring)
    )


def roll_back(*, by: Any = None) -> EncoderActivation:
    """Makes what answered before answer again, at once; called again, what was before that.

    Raises:
        CannotActivate: nothing answered before, or it is retired.
        EncoderError: it cannot be loaded on this machine.
    """
    target = _former()
    encoder_for(target.encoder.key).load()
    with transaction.atomic():
        _lock()
        if _former().pk != target.pk:
            raise CannotActivate(_("Somebody switched at the same moment. Look again."))
        encoder = Encoder.objects.select_for_update(of=("self",)).get(pk=target.encoder_id)
        _refuse_retired(encoder)
        missing = readiness(encoder, Encoder.objects.active()).missing
        activation = EncoderActivation(
            encoder=encoder, scoring=target.scoring, kind=EncoderActivation.Kind.ROLL_BACK,
            former=target.former, missing_photos=missing, by=by,
        )  # fmt: skip
        _switch(activation)
        put_back(activation)
    return activation


def last_activation() -> EncoderActivation | None:
    """What answers now."""
    return EncoderActivation.objects.select_related("encoder", "former__encoder").first()


def _former() -> EncoderActivation:
    last = last_activation()
    if last is None or last.former is None:
        raise CannotActivate(_("No other encoder has answered before."))
    return last.former


def _switch(activation: EncoderActivation) -> None:
    encoder = activation.encoder
    others = Encoder.objects.filter(state=Encoder.State.ACTIVE).exclude(pk=encoder.pk)
    others.update(state=Encoder.State.STANDBY)
    encoder.state = Encoder.State.ACTIVE
    encoder.scoring = activation.scoring
    encoder.activated_at = timezone.now()
    encoder.save(update_fields=["state", "scoring", "activated_at"])
    activation.save()
    logger.warning("Encoder %s (%s) answers from now on", encoder.key, encoder.scoring)


def _refuse_retired(encoder: Encoder) -> None:
    for each in (encoder, encoder.base):
        if each is not None and each.state == Encoder.State.RETIRED:
            raise CannotActivate(_("%(key)s is retired; add it again.") % {"key": each.key})


def _refuse_unless_ready(
    encoder: Encoder, scoring: str, present: Encoder | None, state: Readiness, *, force: bool
) -> None:
    _refuse_retired(encoder)
    if present is not None and (present.pk, present.scoring) == (encoder.pk, scoring):
        raise CannotActivate(_("%(key)s is active already.") % {"key": encoder.key})
    if not state.index:
        raise CannotActivate(
            _("The index of %(key)s is missing or half made; run `manage.py embed`.")
            % {"key": encoder.key}
        )
    if state.missing and not force:
        raise CannotActivate(
            _(
                "%(missing)d of %(findable)d photos that can be found now are not ready for "
                "%(key)s: %(waiting)d wait, %(failed)d failed. Let the workers finish, mend the "
                "failed ones, or accept that they cannot be found."
            )
            % {
                "missing": state.missing, "findable": state.findable, "key": encoder.key,
                "waiting": state.waiting, "failed": state.failed,
            }
        )  # fmt: skip


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SWITCHING])
