"""A rehearsal: the same queries asked of the encoder that answers now and of one that may be next."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from scipy.stats import binomtest

from products.models import Product
from recognition.background_runs import fail_run, signs_of_life
from recognition.calibrating import AlreadyCalibrating, Labelled, begin_run, calibrate
from recognition.calibrations import in_force
from recognition.evaluation import LabelledQuery, Outcome, evaluate, summary
from recognition.evidence import heirs
from recognition.labelled_products import labelled_products
from recognition.loaded import encoder_for
from recognition.models import CalibrationRun, Encoder, EncoderRehearsal, Sighting
from recognition.switching.readiness import readiness

MOST_SIGHTINGS = 2000
_MOST_CHANGES = 500

Progress = Callable[[int, int], None]


class CannotRehearse(Exception):
    """There is nothing to compare, or with nothing; the text says why."""


@dataclass(frozen=True, slots=True)
class _Replayed:
    """A query with its truth. `shown` names it to people: a file, or a sighting's token."""

    shown: dict[str, str]
    sku: str
    read: Callable[[], bytes]


def begin_rehearsal(
    *, encoder: Encoder, scoring: str | None = None, by: Any = None
) -> EncoderRehearsal:
    """
    Raises:
        CannotRehearse: it is retired, or photos are still to be looked at.
    """
    present = Encoder.objects.active()
    if present is None:
        raise CannotRehearse(_("No encoder is active yet; there is nothing to compare with."))
    scoring = scoring or encoder.scoring
    if (present.pk, present.scoring) == (encoder.pk, scoring):
        raise CannotRehearse(_("%(key)s is active already.") % {"key": encoder.key})
    if encoder.state == Encoder.State.RETIRED:
        raise CannotRehearse(_("%(key)s is retired; add it again.") % {"key": encoder.key})
    state = readiness(encoder, present)
    if state.waiting:
        raise CannotRehearse(
            _("%(waiting)d of %(findable)d photos are still to be looked at by %(key)s.")
            % {"waiting": state.waiting, "findable": state.findable, "key": encoder.key}
        )
    return EncoderRehearsal.objects.create(
        encoder=encoder, scoring=scoring, present=present, present_scoring=present.scoring,
        created_by=by,
    )  # fmt: skip


def rehearse(
    rehearsal: EncoderRehearsal,
    *,
    labelled: Labelled | None = None,
    on_progress: Progress = lambda _done, _total: None,
) -> EncoderRehearsal:
    """Does what a rehearsal was begun for. It is `done` or `failed`, with a reason, afterwards.

    Raises:
        ValidationError, EncoderError: a labelled photo or an encoder cannot be used.
        CannotRehearse: the candidate has no thresholds, and somebody is measuring them now.
    """
    try:
        return _rehearse(rehearsal, labelled, on_progress)
    except Exception as error:
        fail_run(rehearsal, f"{type(error).__name__}: {error}")
        raise


def _rehearse(
    rehearsal: EncoderRehearsal, labelled: Labelled | None, on_progress: Progress
) -> EncoderRehearsal:
    candidate = rehearsal.encoder.ranking_by(rehearsal.scoring)
    present = rehearsal.present.ranking_by(rehearsal.present_scoring)
    calibration = _calibrated(candidate, present)
    queries = [*_labelled(labelled), *_sightings(candidate)]
    total = 2 * len(queries)
    alive, done = signs_of_life(rehearsal), 0
    for encoder in (candidate, present):  # else the first query would be timed with its loading
        encoder_for(encoder.key).load()
    outcomes: dict[str, list[Outcome]] = {"candidate": [], "present": []}
    for query in queries:
        # One after the other, query by query: whatever slows this machine slows both.
        for name, encoder in (("candidate", candidate), ("present", present)):
            outcomes[name].append(_ask(query, encoder))
            done += 1
            alive(done, total)
            on_progress(done, total)
    rehearsal.calibration = calibration
    rehearsal.done = rehearsal.total = total
    rehearsal.sources = {
        "labelled": len(labelled.queries) if labelled else 0,
        "sightings": len(queries) - (len(labelled.queries) if labelled else 0),
        "thresholds_of_the_candidate": _thresholds(candidate, calibration),
        "thresholds_measured_on": {
            "candidate": _measured_on(candidate, calibration),
            "present": _measured_on(present),
        },
    }
    rehearsal.figures = {
        "candidate": summary(outcomes["candidate"], encoder=candidate.key),
        "present": summary(outcomes["present"], encoder=present.key),
        "difference": difference(outcomes["candidate"], outcomes["present"]),
    }
    rehearsal.changes = list(_changes(queries, outcomes["candidate"], outcomes["present"]))
    rehearsal.state = EncoderRehearsal.State.DONE
    # Unless a sweep took it for dead meanwhile: then it is done all the same.
    rehearsal.reason = ""
    rehearsal.save()
    return rehearsal


