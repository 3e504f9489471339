"""Photos that were asked with: what the site saw in them, and what people say it was."""

import secrets
from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from pgvector.django import HalfVectorField

from products.models import Product
from recognition.models.encoder import Encoder
from recognition.query_photo_files import query_photo_name, query_photo_storage
from stores.models import Store

# 128 bits: nobody guesses another's sighting.
_TOKEN_BYTES = 16
# How a sighting is named as the evidence of a movement; its token follows.
EVIDENCE = "sighting:"
# Of the history, whose rows outlive what they name.
_NO_CONSTRAINT: dict[str, Any] = {
    "on_delete": models.DO_NOTHING,
    "db_constraint": False,
    "db_index": False,
    "related_name": "+",
}


def new_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


class SightingQuerySet(models.QuerySet["Sighting"]):
    def reviewed(self) -> "SightingQuerySet":
        return self.exclude(review="")

    def for_training(self) -> "SightingQuerySet":
        """What people said a photo shows, however it came to be said."""
        return self.reviewed().filter(vector__isnull=False)

    def carriers(self, encoder: Encoder | None = None) -> "SightingQuerySet":
        """Those of the random audit, on which alone a bound may rest: drawn when they were asked,
        and judged because of that.
        """
        of_audit = self.for_training().filter(
            drawn_for_audit=True, occasion=Sighting.Occasion.AUDIT
        )
        return of_audit.filter(encoder=encoder) if encoder is not None else of_audit

    def with_photo(self) -> "SightingQuerySet":
        return self.exclude(photo="")


