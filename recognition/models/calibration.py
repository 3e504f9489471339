"""How sure answers may be: what was measured, and what is in force."""

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from products.models import Category
from recognition.models.background_run import BackgroundRun
from recognition.models.encoder import Encoder

# Rows stay as they were measured, also when the category that they are of is gone.
_CATEGORY: dict[str, Any] = {
    "to": Category,
    "on_delete": models.DO_NOTHING,
    "db_constraint": False,
    "null": True,
    "blank": True,
    "related_name": "+",
    "verbose_name": _("category"),
}


class CalibrationRun(BackgroundRun):
    """One measurement: the evidence, the models that were fitted, the state of the catalogue."""

    class Kind(models.TextChoices):
        """Of which photos the evidence is, and hence for which the promise is made."""

        CATALOGUE = "catalogue", _("the catalogue's own photos")
        QUERIES = "queries", _("photos that were asked with")

    encoder = models.ForeignKey(
        Encoder,
        on_delete=models.PROTECT,
        related_name="calibration_runs",
        verbose_name=_("encoder"),
    )
    scoring = models.CharField(
        _("scoring"),
        max_length=40,
        help_text=_("How products are ranked and the answer is judged."),
    )
    kind = models.CharField(_("kind of photos"), max_length=9, choices=Kind.choices, blank=True)
    target_error = models.FloatField(_("target error"))
    unknown_share = models.FloatField(
        _("share of unknown products"),
        null=True,
        blank=True,
        help_text=_("Of the photos that are asked with, how many show nothing of this catalogue."),
    )
    unknown_share_observed = models.BooleanField(_("that share was observed"), default=False)
    # Numbers of photos by where they come from.
    sources = models.JSONField(_("evidence"), default=dict, blank=True)
    # The two models and the cut of the unknown, as recognition.calibrating writes them.
    fitted = models.JSONField(_("fitted models"), default=dict, blank=True)
    signals = models.JSONField(_("signals"), default=dict, blank=True)
    # Codes of what is to be said with every figure; see recognition.calibration_report.
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    catalogue_products = models.PositiveIntegerField(_("products then"), default=0)
    catalogue_photos = models.PositiveIntegerField(_("photos then"), default=0)

    class Meta:
        verbose_name = _("calibration run")
        verbose_name_plural = _("calibration runs")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed"]),
                name="calibration_run_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["catalogue", "queries"]) | (Q(kind="") & ~Q(state="done")),
                name="calibration_run_has_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(target_error__gt=0, target_error__lt=1),
                name="calibration_run_target_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(unknown_share__isnull=True)
                | Q(unknown_share__gte=0, unknown_share__lte=1),
                name="calibration_run_unknown_share_is_one",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""),
                name="calibration_run_failed_with_a_reason",
            ),
            # Two at once would only take each other's cores.
            models.UniqueConstraint(
                fields=["encoder"],
                condition=Q(state="running"),
                name="calibration_run_one_running_per_encoder",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.get_state_display()}"


class CalibratedCatalogue(models.Model):
    """The photos that a run was measured on; see recognition.calibrated_catalogue.

    A table of its own: up to 240 kB, which nothing but the question of staleness needs.
    """

    run = models.OneToOneField(
        CalibrationRun,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="catalogue",
        verbose_name=_("run"),
    )
    below = models.CharField(_("sampled below"), max_length=8, blank=True)
    photos = models.BinaryField(_("photos and their marks"))

    class Meta:
        verbose_name = _("calibrated catalogue")
        verbose_name_plural = _("calibrated catalogues")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.run_id)


