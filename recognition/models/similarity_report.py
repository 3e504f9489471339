"""What the metrics of similarity were found to be worth on the retailer's own photos."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from recognition.models.background_run import BackgroundRun
from recognition.models.encoder import Encoder


class SimilarityReport(BackgroundRun):
    """One comparison, as recognition.metrics made it; kept as it was measured."""

    encoder = models.ForeignKey(
        Encoder,
        on_delete=models.PROTECT,
        related_name="similarity_reports",
        verbose_name=_("encoder"),
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    seed = models.PositiveIntegerField(
        _("seed"), help_text=_("The same photos and the same seed give the same figures.")
    )
    # How many photos there were, and how many were looked at; see recognition.similarity_photos.
    sample = models.JSONField(_("sample"), default=dict, blank=True)
    # See recognition.metrics.figures.
    figures = models.JSONField(_("figures"), default=dict, blank=True)

    class Meta:
        verbose_name = _("similarity report")
        verbose_name_plural = _("similarity reports")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("build_similarityreport", gettext_noop("Can build similarity reports"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed"]),
                name="similarity_report_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""),
                name="similarity_report_failed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False)
                | (~Q(state="done") & Q(figures={})),
                name="similarity_report_has_figures_when_done",
            ),
            # Two at once would only take each other's cores, and say the same.
            models.UniqueConstraint(
                fields=["encoder"],
                condition=Q(state="running"),
                name="similarity_report_one_running_per_encoder",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.get_state_display()}"
