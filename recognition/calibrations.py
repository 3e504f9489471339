"""Which calibration is in force for which scope, since when, and how to go back."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from recognition.calibrated_catalogue import changed_since
from recognition.confidence import ConfidenceModel
from recognition.models import (
    Calibration,
    CalibrationRun,
    CalibrationUse,
    Encoder,
    ImageEmbedding,
)

# Serialises those who apply: each must see what the one before put in force.
_APPLYING = 7_201_401
_SECONDS_STALE_KEPT = 60
# Of what is in force, kept in this process until something newer is applied.
_kept: dict[int, tuple[tuple[int | None, str], "InForce"]] = {}


class CannotApply(Exception):
    """A calibration cannot be put in force; the text says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A calibration in force, ready to judge."""

    calibration: Calibration
    right: ConfidenceModel
    known: ConfidenceModel | None
    unknown_below: float | None


InForce = dict[int | None, Rule]


def in_force(encoder: Encoder) -> InForce:
    """By category (None: the whole catalogue); empty while nothing is calibrated. One query."""
    newest = CalibrationUse.objects.filter(encoder=encoder).aggregate(newest=Max("pk"))["newest"]
    kept = _kept.get(encoder.pk)
    if kept is None or kept[0] != (newest, encoder.scoring):
        rules = _load(encoder) if newest else {}
        kept = _kept[encoder.pk] = ((newest, encoder.scoring), rules)
    return kept[1]


def current_uses(encoder: Encoder, up_to: int | None = None) -> list[CalibrationUse]:
    """The last word on each scope, the whole catalogue first; or what was it up to a use."""
    uses = CalibrationUse.objects.filter(encoder=encoder)
    last = (
        (uses if up_to is None else uses.filter(pk__lte=up_to))
        .order_by("category", "-pk")
        .distinct("category")
        .values("pk")
    )
    uses = CalibrationUse.objects.filter(pk__in=last).select_related("calibration__run__encoder")
    return sorted(uses, key=lambda use: use.scope)


def in_force_ids() -> Any:
    """Subquery of the calibrations by which answers are judged now, of all encoders."""
    last = (
        CalibrationUse.objects.order_by("encoder_id", "category_id", "-pk")
        .distinct("encoder_id", "category_id")
        .values("pk")
    )
    # As `_load` has it: a threshold of another way of ranking products judges nothing.
    return CalibrationUse.objects.filter(
        pk__in=last, calibration__run__scoring=F("encoder__scoring")
    ).values("calibration")


def _load(encoder: Encoder) -> InForce:
    rules: InForce = {}
    for use in current_uses(encoder):
        calibration = use.calibration
        if calibration is None or calibration.run.scoring != encoder.scoring:
            continue
        fitted = calibration.run.fitted
        try:
            right = ConfidenceModel.from_data(fitted["right"])
            known = ConfidenceModel.from_data(fitted["known"]) if fitted["known"] else None
        except (KeyError, ValueError):  # of another version of this site
            continue
        rules[use.category_id] = Rule(calibration, right, known, fitted["unknown_below"])
    return rules


# --- applying -------------------------------------------------------------------------------------


@transaction.atomic
def apply_run(*, run: CalibrationRun, by: Any = None, target: float | None = None) -> uuid.UUID:
    """Puts all that a run found in force, in place of all that was. Returns the batch.

    Raises:
        CannotApply: the run is not done, or was made by another scoring.
    """
    calibrations = [
        at_target(calibration, target)
        for calibration in _usable(run).calibrations.filter(target_error=run.target_error)
    ]
    _lock()
    found = {calibration.category_id for calibration in calibrations}
    gone = [
        use
        for use in current_uses(run.encoder)
        if use.calibration_id is not None and use.category_id not in found
    ]
    batch = uuid.uuid4()
    _use(batch, run.encoder, [(c.category_id, c.scope, c) for c in calibrations], by)
    _use(batch, run.encoder, [(use.category_id, use.scope, None) for use in gone], by)
    return batch


@transaction.atomic
def apply_calibration(
    *, calibration: Calibration, by: Any = None, target: float | None = None
) -> uuid.UUID:
    """Puts one in force for its own scope, and leaves the others as they are.

    Raises:
        CannotApply: its run was made by another scoring.
    """
    _usable(calibration.run)
    _lock()
    calibration = at_target(calibration, target)
    batch = uuid.uuid4()
    rows = [(calibration.category_id, calibration.scope, calibration)]
    _use(batch, calibration.run.encoder, rows, by)
    return batch


@transaction.atomic
def take_back(*, batch: uuid.UUID, by: Any = None) -> uuid.UUID:
    """For each scope of a batch, what was in force before it. Returns the new batch.

    Raises:
        CannotApply: there is no such batch.
    """
    _lock()
    uses = list(CalibrationUse.objects.filter(batch=batch).select_related("encoder"))
    if not uses:
        raise CannotApply(_("Nothing was applied there."))
    new = uuid.uuid4()
    for use in uses:
        before = CalibrationUse.objects.filter(
            encoder=use.encoder, category=use.category_id, pk__lt=use.pk
        )
        last = before.exclude(batch=batch).order_by("-pk").select_related("calibration").first()
        row = (use.category_id, use.scope, last.calibration if last else None)
        _use(new, use.encoder, [row], by, takes_back=batch)
    return new


@transaction.atomic
def go_back_to(*, batch: uuid.UUID, by: Any = None) -> uuid.UUID | None:
    """For each scope, what was in force once a batch had been applied. Returns the new batch; None:
    nothing differs.

    Raises:
        CannotApply: there is no such batch, or what was in force was made by another scoring.
    """
    _lock()
    last = CalibrationUse.objects.filter(batch=batch).select_related("encoder").first()
    if last is None:
        raise CannotApply(_("Nothing was applied there."))
    now = {use.category_id: use for use in current_uses(last.encoder)}
    then = {use.category_id: use.calibration for use in current_uses(last.encoder, up_to=last.pk)}
    rows = [
        (category, use.scope, then.get(category))
        for category, use in now.items()
        if use.calibration != then.get(category)
    ]
    for _category, _scope, calibration in rows:
        if calibration is not None:
            _usable(calibration.run)
    new = uuid.uuid4()
    _use(new, last.encoder, rows, by)
    return new if rows else None


def withdraw_all(*, encoder: Encoder, by: Any = None) -> uuid.UUID | None:
    """No verdicts any more, until something is applied again. None: nothing was in force."""
    with transaction.atomic():
        _lock()
        uses = [use for use in current_uses(encoder) if use.calibration_id is not None]
        batch = uuid.uuid4()
        _use(batch, encoder, [(use.category_id, use.scope, None) for use in uses], by)
    return batch if uses else None


def at_target(calibration: Calibration, target: float | None) -> Calibration:
    """The same measurement at another target, as a row of its own.

    Raises:
        CannotApply: the run did not look at that target.
    """
    if target is None or target == calibration.target_error:
        return calibration
    figures = next(
        (row for row in calibration.targets if abs(row["target_error"] - target) < 1e-9), None
    )
    if figures is None:
        raise CannotApply(_("The run has no figures for that target error."))
    row, _created = Calibration.objects.get_or_create(
        run=calibration.run,
        scope=calibration.scope,
        target_error=figures["target_error"],
        defaults={
            **{name: value for name, value in figures.items() if name != "target_error"},
            "category_id": calibration.category_id,
            "samples": calibration.samples,
            "known": calibration.known,
            "unknown": calibration.unknown,
            "simulated": calibration.simulated,
            "right": calibration.right,
            "targets": calibration.targets,
            "curve": calibration.curve,
        },
    )
    return row


def _usable(run: CalibrationRun) -> CalibrationRun:
    if run.state != CalibrationRun.State.DONE:
        raise CannotApply(_("This run is not done."))
    if run.scoring != run.encoder.scoring:
        raise CannotApply(
            _("This run was made for another way of ranking products. Calibrate anew.")
        )
    return run


def _use(
    batch: uuid.UUID,
    encoder: Encoder,
    rows: Sequence[tuple[int | None, str, Calibration | None]],
    by: Any,
    takes_back: uuid.UUID | None = None,
) -> None:
    CalibrationUse.objects.bulk_create(
        CalibrationUse(
            batch=batch, encoder=encoder, category_id=category, scope=scope,
            calibration=calibration, by=by, takes_back=takes_back,
        )
        for category, scope, calibration in rows
    )  # fmt: skip


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_APPLYING])


# --- growing stale --------------------------------------------------------------------------------


def catalogue_changed(run: CalibrationRun) -> float:
    """Which share of the catalogue's photos came, went or changed since a run; kept for a minute."""
    key = f"recognition.changed.{run.pk}"
    share = cache.get(key)
    if share is None:
        share = changed_since(run)
        if share is None:
            share = _by_counts(run)
        cache.set(key, share, _SECONDS_STALE_KEPT)
    return float(share)


def _by_counts(run: CalibrationRun) -> float:
    """For runs that did not keep what they were measured on: not less than so much has changed."""
    photos = ImageEmbedding.objects.findable(run.encoder_id)
    new = photos.filter(updated_at__gt=run.created_at).count()
    gone = max(run.catalogue_photos - (photos.count() - new), 0)
    return (new + gone) / max(run.catalogue_photos, 1)


def is_stale(run: CalibrationRun) -> bool:
    """Whether the catalogue is no longer the one that was measured."""
    return catalogue_changed(run) > settings.CALIBRATION_STALE_SHARE


def stale_runs(runs: Iterable[CalibrationRun]) -> set[int]:
    """Those runs since which the catalogue has changed. Few runs are in force at a time, and each is
    looked at once a minute.
    """
    return {pk for pk, run in {run.pk: run for run in runs}.items() if is_stale(run)}