class Calibration(models.Model):
    """What a run found for the whole catalogue or one category, at one target."""

    class Outcome(models.TextChoices):
        OWN = "own", _("threshold")
        ABOVE = "above", _("the threshold above serves")
        WITHHELD = "withheld", _("no match: the threshold above is wrong too often here")
        NONE = "none", _("no threshold")

    run = models.ForeignKey(
        CalibrationRun, on_delete=models.PROTECT, related_name="calibrations", verbose_name=_("run")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    category = models.ForeignKey(**_CATEGORY)
    # Of any length: a path has as many names as the tree is deep.
    scope = models.TextField(_("scope"), blank=True, help_text=_("Empty: the whole catalogue."))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    target_error = models.FloatField(_("target error"))
    threshold = models.FloatField(_("threshold"), null=True, blank=True)
    error_bound = models.FloatField(
        _("error at most"),
        null=True,
        blank=True,
        # A sentence, not a format; xgettext:no-python-format
        help_text=_("With 95 % confidence."),
    )
    samples = models.PositiveIntegerField(_("photos of evidence"))
    known = models.PositiveIntegerField(_("of known products"))
    unknown = models.PositiveIntegerField(_("of unknown products"))
    simulated = models.PositiveIntegerField(_("as if unknown"))
    right = models.PositiveIntegerField(_("first product right"))
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    wrong = models.PositiveIntegerField(_("wrong among them"), default=0)
    needed = models.PositiveIntegerField(_("photos needed"), null=True, blank=True)
    coverage = models.FloatField(_("coverage"), null=True, blank=True)
    false_accepts = models.FloatField(_("unknown that are accepted"), null=True, blank=True)
    set_gap = models.FloatField(_("gap of the look-alikes"), null=True, blank=True)
    set_rate = models.FloatField(_("rate of the look-alikes"), null=True, blank=True)
    set_samples = models.PositiveIntegerField(_("photos behind that"), null=True, blank=True)
    set_median = models.FloatField(_("median number of look-alikes"), null=True, blank=True)
    set_large = models.FloatField(_("nine of ten have at most"), null=True, blank=True)
    # The same figures at other targets: see recognition.calibrations.at_target.
    targets = models.JSONField(_("by target"), default=list, blank=True)
    curve = models.JSONField(_("error against coverage"), default=list, blank=True)

    class Meta:
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        ordering = ["-run", "scope", "-id"]
        default_permissions = ("view",)
        permissions = [("apply_calibration", gettext_noop("Can calibrate and apply thresholds"))]
        constraints = [
            models.UniqueConstraint(
                # Not the scope: a long path is too long for an index.
                fields=["run", "category", "target_error"],
                nulls_distinct=False,
                name="calibration_once_per_run_and_target",
            ),
            models.CheckConstraint(
                condition=Q(scope="", category__isnull=True)
                | (~Q(scope="") & Q(category__isnull=False)),
                name="calibration_scope_is_whole_or_category",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome="own",
                    threshold__isnull=False,
                    error_bound__isnull=False,
                    error_bound__lte=F("target_error"),
                )
                | Q(
                    outcome__in=["above", "withheld", "none"],
                    threshold__isnull=True,
                    error_bound__isnull=True,
                ),
                name="calibration_threshold_keeps_its_promise",
            ),
            models.CheckConstraint(
                condition=Q(wrong__lte=F("accepted")), name="calibration_wrong_are_accepted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope or _('whole catalogue')} ({self.target_error:.3g})"


class CalibrationUse(models.Model):
    """Since when a calibration is in force for a scope; the last one counts. None: nothing of its
    own any more.
    """

    batch = models.UUIDField(_("together with"), default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # Not nulled, since rows are never changed.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    encoder = models.ForeignKey(
        Encoder,
        on_delete=models.PROTECT,
        related_name="calibration_uses",
        verbose_name=_("encoder"),
    )
    category = models.ForeignKey(**_CATEGORY)
    scope = models.TextField(_("scope"), blank=True)
    calibration = models.ForeignKey(
        Calibration,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="uses",
        verbose_name=_("calibration"),
    )
    # The batch that this one took back, if it did.
    takes_back = models.UUIDField(_("takes back"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("applied threshold")
        verbose_name_plural = _("applied thresholds")
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["encoder", "category", "id"], name="calibration_in_force")]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="", category__isnull=True)
                | (~Q(scope="") & Q(category__isnull=False)),
                name="calibration_use_scope_is_whole_or_category",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="calibration_uses_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope or _('whole catalogue')}: {self.calibration_id or '–'}"