class Sighting(models.Model):
    """A query by photo and its answer. A small copy of the photo, if `KEEP_QUERY_PHOTOS` says so."""

    class Source(models.TextChoices):
        SEARCH = "search", _("search page")
        API = "api", _("API")
        STOCKTAKE = "stocktake", _("stocktake")
        BOOKING = "booking", _("booking")

    class Verdict(models.TextChoices):
        MATCH = "match", _("match")
        LOOKALIKE = "lookalike", _("look-alikes")
        UNKNOWN = "unknown", _("unknown")

    class Review(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        CORRECTED = "corrected", _("corrected")
        REJECTED = "rejected", _("rejected")

    class Occasion(models.TextChoices):
        """Why a sighting was reviewed: only a random audit is free of choice."""

        VOLUNTEERED = "volunteered", _("volunteered")
        DOUBTFUL = "doubtful", _("shown since it was doubtful")
        AUDIT = "audit", _("random audit")
        WORK = "work", _("the work needed it")

    token = models.CharField(
        _("token"), max_length=32, unique=True, default=new_token, editable=False
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sightings",
        verbose_name=_("by"),
    )
    source = models.CharField(_("where"), max_length=9, choices=Source.choices)
    store = models.ForeignKey(
        Store,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sightings",
        verbose_name=_("store"),
    )
    encoder = models.ForeignKey(
        Encoder, on_delete=models.PROTECT, related_name="sightings", verbose_name=_("encoder")
    )
    # Kept, so that a later scoring can be tried on what was really asked. Of no fixed dimension:
    # see ImageEmbedding.
    vector = HalfVectorField(_("vector"), null=True, blank=True, editable=False)
    verdict = models.CharField(
        _("verdict"),
        max_length=9,
        choices=Verdict.choices,
        blank=True,
        help_text=_("Empty: no threshold had been calibrated."),
    )
    best_product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sightings",
        verbose_name=_("best product"),
        help_text=_("The nearest by photo, whatever a barcode says."),
    )
    distance = models.FloatField(_("distance"), null=True, blank=True)
    margin = models.FloatField(
        _("margin"),
        null=True,
        blank=True,
        help_text=_("Distance to the second product minus that to the first."),
    )
    # Best first, over the whole catalogue: [{"product": id, "image": id or null, "distance": number
    # or null}]
    candidates = models.JSONField(_("candidates"), default=list, blank=True)
    barcode = models.CharField(
        _("barcode"), max_length=64, blank=True, help_text=_("As it was read in the photo.")
    )
    barcode_product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product of the barcode"),
    )
    narrowed = models.BooleanField(
        _("narrowed"),
        default=False,
        editable=False,
        help_text=_("Words or filters chose what was shown; the answer here is the photo's alone."),
    )
    photo = models.FileField(
        _("kept photo"),
        storage=query_photo_storage,
        upload_to=query_photo_name,
        max_length=200,
        blank=True,
        editable=False,
    )
    # By lot when it was recorded, whatever the answer: so the audit is a random sample.
    drawn_for_audit = models.BooleanField(_("drawn for the audit"), default=False, editable=False)
    # Who is looking at it just now, so that no two people judge the same one.
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("held by"),
    )
    held_until = models.DateTimeField(_("held until"), null=True, blank=True, editable=False)
    review = models.CharField(
        _("review"),
        max_length=9,
        choices=Review.choices,
        blank=True,
        help_text=_("Of the best product; rejected: it is none of those that were shown."),
    )
    reviewed_product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("what it was"),
    )
    # Empty also for a customer, who reviews by the token.
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    occasion = models.CharField(
        _("why it was reviewed"), max_length=11, choices=Occasion.choices, blank=True
    )

    objects = SightingQuerySet.as_manager()

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("review_sighting", gettext_noop("Can review sightings"))]
        indexes = [
            models.Index(fields=["encoder", "id"], condition=~Q(review=""), name="sighting_labels"),
            models.Index(
                fields=["token"], condition=Q(drawn_for_audit=True), name="sighting_drawn"
            ),
            models.Index(
                fields=["created_at"], condition=~Q(photo=""), name="sighting_photo_by_age"
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(review="", drawn_for_audit=False),
                name="sighting_unreviewed_by_age",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=["search", "api", "stocktake", "booking"]),
                name="sighting_source_is_known",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["", "match", "lookalike", "unknown"]),
                name="sighting_verdict_is_known",
            ),
            models.CheckConstraint(
                condition=Q(best_product__isnull=True, distance__isnull=True, margin__isnull=True)
                | (
                    Q(best_product__isnull=False, distance__isnull=False, distance__range=(0, 2))
                    & (Q(margin__isnull=True) | Q(margin__range=(0, 2)))
                ),
                name="sighting_best_has_a_distance",
            ),
            models.CheckConstraint(
                condition=Q(barcode_product__isnull=True) | ~Q(barcode=""),
                name="sighting_barcode_product_has_a_barcode",
            ),
            models.CheckConstraint(
                condition=Q(
                    review="",
                    occasion="",
                    reviewed_product__isnull=True,
                    reviewed_by__isnull=True,
                    reviewed_at__isnull=True,
                )
                | Q(
                    review__in=["confirmed", "corrected"],
                    occasion__in=["volunteered", "doubtful", "audit", "work"],
                    reviewed_product__isnull=False,
                    reviewed_at__isnull=False,
                )
                | Q(
                    review="rejected",
                    occasion__in=["volunteered", "doubtful", "audit", "work"],
                    reviewed_product__isnull=True,
                    reviewed_at__isnull=False,
                ),
                name="sighting_review_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(occasion="audit") | Q(drawn_for_audit=True),
                name="sighting_audited_was_drawn",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.best_product or '–'}"

    @property
    def evidence(self) -> str:
        """What a movement says that rests on it."""
        return f"{EVIDENCE}{self.token}"


_Reviewed: Any = pghistory.create_event_model(
    Sighting,
    pghistory.UpdateEvent(
        "reviewed", condition=pgtrigger.AnyChange("review", "reviewed_product", "reviewed_at")
    ),
    fields=["review", "reviewed_product", "reviewed_by", "reviewed_at", "occasion"],
    obj_field=pghistory.ObjForeignKey(related_name="+"),
    context_field=None,  # type: ignore[arg-type]
)


class SightingReview(_Reviewed):
    """Each review of a sighting, in turn: what the work said stays when an audit says otherwise."""

    pgh_id = models.BigAutoField(primary_key=True)
    reviewed_product = models.ForeignKey(Product, null=True, **_NO_CONSTRAINT)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, **_NO_CONSTRAINT)

    class Meta:
        verbose_name = _("review of a sighting")
        verbose_name_plural = _("reviews of sightings")
        default_permissions = ()
        triggers = [
            pgtrigger.Protect(
                name="sighting_reviews_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.pgh_obj_id}: {self.review}"
