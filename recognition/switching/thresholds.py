"""Thresholds belong to an encoder and its scoring: which go into force with it when it answers."""

import logging
from typing import Any

from django.utils.translation import gettext as _

from recognition.calibrations import CannotApply, apply_run, current_uses, go_back_to
from recognition.models import (
    CalibrationRun,
    CalibrationUse,
    Encoder,
    EncoderActivation,
    EncoderRehearsal,
)

logger = logging.getLogger(__name__)


def no_thresholds_text() -> str:
    """What an encoder means for answers that comes without thresholds."""
    return _(
        "No thresholds were measured for it: answers will carry no verdict until you measure them "
        "with it (manage.py calibrate, or the similarity report)."
    )


def has_thresholds(encoder: Encoder, scoring: str | None = None) -> bool:
    """Whether thresholds are in force for an encoder by a scoring (None: its own)."""
    return _hold(current_uses(encoder), scoring or encoder.scoring)


def comes_with_thresholds(encoder: Encoder, scoring: str | None = None) -> bool:
    """Whether thresholds would be in force if it were activated now by a scoring (None: its own)."""
    scoring = scoring or encoder.scoring
    if has_thresholds(encoder, scoring) or _rehearsed(encoder, scoring) is not None:
        return True
    then = _use_of_that_time(encoder, scoring)
    return then is not None and _hold(current_uses(encoder, up_to=then.pk), scoring)


def put_in_force(activation: EncoderActivation) -> None:
    """After a switch: where nothing is in force, what its last rehearsal measured, or else what it
    had when it last ranked so.
    """
    encoder = activation.encoder
    if has_thresholds(encoder):
        return
    run = _rehearsed(encoder, encoder.scoring)
    if run is not None:
        apply_run(run=run, by=activation.by)
    if not has_thresholds(encoder):
        put_back(activation)


def put_back(activation: EncoderActivation) -> None:
    """Thresholds hold for one scoring. Where the encoder ranked by another one meanwhile, and got
    thresholds for that, those that were in force when that began are so again.
    """
    encoder = activation.encoder
    use = _use_of_that_time(encoder, encoder.scoring, before=activation)
    if use is None:
        return
    try:
        go_back_to(batch=use.batch, by=activation.by)
    except CannotApply as error:  # answers without a verdict are better than no way back
        logger.warning("The thresholds of %s did not come back: %s", encoder.key, error)


def _hold(uses: list[CalibrationUse], scoring: str) -> bool:
    used = [use.calibration for use in uses]
    return any(each is not None and each.run.scoring == scoring for each in used)


def _rehearsed(encoder: Encoder, scoring: str) -> CalibrationRun | None:
    rehearsal = (
        EncoderRehearsal.objects.filter(
            encoder=encoder, scoring=scoring, calibration__state=CalibrationRun.State.DONE
        )
        # What was in force once, and is not any more, was taken out of force.
        .exclude(calibration__calibrations__uses__isnull=False)
        .select_related("calibration__encoder")
        .first()
    )
    return rehearsal.calibration if rehearsal is not None else None


def _use_of_that_time(
    encoder: Encoder, scoring: str, *, before: EncoderActivation | None = None
) -> CalibrationUse | None:
    """The last word on thresholds when the encoder last ranked so; None if it never did, or has
    ranked so ever since: then what is in force is what people want.
    """
    earlier: Any = EncoderActivation.objects.filter(encoder=encoder)
    if before is not None:
        earlier = earlier.filter(pk__lt=before.pk)
    then = earlier.filter(scoring=scoring).first()
    ended = earlier.filter(pk__gt=then.pk).order_by("pk").first() if then is not None else None
    if ended is None:
        return None
    return CalibrationUse.objects.filter(encoder=encoder, at__lte=ended.at).first()
