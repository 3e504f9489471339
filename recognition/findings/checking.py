"""The check-up itself: looks at the whole catalogue and writes down what it found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from products.models import Product
from recognition.background_runs import fail_run, signs_of_life
from recognition.findings.detail import active_photos, measure_details, useless_photos
from recognition.findings.found import Found, Kind
from recognition.findings.loading import load_catalogue
from recognition.findings.measures.metric import LearnedMeasure
from recognition.findings.measures.photos import surroundings
from recognition.findings.pairs import Pair, find_duplicates
from recognition.findings.photos import find_inseparable, find_misplaced, find_unseen
from recognition.findings.recording import record
from recognition.models import CatalogueCheck, Encoder, Finding

# The same catalogue gives the same findings.
_SEED = 7
OnProgress = Callable[[int, int], None]


class AlreadyChecking(Exception):
    """A check-up is under way."""


class CheckFailed(Exception):
    """A check-up could not be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Look:
    found: list[Found]
    figures: dict[str, Any]


def begin_check(*, encoder: Encoder, by: Any = None) -> CatalogueCheck:
    """Of an adapted encoder, its base looks; see `_eyes`.

    Raises:
        AlreadyChecking: one is under way; two would only take each other's cores.
    """
    try:
        with transaction.atomic():
            return CatalogueCheck.objects.create(encoder=_eyes(encoder), created_by=by)
    except IntegrityError as error:
        raise AlreadyChecking(_("A check-up is under way already.")) from error


def check_catalogue(
    *, check: CatalogueCheck, on_progress: OnProgress | None = None
) -> CatalogueCheck:
    """Does what `begin_check` began. Killed and done again it ends in the same state.

    Raises:
        Exception: whatever went wrong; the check-up says so too.
    """
    told = _Progress(check, on_progress)
    try:
        look = look_at_catalogue(check.encoder, told)
        with transaction.atomic():
            check.encoder = _eyes(check.encoder)
            counts = record(encoder=check.encoder, found=look.found)
            check.figures = look.figures | {"findings": counts}
            check.state, check.finished_at = check.State.DONE, timezone.now()
            check.done = check.total
            check.save()
    except BaseException as error:
        fail_run(
            check,
            _("It ended with an error: %(error)s") % {"error": str(error) or type(error).__name__},
        )
        raise
    told(100)
    return check


def look_at_catalogue(encoder: Encoder, progress: Callable[[float], None]) -> Look:
    """Everything that there is to find, best first within each kind. Writes nothing but what was
    measured of photos.
    """
    encoder = _eyes(encoder)
    rng = np.random.default_rng(_SEED)
    catalogue = load_catalogue(encoder)
    progress(10)
    photos = active_photos()
    details = measure_details(photos, lambda share: progress(10 + 20 * share))
    around = surroundings(catalogue.photos, on_progress=lambda share: progress(30 + 25 * share))
    measure = LearnedMeasure(catalogue.photos, rng)
    progress(65)
    duplicates, pair_evidence = find_duplicates(catalogue, around, measure, rng)
    progress(80)
    entered_twice = {_pair(each) for each in duplicates} - _told_apart()
    inseparable = find_inseparable(catalogue, around, entered_twice=entered_twice)
    unsure = entered_twice | {_pair(each) for each in inseparable}
    misplaced, place_evidence = find_misplaced(catalogue, around, measure, rng, unsure=unsure)
    progress(95)
    explained = {pk for pair in unsure for pk in pair} | {each.product for each in misplaced}
    unseen = find_unseen(
        encoder, catalogue, around, photos, useless_photos(photos, details), explained=explained
    )
    figures = {
        "products": Product.objects.active().count(),
        "photos": len(catalogue.image_ids),
        "photos_of": catalogue.photos_of,
        "several_photos": int((catalogue.photos.counts > 1).sum()),
        "judged": {
            Kind.DUPLICATE.value: pair_evidence.mixture is not None,
            Kind.MISPLACED.value: place_evidence.mixture is not None,
        },
        "learned": {"ridge": measure.ridge, "accuracy": round(measure.accuracy, 4)},
    }
    return Look([*duplicates, *misplaced, *inseparable, *unseen], figures)


def _eyes(encoder: Encoder) -> Encoder:
    """What looks at the catalogue: never an adapter. It learned each photo with the product that it
    was on, right or wrong, and would find all that it learned in its place.
    """
    return encoder.base or encoder


def _pair(found: Found) -> Pair:
    other = found.other or found.product
    return min(found.product, other), max(found.product, other)


def _told_apart() -> set[Pair]:
    """Pairs of which somebody said that they are two products."""
    rows = Finding.objects.filter(kind=Kind.DUPLICATE, state=Finding.State.DISMISSED)
    return {(min(pair), max(pair)) for pair in rows.values_list("product", "other")}


class _Progress:
    """Says the share of the work that is done to the row and to the caller."""

    def __init__(self, check: CatalogueCheck, on_progress: OnProgress | None) -> None:
        self._alive, self._tell = signs_of_life(check), on_progress

    def __call__(self, percent: float) -> None:
        self._alive(int(percent), 100)
        if self._tell is not None:
            self._tell(int(percent), 100)
