"""The encoders and how far each is filled."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recognition.admin.read_only import ReadOnlyAdmin
from recognition.models import Encoder, ImageEmbedding


@admin.register(Encoder)
class EncoderAdmin(ReadOnlyAdmin):
    list_display = [
        "key", "state", "dimension", "speaks_text", "ready", "pending", "failed",
        "fallback_reason", "activated_at",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Encoder]:
        counts = {
            f"photos_{state}": Count("embeddings", filter=Q(embeddings__state=state))
            for state in ImageEmbedding.State.values
        }
        return super().get_queryset(request).annotate(**counts)

    @admin.display(description=_("ready"))
    def ready(self, encoder: Any) -> int:
        return int(encoder.photos_ready)

    @admin.display(description=_("waiting"))
    def pending(self, encoder: Any) -> int:
        return int(encoder.photos_pending)

    @admin.display(description=_("failed"))
    def failed(self, encoder: Any) -> int:
        return int(encoder.photos_failed)
