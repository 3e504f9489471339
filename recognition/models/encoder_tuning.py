"""What `encoder tune` found last, so that it need not be searched again to be taken."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recognition.models.encoder import Encoder


class EncoderTuning(models.Model):
    """A search and its proposal; see recognition.tuning.kept. Only the last one is kept: an adapter
    has some megabytes.
    """

    encoder = models.ForeignKey(
        Encoder,
        on_delete=models.CASCADE,
        related_name="tunings",
        verbose_name=_("encoder"),
        help_text=_("The one that answered when it was searched."),
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    # Of all that the search looked at: what differs in it makes the proposal one of yesterday.
    looked_at = models.CharField(_("digest of what was looked at"), max_length=64)
    is_change = models.BooleanField(_("proposes a change"))
    # views, recipe (null without an adapter), scoring, network, origin: see recognition.tuning.
    proposal = models.JSONField(_("proposal"))
    adapter = models.BinaryField(_("mean and matrix"), null=True, blank=True)
    text = models.TextField(_("table and proposal"))
    figures = models.JSONField(_("figures"))

    class Meta:
        verbose_name = _("tuning")
        verbose_name_plural = _("tunings")
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(is_change=True) | Q(adapter__isnull=True),
                name="encoder_tuning_adapter_is_for_a_change",
            )
        ]

    def __str__(self) -> str:
        return f"{self.encoder_id}: {self.created_at:%Y-%m-%d %H:%M}"
