"""The model switch: which encoder answered since when, and what was seen of one beforehand."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recognition.models.background_run import BackgroundRun
from recognition.models.calibration import CalibrationRun
from recognition.models.encoder import Encoder, Scoring

# All but who switched, who may be deleted.
_CHANGES = pgtrigger.UpdateOf("encoder_id", "scoring", "kind", "former_id", "at")  # type: ignore[no-untyped-call]


class EncoderActivation(models.Model):
    """That an encoder began to answer, by a scoring. The last row is what answers now."""

    class Kind(models.TextChoices):
        FIRST = "first", _("set up")
        SWITCH = "switch", _("switched to")
        ROLL_BACK = "rollback", _("rolled back to")

    encoder = models.ForeignKey(
        Encoder, on_delete=models.PROTECT, related_name="activations", verbose_name=_("encoder")
    )
    scoring = models.CharField(_("scoring"), max_length=40, choices=Scoring.choices)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    # What answered before; of a roll-back, what had answered before that which it goes back to, so
    # that going back twice goes back two steps.
    former = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("before"),
    )  # fmt: skip
    # Photos that the encoder before it could find and this one could not (yet).
    missing_photos = models.PositiveIntegerField(_("photos missing then"), default=0)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True,
        related_name="+", verbose_name=_("by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("activation of an encoder")
        verbose_name_plural = _("activations of encoders")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["first", "switch", "rollback"]),
                name="encoder_activation_kind_is_known",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="encoder_activations_are_append_only",
                operation=_CHANGES | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.encoder_id}"


class EncoderRehearsal(BackgroundRun):
    """Queries whose answer is known, asked of an encoder and of the one that answers now."""

    encoder = models.ForeignKey(
        Encoder, on_delete=models.PROTECT, related_name="rehearsals", verbose_name=_("encoder")
    )
    scoring = models.CharField(_("scoring"), max_length=40, choices=Scoring.choices)
    present = models.ForeignKey(
        Encoder, on_delete=models.PROTECT, related_name="+", verbose_name=_("beside")
    )
    present_scoring = models.CharField(_("scoring of that"), max_length=40, choices=Scoring.choices)
    # What was measured for the candidate's thresholds, where it had none and the present one has.
    calibration = models.ForeignKey(
        CalibrationRun, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("calibration"),
    )  # fmt: skip
    # {"labelled": number, "sightings": number, ...}
    sources = models.JSONField(_("queries"), default=dict, blank=True)
    # {"candidate": figures, "present": figures, "difference": {...}}; see switching.rehearsing.
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    # Queries whose first product is another one, the first so many of them.
    changes = models.JSONField(_("changes"), default=list, blank=True)

    class Meta:
        verbose_name = _("rehearsal of an encoder")
        verbose_name_plural = _("rehearsals of encoders")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed"]),
                name="encoder_rehearsal_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""),
                name="encoder_rehearsal_failed_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.get_state_display()}"
