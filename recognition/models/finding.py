"""What the catalogue check-up found, and what people said to it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from products.models import Product, ProductImage
from recognition.models.background_run import BackgroundRun
from recognition.models.encoder import Encoder

_BY: dict[str, Any] = {
    "to": settings.AUTH_USER_MODEL,
    "on_delete": models.SET_NULL,
    "null": True,
    "blank": True,
    "related_name": "+",
    "verbose_name": _("by"),
}


class CatalogueCheck(BackgroundRun):
    """One look at the whole catalogue."""

    encoder = models.ForeignKey(
        Encoder,
        on_delete=models.PROTECT,
        related_name="catalogue_checks",
        verbose_name=_("encoder"),
    )
    # A share of the whole.
    total = models.PositiveIntegerField(_("of"), default=100)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # How many products and photos were looked at, and what could not be judged; see
    # recognition.findings.checking.
    figures = models.JSONField(_("figures"), default=dict, blank=True)

    class Meta:
        verbose_name = _("catalogue check-up")
        verbose_name_plural = _("catalogue check-ups")
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed"]),
                name="catalogue_check_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""),
                name="catalogue_check_failed_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="running"),
                name="catalogue_check_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.get_state_display()}"


class Finding(models.Model):
    """Something about the catalogue that a person should look at.

    What somebody decided stays decided, whichever encoder looks again, until the photos that it
    rests on are others.
    """

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", _("Entered twice")
        MISPLACED = "misplaced", _("Photos on the wrong product")
        INSEPARABLE = "inseparable", _("Look-alikes")
        UNSEEN = "unseen", _("No useful photo")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DISMISSED = "dismissed", _("dismissed")
        ACTED = "acted", _("done")
        GONE = "gone", _("no longer so")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices)
    # Which products and photo it is about, so that another check-up knows it again.
    fingerprint = models.CharField(_("about"), max_length=80, editable=False)
    # Of the photos that it rests on.
    photos_digest = models.CharField(_("digest of the photos"), max_length=64, editable=False)
    encoder = models.ForeignKey(
        Encoder, on_delete=models.PROTECT, related_name="findings", verbose_name=_("encoder")
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="findings", verbose_name=_("product")
    )
    other = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("other product"),
        help_text=_("The look-alike or second entry; the product that a photo should move to."),
    )
    photo = models.ForeignKey(
        ProductImage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("photo"),
    )
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    score = models.FloatField(
        _("score"), help_text=_("0 to 1; within a kind, higher ones come first.")
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField(_("found"), auto_now_add=True)
    decided_by = models.ForeignKey(**_BY)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-score", "id"]
        default_permissions = ("view",)
        permissions = [
            ("decide_finding", gettext_noop("Can check the catalogue up and act on findings"))
        ]
        indexes = [models.Index(fields=["state", "kind", "-score", "id"], name="finding_work")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "fingerprint"], name="finding_once_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["duplicate", "inseparable", "misplaced"], other__isnull=False)
                | Q(kind="unseen", other__isnull=True),
                name="finding_names_its_products",
            ),
            models.CheckConstraint(
                condition=Q(other__isnull=True) | ~Q(other=F("product")),
                name="finding_is_about_two_products",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "gone"])
                | Q(state__in=["dismissed", "acted"], decided_at__isnull=False),
                name="finding_decided_sometime",
            ),
            models.CheckConstraint(
                condition=Q(score__range=(0, 1)), name="finding_score_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.product}"


class PhotoDetail(models.Model):
    """How much there is to see in a stored photo, by its digest: measured once."""

    digest = models.CharField(primary_key=True, max_length=64)
    contrast = models.FloatField(
        null=True, help_text="Standard deviation of the grey levels, 0..127; empty: unreadable."
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("detail of a photo")
        verbose_name_plural = _("details of photos")

    def __str__(self) -> str:
        return f"{self.digest[:12]}: {self.contrast}"
