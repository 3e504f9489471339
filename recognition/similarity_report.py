"""Compares the metrics of similarity on the retailer's own photos, and keeps what was found."""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone

from recognition.calibrating import Labelled
from recognition.metrics import Limits, similarity_figures
from recognition.models import Encoder, SimilarityReport
from recognition.similarity_photos import (
    catalogue_sample,
    labelled_sample,
    reviewed_sample,
    together,
)

logger = logging.getLogger(__name__)

LIMITS = Limits()
SEED = 20_260_101
_SECONDS_BETWEEN_SIGNS = 1.0


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
        fail_report(report, f"{type(error).__name__}: {error}")
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


def fail_report(report: SimilarityReport, reason: str) -> None:
    """Unless another worker, which took it for dead, has finished it meanwhile."""
    SimilarityReport.objects.filter(pk=report.pk, state=SimilarityReport.State.RUNNING).update(
        state=SimilarityReport.State.FAILED, reason=reason
    )
    logger.warning("Similarity report %s failed: %s", report.pk, reason)


def _measure(
    report: SimilarityReport,
    labelled: Labelled | None,
    on_progress: Callable[[int, int], None],
) -> tuple[dict[str, Any], dict[str, int]]:
    encoder = report.encoder
    rng = np.random.default_rng(report.seed)
    catalogue, sample = catalogue_sample(encoder, rng)
    asked, of_sightings = reviewed_sample(encoder, catalogue)
    sample |= of_sightings
    if labelled:
        given, of_labelled = labelled_sample(encoder, labelled, catalogue)
        asked = together(asked, given)
        sample |= of_labelled
    figures = similarity_figures(
        catalogue,
        asked,
        limits=LIMITS,
        seed=report.seed,
        on_progress=_signs_of_life(report, on_progress),
    )
    return figures, sample


def _signs_of_life(
    report: SimilarityReport, on_progress: Callable[[int, int], None]
) -> Callable[[int, int], None]:
    last: Any = None

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = timezone.now()
        if last is None or (now - last).total_seconds() > _SECONDS_BETWEEN_SIGNS:
            last = now
            SimilarityReport.objects.filter(pk=report.pk).update(
                done=done, total=total, touched_at=now
            )
        on_progress(done, total)

    return tell
