"""Measures how sure answers may be: gathers evidence, fits, and writes down what was found."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from products.models import Category, Product
from products.models.category import full_names
from recognition.background_runs import fail_run, signs_of_life
from recognition.calibrated_catalogue import Described, describe, keep
from recognition.confidence import (
    Evidence,
    Examples,
    Fitted,
    Rules,
    Scope,
    fit_confidence,
    teaching_and_carrying,
)
from recognition.confidence.fit import AtTarget
from recognition.confidence.thresholds import upper_bound
from recognition.evaluation import LabelledQuery
from recognition.evidence import (
    CatalogueEvidence,
    catalogue_photos,
    from_catalogue,
    from_labelled,
    from_sightings,
    reviewed_sightings,
    split_by_product,
)
from recognition.labelled_products import labelled_products
from recognition.models import Calibration, CalibrationRun, Encoder, ImageEmbedding
from recognition.ranking import SHORTLIST, category_chains
from recognition.reviewing.queues import audit_response

# At fewer photos that were asked with, no bound worth having could rest on them.
LEAST_CARRIERS = 50
# What the report offers beside the target that was asked for.
TARGETS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3)
# Below this share of judged answers the audit is hardly a random sample any more.
_FULL_RESPONSE = 0.95
# The same catalogue and evidence give the same calibration.
_SEED = 20_260_101


class AlreadyCalibrating(Exception):
    """A measurement of this encoder is running."""


class TooLittleEvidence(Exception):
    """There is nothing to calibrate on; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled photos and how to read one by its name."""

    queries: Sequence[LabelledQuery]
    read_photo: Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class _Basis:
    """What trains, what carries the bound, and of which kind that is.

    `unknown_share` None: as it is among the carriers. `sources` are numbers of photos by origin.
    """

    evidence: Evidence
    kind: CalibrationRun.Kind
    unknown_share: float | None
    sources: dict[str, Any]


@dataclass(slots=True)
class _Gathered:
    catalogue: CatalogueEvidence
    audited: Examples
    others: Examples
    labelled: Examples
    # Of the labelled, how many name a product that is not sold any more.
    not_sold: int
    then: "_Catalogue"


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The catalogue as it was before the first photo was looked at."""

    products: int
    photos: int
    described: Described


