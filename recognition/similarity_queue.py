"""Similarity reports in the background. One that is running is the truth; a job only says so."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from recognition.background_runs import begin_attempt, fail_lost
from recognition.models import Encoder, SimilarityReport
from recognition.similarity_report import SEED, begin_report, build_similarity_report

SIMILARITY_TASK = "recognition.similarity_report"
# A sign of life comes every few seconds.
_SILENT = timedelta(minutes=10)


@transaction.atomic
def request_report(*, encoder: Encoder, seed: int = SEED, by: Any = None) -> SimilarityReport:
    """Begins a report, which a worker builds.

    Raises:
        AlreadyRunning: one is being built.
    """
    report = begin_report(encoder=encoder, seed=seed, by=by)
    app.configure_task(SIMILARITY_TASK, lock=SIMILARITY_TASK).defer(report_id=report.pk)
    return report


def work_on_report(report_id: int) -> None:
    """Builds a report that is still to be built; run twice, it is built once."""
    report = SimilarityReport.objects.select_related("encoder").filter(pk=report_id).first()
    if report is not None and report.is_running and begin_attempt(report):
        build_similarity_report(report=report)


def sweep_reports() -> int:
    """Reports that nobody works on any more become failed; returns how many."""
    return fail_lost(
        SimilarityReport.objects.all(),
        task=SIMILARITY_TASK,
        argument="report_id",
        silent=_SILENT,
        reason=_("The process that worked on it has ended. Build it anew."),
    )