def difference(candidate: Sequence[Outcome], present: Sequence[Outcome]) -> dict[str, Any]:
    """How many known queries one has right and the other not, and the chance of so uneven a split if
    both were as good (McNemar's exact test, 1947).
    """
    pairs = [
        (ours.rank == 1, theirs.rank == 1)
        for ours, theirs in zip(candidate, present, strict=True)
        if ours.known
    ]
    better = sum(ours and not theirs for ours, theirs in pairs)
    worse = sum(theirs and not ours for ours, theirs in pairs)
    uneven = better + worse
    return {
        "known": len(pairs),
        "better": better,
        "worse": worse,
        "p_value": float(binomtest(better, uneven).pvalue) if uneven else None,
    }


def is_surely_worse(rehearsal: EncoderRehearsal) -> bool:
    """Whether the candidate has fewer right, by more than chance (5 %)."""
    found = rehearsal.figures.get("difference", {})
    return bool(
        found
        and found["worse"] > found["better"]
        and found["p_value"] is not None
        and found["p_value"] < 0.05
    )


def _calibrated(candidate: Encoder, present: Encoder) -> CalibrationRun | None:
    """Thresholds for the candidate where it has none and the present one has: measured on the
    catalogue and on sightings, not on the labelled photos that it will be judged by.
    """
    rules = in_force(present)
    if not rules or in_force(candidate):
        return None
    target = next(iter(rules.values())).calibration.target_error
    try:
        run = begin_run(encoder=candidate, target_error=target)
    except AlreadyCalibrating as error:
        raise CannotRehearse(
            _("%(key)s is being calibrated; rehearse once that is done.") % {"key": candidate.key}
        ) from error
    run = calibrate(run)
    return run if run.state == CalibrationRun.State.DONE else None


def _thresholds(candidate: Encoder, calibration: CalibrationRun | None) -> str:
    if in_force(candidate):
        return "in_force"
    return "measured_now" if calibration is not None else "none"


def _measured_on(
    encoder: Encoder, measured_now: CalibrationRun | None = None
) -> dict[str, int] | None:
    """Numbers of photos behind the thresholds; None without any. Whoever is judged by photos that
    its thresholds were measured on looks better than it is.
    """
    rules = in_force(encoder)
    run = measured_now or (next(iter(rules.values())).calibration.run if rules else None)
    if run is None:
        return None
    names = ("catalogue photos", "labelled photos", "audited sightings")
    return {name: int(run.sources.get(name, 0)) for name in names}


def _labelled(labelled: Labelled | None) -> Iterator[_Replayed]:
    queries = labelled.queries if labelled else ()
    sold = labelled_products(query.sku for query in queries).skus
    for query in queries:
        name, sku = query.file, sold.get(query.sku, "")
        yield _Replayed({"file": name}, sku, lambda name=name: labelled.read_photo(name))  # type: ignore[misc, union-attr]


def _sightings(candidate: Encoder) -> Iterator[_Replayed]:
    """Photos that were kept, of which people said what they show. An adapter may have been learned
    from those that were volunteered; it is judged by the random audit alone.
    """
    kept = Sighting.objects.with_photo().reviewed().select_related("reviewed_product")
    if candidate.base_id is not None:
        kept = kept.filter(drawn_for_audit=True)
    into = heirs()
    skus = dict(Product.objects.values_list("pk", "sku"))
    for sighting in kept.order_by("-pk")[:MOST_SIGHTINGS]:
        product = sighting.reviewed_product_id
        if product is None and not sighting.drawn_for_audit:
            continue  # “none of these” of a customer does not say that the catalogue has it not
        sku = skus.get(into.get(product, product), "") if product is not None else ""
        yield _Replayed({"sighting": str(sighting.pk)}, sku, lambda each=sighting: _stored(each))  # type: ignore[misc]


def _stored(sighting: Sighting) -> bytes:
    with sighting.photo.open("rb") as file:
        return bytes(file.read())


def _ask(query: _Replayed, encoder: Encoder) -> Outcome:
    labelled = LabelledQuery(next(iter(query.shown.values())), query.sku)
    try:
        return next(evaluate([labelled], lambda _name: query.read(), encoder))
    except OSError as error:  # forgotten meanwhile, or lost
        raise ValidationError(f"{labelled.file}: {error}") from error


def _changes(
    queries: Sequence[_Replayed], candidate: Sequence[Outcome], present: Sequence[Outcome]
) -> Iterator[dict[str, str]]:
    number = 0
    for query, ours, theirs in zip(queries, candidate, present, strict=True):
        if ours.first == theirs.first or number >= _MOST_CHANGES:
            continue
        number += 1
        right = {ours.first: "better", theirs.first: "worse"}
        yield {
            **query.shown,
            "sku": query.sku,
            "candidate": ours.first,
            "present": theirs.first,
            "effect": right.get(query.sku, "other") if query.sku else "other",
        }
