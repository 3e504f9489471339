"""Encoders, as versions: each turns photos into vectors of its own space."""

from copy import copy

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from recognition.confidence import scoring

# An HNSW index over halfvec takes no more (pgvector).
MAX_DIMENSION = 4000


class Scoring(models.TextChoices):
    """How near a product is, from its photos. A calibration holds for its own scoring alone."""

    NEAREST = scoring.NEAREST, _("its nearest photo")
    THREE = scoring.THREE, _("its three nearest photos")
    PROTOTYPE = scoring.PROTOTYPE, _("the mean of all its photos")


class EncoderQuerySet(models.QuerySet["Encoder"]):
    def in_use(self) -> "EncoderQuerySet":
        """Encoders whose vectors are kept filled: all but the retired. The base of one in use is
        in use: the database refuses to retire it.
        """
        return self.exclude(state=Encoder.State.RETIRED)

    def active(self) -> "Encoder | None":
        return self.filter(state=Encoder.State.ACTIVE).select_related("base").first()


class Encoder(models.Model):
    """One way to see. Exactly one is active; vectors of two encoders are never compared."""

    class State(models.TextChoices):
        BUILDING = "building", _("building")
        ACTIVE = "active", _("active")
        # Answered before, or may be next: filled, so that a switch takes no time.
        STANDBY = "standby", _("ready to take over")
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
    scoring = models.CharField(
        _("scoring"),
        max_length=40,
        choices=Scoring.choices,
        default=Scoring.NEAREST,
        help_text=_("How the photos of a product are taken together."),
    )
    # What it was chosen by, for the record: what `encoder tune` compared and found.
    origin = models.JSONField(_("where it comes from"), default=dict, blank=True)
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
        permissions = [
            ("switch_encoder", gettext_noop("Can add, rehearse, activate and retire encoders"))
        ]
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
                condition=Q(base__isnull=True) & ~Q(key__contains=":adapter-")
                | Q(base__isnull=False, key__contains=":adapter-"),
                name="encoder_adapted_has_a_base",
            ),
            models.CheckConstraint(
                condition=Q(scoring__in=list(scoring.ALL)),
                name="encoder_scoring_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["building", "active", "standby", "retired"]),
                name="encoder_state_is_known",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="base_in_use_is_not_retired",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "base_id"),  # type: ignore[no-untyped-call]
                declare=[("base_state", "text")],
                # The base's row is locked before its state is looked at, whatever that is: who
                # retires it waits, and then finds this one in use. Else two who do not see each
                # other's change would both be right.
                func="""
                    IF NEW.state = 'retired' THEN
                        IF EXISTS (
                            SELECT FROM recognition_encoder
                            WHERE base_id = NEW.id AND state <> 'retired'
                        ) THEN
                            RAISE EXCEPTION 'pgtrigger: Cannot retire the base of an encoder in use';
                        END IF;
                    ELSIF NEW.base_id IS NOT NULL THEN
                        SELECT state INTO base_state FROM recognition_encoder
                        WHERE id = NEW.base_id FOR SHARE;
                        IF base_state = 'retired' THEN
                            RAISE EXCEPTION 'pgtrigger: Cannot use an encoder whose base is retired';
                        END IF;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def ranking_by(self, scoring: str) -> "Encoder":
        """The encoder as it would rank by that scoring; what is stored stays."""
        other = copy(self)
        other.scoring = scoring
        return other


class EncoderAdapter(models.Model):
    """What makes vectors of the base into those of an adapted encoder; see recognition.adapters.

    A table of its own: some megabytes, which nothing but the first use of the encoder needs.
    """

    encoder = models.OneToOneField(
        Encoder,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="adapter",
        verbose_name=_("encoder"),
    )
    data = models.BinaryField(_("mean and matrix"))
    # How it was fitted, so that it can be fitted again without some of the photos.
    recipe = models.JSONField(_("recipe"))

    class Meta:
        verbose_name = _("adapter")
        verbose_name_plural = _("adapters")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.encoder_id)