def calibrate(
    run: CalibrationRun,
    *,
    labelled: Labelled | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> CalibrationRun:
    """Does what a run was begun for. It is `done` or `failed`, with a reason, afterwards.

    Raises:
        ValidationError, EncoderError: a labelled photo or the encoder cannot be used.
    """
    try:
        gathered = _gather(run, labelled, on_progress)
        basis = _divide(run, gathered)
        targets = tuple(sorted({*TARGETS, run.target_error}))
        rules = Rules(targets=targets, unknown_share=basis.unknown_share)
        try:
            fitted = fit_confidence(basis.evidence, category_chains(), rules)
        except ValueError as error:
            raise TooLittleEvidence(_too_little(gathered)) from error
        if basis.kind == CalibrationRun.Kind.QUERIES:
            carriers = basis.evidence.carriers
            basis.sources["catalogue promise"] = _promise_of_catalogue(run, gathered, carriers)
        return _write(run, fitted, basis, _warnings(basis, gathered), gathered.then)
    except TooLittleEvidence as error:
        fail_run(run, str(error))
        run.refresh_from_db()
        return run
    except BaseException as error:  # also a command that is interrupted
        fail_run(run, f"{type(error).__name__}: {error}")
        raise


def begin_run(
    *,
    encoder: Encoder,
    target_error: float,
    unknown_share: float | None = None,
    by: Any = None,
) -> CalibrationRun:
    """`unknown_share` None: as observed among the photos that were asked with, where some of them
    are unknown; else CALIBRATION_UNKNOWN_SHARE.

    Raises:
        AlreadyCalibrating: one is running for this encoder; two would only take each other's cores.
    """
    try:
        with transaction.atomic():
            return CalibrationRun.objects.create(
                encoder=encoder, scoring=encoder.scoring, target_error=target_error,
                unknown_share=unknown_share, created_by=by,
            )  # fmt: skip
    except IntegrityError as error:
        if "calibration_run_one_running_per_encoder" not in str(error):
            raise
        raise AlreadyCalibrating(_("A measurement is running already.")) from error


# --- evidence -------------------------------------------------------------------------------------


def _gather(
    run: CalibrationRun, labelled: Labelled | None, on_progress: Callable[[int, int], None]
) -> _Gathered:
    # It may have waited in the queue while the encoder began to rank otherwise.
    encoder = run.encoder.ranking_by(run.scoring)
    total = catalogue_photos(encoder) + reviewed_sightings(encoder)
    total += len(labelled.queries) if labelled else 0
    run.total, run.done = total, 0
    run.save(update_fields=["total", "done", "touched_at"])
    alive = signs_of_life(run)

    def advance() -> None:
        run.done = min(run.done + 1, total)
        alive(run.done, total)
        on_progress(run.done, total)

    then = _Catalogue(*catalogue_state(encoder), describe(encoder))
    catalogue = from_catalogue(encoder, advance, lambda: alive(run.done, total))
    audited, others = from_sightings(encoder, advance)
    asked = (
        from_labelled(encoder, labelled.queries, labelled.read_photo, advance)
        if labelled
        else Examples()
    )
    return _Gathered(catalogue, audited, others, asked, _not_sold(labelled), then)


def _not_sold(labelled: Labelled | None) -> int:
    queries = labelled.queries if labelled else ()
    sold = labelled_products(query.sku for query in queries).ids
    return sum(bool(query.sku) and query.sku not in sold for query in queries)


def _divide(run: CalibrationRun, gathered: _Gathered) -> _Basis:
    catalogue = gathered.catalogue
    sources: dict[str, Any] = {
        "catalogue photos": catalogue.photos,
        "catalogue photos of": catalogue.of,
        **({} if catalogue.learned_from is None else {"learned from": catalogue.learned_from}),
        "labelled photos": len(gathered.labelled),
        "labelled photos not sold": gathered.not_sold,
        "audited sightings": len(gathered.audited),
        "other reviewed sightings": len(gathered.others),
        **_audit(run.encoder),
    }
    asked = Examples()
    asked.extend(gathered.labelled)
    asked.extend(gathered.audited)
    training = Examples()
    training.extend(gathered.others.short(SHORTLIST))
    training.extend(gathered.others.as_unknown())
    if len(asked) < LEAST_CARRIERS:
        if not catalogue.is_held_out:
            raise TooLittleEvidence(_too_little(gathered))
        sources["needed"] = LEAST_CARRIERS
        share = (
            settings.CALIBRATION_UNKNOWN_SHARE if run.unknown_share is None else run.unknown_share
        )
        teaching = _half_of_products(catalogue)
        (known, removed), (carriers, simulated) = split_by_product(
            catalogue, lambda product: product in teaching
        )
        training.extend(known)
        training.extend(removed)
        # What was asked with is too little to carry a bound, but may teach.
        training.extend(asked.short(SHORTLIST))
        training.extend(asked.as_unknown())
        evidence = Evidence(training, carriers, simulated)
        return _Basis(evidence, CalibrationRun.Kind.CATALOGUE, share, sources)
    training.extend(catalogue.known)
    training.extend(catalogue.removed)
    teachers = Examples()
    if _can_train(training):
        teachers, asked = teaching_and_carrying(asked, _SEED)
        teachers = teachers.short(SHORTLIST)
        training.extend(teachers)
        if len(teachers):
            sources["of those for the training"] = len(teachers)
    else:
        asked, taught = _halves(asked)
        training.extend(taught.short(SHORTLIST))
        training.extend(taught.as_unknown())
        sources["of those for the training"] = len(taught)
    observed = not bool(asked.is_known.all())
    stated = run.unknown_share
    if stated is None and not observed:
        stated = settings.CALIBRATION_UNKNOWN_SHARE
    evidence = Evidence(training, asked.short(SHORTLIST), asked.as_unknown(), teachers)
    return _Basis(evidence, CalibrationRun.Kind.QUERIES, stated, sources)


def _audit(encoder: Encoder) -> dict[str, int]:
    """How much of the audit was judged: what is missing may be the hard part of it."""
    response = audit_response(encoder)
    return {"drawn for the audit": response.drawn, "judged in the audit": response.judged}


def _half_of_products(catalogue: CatalogueEvidence) -> set[int]:
    """Half of the products, to one: a coin for each would leave small catalogues a handful."""
    products = {*catalogue.known_products, *catalogue.removed_products}
    return set(sorted(products, key=_scattered)[: len(products) // 2])


def _scattered(product: int) -> float:
    """Of a product always the same number between 0 and 1."""
    return random.Random(product * 7919 + _SEED).random()  # noqa: S311


def _can_train(training: Examples) -> bool:
    right = int(training.right.sum()) if len(training) else 0
    return min(right, len(training) - right) >= LEAST_CARRIERS


def _halves(examples: Examples) -> tuple[Examples, Examples]:
    order = np.random.default_rng(_SEED).permutation(len(examples))
    half = len(order) // 2
    return examples.chosen(order[:half]), examples.chosen(order[half:])


def _too_little(gathered: _Gathered) -> str:
    if not gathered.catalogue.is_held_out:
        there = len(gathered.labelled) + len(gathered.audited)
        return _(
            "The catalogue's own photos cannot be held out of the adapter that was learned from them:"
            " too few products have several photos by now. Give more products a second photo, label"
            " at least %(least)d photos that were asked with (%(there)d so far, with those of the"
            " audit), or go back to an encoder without adapter."
        ) % {"least": LEAST_CARRIERS, "there": there}
    return _(
        "Too little to learn from. Photos of products with several photos: %(known)d; labelled photos:"
        " %(labelled)d; reviewed sightings: %(reviewed)d. Give some products a second photo, or label"
        " at least 50 photos that were asked with."
    ) % {
        "known": len(gathered.catalogue.known),
        "labelled": len(gathered.labelled),
        "reviewed": len(gathered.audited) + len(gathered.others),
    }


def _warnings(basis: _Basis, gathered: _Gathered) -> list[str]:
    warnings = []
    if basis.kind == CalibrationRun.Kind.CATALOGUE:
        warnings.append("catalogue_photos_only")
    catalogue = gathered.catalogue
    if not catalogue.is_held_out:
        warnings.append("adapter_not_held_out")
    elif catalogue.photos < catalogue.of:
        warnings.append("sampled")
    if catalogue.is_held_out and (catalogue.learned_from or catalogue.of) < catalogue.of:
        warnings.append("adapter_learned_from_sample")
    if gathered.not_sold:
        warnings.append("labelled_not_sold")
    judged, drawn = basis.sources["judged in the audit"], basis.sources["drawn for the audit"]
    if len(gathered.audited) and judged < drawn * _FULL_RESPONSE:
        warnings.append("audit_incomplete")
    known = basis.evidence.carriers.is_known
    if not known.size or known.all():
        warnings.append("unknown_only_simulated")
    return warnings


def _promise_of_catalogue(
    run: CalibrationRun, gathered: _Gathered, asked: Examples
) -> dict[str, Any] | None:
    """What a calibration on the catalogue's own photos would have promised, and what would have
    become of it on the photos that were asked with.
    """
    teaching = _half_of_products(gathered.catalogue)
    (known, removed), (carriers, simulated) = split_by_product(
        gathered.catalogue, lambda product: product in teaching
    )
    training = Examples()
    training.extend(known)
    training.extend(removed)
    share = run.unknown_share
    if share is None:
        share = settings.CALIBRATION_UNKNOWN_SHARE
    rules = Rules(targets=(run.target_error,), unknown_share=share)
    try:
        fitted = fit_confidence(Evidence(training, carriers, simulated), {}, rules)
    except ValueError:
        return None
    choice = fitted.scopes[0].at[0].choice
    promise: dict[str, Any] = {
        "target": run.target_error, "threshold": choice.threshold, "bound": choice.bound,
    }  # fmt: skip
    if choice.threshold is not None:
        accepted = fitted.right.scores(asked.features, asked.first) > choice.threshold
        number, wrong = int(accepted.sum()), int((accepted & ~asked.right).sum())
        promise |= {
            "accepted": number,
            "wrong": wrong,
            "error": wrong / number if number else None,
            "error at most": float(upper_bound(wrong, number, 0.05)) if number else None,
        }
    return promise


# --- writing down ---------------------------------------------------------------------------------


@transaction.atomic
def _write(
    run: CalibrationRun, fitted: Fitted, basis: _Basis, warnings: list[str], then: _Catalogue
) -> CalibrationRun:
    locked = CalibrationRun.objects.select_for_update().get(pk=run.pk)
    if locked.state != CalibrationRun.State.RUNNING:  # somebody did the same meanwhile
        return locked
    known, share = basis.evidence.carriers.is_known, basis.unknown_share
    run.kind, run.sources, run.warnings = basis.kind, basis.sources, warnings
    run.signals = fitted.signals
    run.unknown_share_observed = share is None
    run.unknown_share = float((~known).mean()) if share is None and known.size else share
    run.fitted = {
        "right": fitted.right.as_data(),
        "known": fitted.known.as_data() if fitted.known else None,
        "unknown_below": fitted.unknown_below,
    }
    run.catalogue_products, run.catalogue_photos = then.products, then.photos
    run.state = CalibrationRun.State.DONE
    run.done = run.total
    run.save()
    keep(run, then.described)
    categories = Category.objects.in_bulk([each.scope for each in fitted.scopes if each.scope])
    names = full_names(categories.values())
    for scope in fitted.scopes:
        if scope.scope is not None and scope.scope not in categories:
            continue  # deleted meanwhile
        rows_at = [figures(at) for at in scope.at]
        chosen = next(row for row in rows_at if row["target_error"] == run.target_error)
        Calibration.objects.create(
            run=run,
            category_id=scope.scope,
            scope=names[scope.scope] if scope.scope is not None else "",
            targets=rows_at,
            curve=scope.curve,
            **chosen,
            **counts(scope),
        )
    return run


def counts(scope: Scope) -> dict[str, int]:
    return {
        "samples": scope.known + scope.unknown,
        "known": scope.known,
        "unknown": scope.unknown,
        "simulated": scope.simulated,
        "right": scope.right,
    }


def figures(at: AtTarget) -> dict[str, Any]:
    """The columns of a Calibration that depend on the target."""
    choice, sets = at.choice, at.sets
    return {
        "target_error": choice.target,
        "outcome": at.outcome,
        "threshold": choice.threshold,
        "error_bound": choice.bound,
        "accepted": choice.accepted,
        "wrong": choice.wrong,
        "needed": choice.needed if at.outcome != "own" else None,
        "coverage": at.coverage,
        "false_accepts": at.false_accepts,
        "set_gap": sets.gap if sets else None,
        "set_rate": sets.rate if sets else None,
        "set_samples": sets.samples if sets else None,
        "set_median": sets.median_size if sets else None,
        "set_large": sets.large_size if sets else None,
    }


def catalogue_state(encoder: Encoder) -> tuple[int, int]:
    """How many active products there are, and how many of their photos this encoder knows."""
    return Product.objects.active().count(), ImageEmbedding.objects.findable(encoder.pk).count()
