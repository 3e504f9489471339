"""Encoders, as versions: each turns photos into vectors of its own space."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# An HNSW index over halfvec takes no more (pgvector).
MAX_DIMENSION = 4000


class EncoderQuerySet(models.QuerySet["Encoder"]):
    def in_use(self) -> "EncoderQuerySet":
        """Encoders whose vectors are kept filled: active, building, or the base of such a one."""
        alive = [Encoder.State.ACTIVE, Encoder.State.BUILDING]
        return self.filter(Q(state__in=alive) | Q(derived__state__in=alive)).distinct()

    def active(self) -> "Encoder | None":
        return self.filter(state=Encoder.State.ACTIVE).first()


class Encoder(models.Model):
    """One way to see. Exactly one is active; vectors of two encoders are never compared."""

    class State(models.TextChoices):
        BUILDING = "building", _("building")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    key = models.CharField(
        _("key"), max_length=200, unique=True, help_text="library:architecture:weights"
    )
    base = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="derived",
        verbose_name=_("base"),
    )
    dimension = models.PositiveIntegerField(_("dimension"))
    speaks_text = models.BooleanField(_("understands words"))
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.BUILDING
    )
    fallback_reason = models.TextField(
        _("why this is a fallback"),
        blank=True,
        help_text=_("Empty unless this encoder stands in for one that could not be had."),
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)

    objects = EncoderQuerySet.as_manager()

    class Meta:
        verbose_name = _("encoder")
        verbose_name_plural = _("encoders")
        ordering = ["-activated_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="active"), name="encoder_one_active"
            ),
            models.CheckConstraint(
                condition=Q(dimension__gt=0, dimension__lte=MAX_DIMENSION),
                name="encoder_dimension_fits_index",
            ),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[^:\s]+:[^:\s]+:[^:\s]+(:[^:\s]+){0,2}$"),
                name="encoder_key_has_its_parts",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["building", "active", "retired"]),
                name="encoder_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.key
