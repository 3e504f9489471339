"""Compares the metrics of similarity on the retailer's own photos, and keeps what was found."""

from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone

from recognition.background_runs import fail_run, signs_of_life
from recognition.calibrating import Labelled
from recognition.metrics import Limits, similarity_figures
from recognition.models import Encoder, SimilarityReport
from recognition.similarity_photos import (
    catalogue_sample,
    labelled_sample,
    reviewed_sample,
    together,
)

LIMITS = Limits()
SEED = 20_260_101


class AlreadyRunning(Exception):
    """A report of this encoder is being built."""


def begin_report(*, encoder: Encoder, seed: int = SEED, by: Any = None) -> SimilarityReport:
    """
    Raises:
        AlreadyRunning: one is being built.
    """
    try:
        with transaction.atomic():
            return SimilarityReport.objects.create(encoder=encoder, seed=seed, created_by=by)
    except IntegrityError as error:
        raise AlreadyRunning(f"A report of {encoder} is being built.") from error


def build_similarity_report(
    *,
    report: SimilarityReport,
    labelled: Labelled | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> SimilarityReport:
    """Does what a report was begun for. It is `done` or `failed`, with a reason, afterwards.

    Raises:
        ValidationError, EncoderError: a labelled photo or the encoder cannot be used.
    """
    try:
        figures, sample = _measure(report, labelled, on_progress)
    except Exception as error:
        fail_run(report, f"{type(error).__name__}: {error}")
        raise
    with transaction.atomic():
        locked = SimilarityReport.objects.select_for_update().get(pk=report.pk)
        if locked.state == SimilarityReport.State.RUNNING:  # nobody did the same meanwhile
            locked.figures, locked.sample = figures, sample
            locked.state, locked.finished_at = SimilarityReport.State.DONE, timezone.now()
            locked.done = locked.total
            locked.save()
    return locked


def newest_report(encoder: Encoder | None) -> SimilarityReport | None:
    """The last one that was finished."""
    done = SimilarityReport.objects.filter(state=SimilarityReport.State.DONE, encoder=encoder)
    return done.select_related("encoder", "created_by").first() if encoder else None


def _measure(
    report: SimilarityReport,
    labelled: Labelled | None,
    on_progress: Callable[[int, int], None],
) -> tuple[dict[str, Any], dict[str, Any]]:
    encoder = report.encoder
    rng = np.random.default_rng(report.seed)
    catalogue, folds, sample = catalogue_sample(encoder, rng)
    asked, of_sightings = reviewed_sample(encoder, catalogue)
    sample |= of_sightings
    if labelled:
        given, of_labelled = labelled_sample(encoder, labelled, catalogue)
        asked = together(asked, given)
        sample |= of_labelled
    alive = signs_of_life(report)

    def tell(done: int, total: int) -> None:
        alive(done, total)
        on_progress(done, total)

    figures = similarity_figures(
        catalogue,
        asked,
        folds=folds,
        limits=LIMITS,
        seed=report.seed,
        on_progress=tell,
    )
    return figures, sample
