"""A photo as one encoder sees it, and how far that has come."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pgvector.django import HalfVectorField

from products.models import ProductImage
from recognition.models.encoder import Encoder


class ImageEmbeddingQuerySet(models.QuerySet["ImageEmbedding"]):
    def ready(self) -> "ImageEmbeddingQuerySet":
        return self.filter(state=ImageEmbedding.State.READY)

    def findable(self, encoder_id: int) -> "ImageEmbeddingQuerySet":
        """Of one encoder, those that a search may find: ready, and of a product that is sold."""
        return self.ready().filter(
            encoder=encoder_id, image__product__is_active=True, image__product__merged_into=None
        )

    def pending(self) -> "ImageEmbeddingQuerySet":
        return self.filter(state=ImageEmbedding.State.PENDING)

    def failed(self) -> "ImageEmbeddingQuerySet":
        return self.filter(state=ImageEmbedding.State.FAILED)

    def claimable(self, now: datetime) -> "ImageEmbeddingQuerySet":
        """Pending, and held by no worker (any more)."""
        return self.pending().filter(Q(leased_until=None) | Q(leased_until__lt=now))


class ImageEmbedding(models.Model):
    """The vector of a photo for an encoder, or why there is none yet."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    image = models.ForeignKey(
        ProductImage, on_delete=models.CASCADE, related_name="embeddings", verbose_name=_("photo")
    )
    encoder = models.ForeignKey(
        Encoder, on_delete=models.PROTECT, related_name="embeddings", verbose_name=_("encoder")
    )
    digest = models.CharField(
        _("digest"), max_length=64, help_text=_("Of the stored photo that the vector is of.")
    )
    # Of no fixed dimension: vectors of several encoders stand side by side, each encoder with a
    # partial index on the cast (see recognition.vector_index).
    vector = HalfVectorField(_("vector"), null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.PENDING)
    reason = models.TextField(_("reason"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("held until"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = ImageEmbeddingQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo state")
        verbose_name_plural = _("photo states")
        ordering = ["-updated_at"]
        indexes = [
            models.Index(
                fields=["encoder", "attempts", "id"],
                condition=Q(state="pending"),
                name="embedding_queue",
            ),
            models.Index(
                fields=["encoder", "updated_at"],
                condition=Q(state="failed"),
                name="embedding_failed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["image", "encoder"], name="embedding_once_per_photo_and_encoder"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="ready", vector__isnull=False, reason="")
                    | Q(state="pending", vector__isnull=True)
                    | (Q(state="failed", vector__isnull=True) & ~Q(reason=""))
                ),
                name="embedding_state_matches_vector",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id}: {self.get_state_display()}"
