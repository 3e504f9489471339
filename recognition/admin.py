"""What recognition does, in the admin: the state of each photo, and the encoders."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from products.thumbnails import thumbnail_url
from recognition.indexing import retry
from recognition.models import Encoder, ImageEmbedding, Sighting
from recognition.photo_states import badge, retried_message


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the site keeps itself: looked at, never typed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(ImageEmbedding)
class ImageEmbeddingAdmin(ReadOnlyAdmin):
    list_display = [
        "picture", "product", "state_badge", "reason", "attempts", "encoder", "updated_at",
    ]  # fmt: skip
    list_filter = ["state", "encoder"]
    list_select_related = ["image__product", "encoder"]
    list_per_page = 50
    search_fields = ["image__product__sku", "image__product__name"]
    actions = ["try_again"]
    exclude = ["vector"]

    @admin.display(description="")
    def picture(self, embedding: ImageEmbedding) -> str:
        url = thumbnail_url(embedding.image.file, "small")
        return (
            format_html('<img src="{}" alt="" width="48" height="48" loading="lazy">', url)
            if url
            else "–"
        )

    @admin.display(description=_("product"), ordering="image__product__name")
    def product(self, embedding: ImageEmbedding) -> str:
        product = embedding.image.product
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:products_product_change", args=[product.pk]),
            product,
        )

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, embedding: ImageEmbedding) -> str:
        return badge(embedding.state, embedding.get_state_display())

    @action(description=_("Try failed photos again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[ImageEmbedding]) -> None:
        count = retry(queryset.values_list("pk", flat=True))
        self.message_user(
            request, retried_message(count), messages.SUCCESS if count else messages.WARNING
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Not here; but whoever may delete a product or a photo deletes its states with it."""
        match = request.resolver_match
        if match is not None and (match.url_name or "").startswith("recognition_"):
            return False
        return bool(request.user.has_perm("products.delete_productimage"))

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("products.change_productimage"))


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


@admin.register(Sighting)
class SightingAdmin(ReadOnlyAdmin):
    list_display = [
        "picture", "created_at", "best_product", "distance_text", "margin_text", "verdict",
        "source", "store", "user", "review", "reviewed_product", "occasion",
    ]  # fmt: skip
    list_display_links = ["created_at"]
    list_filter = ["review", "verdict", "source", "occasion", "store", "encoder"]
    list_select_related = [
        "best_product", "reviewed_product", "store", "user", "encoder",
    ]  # fmt: skip
    list_per_page = 50
    # The newest are what people look at, and a count of millions would cost more than the page.
    show_full_result_count = False
    search_fields = [
        "token", "best_product__sku", "best_product__name", "reviewed_product__sku", "barcode",
    ]  # fmt: skip
    date_hierarchy = "created_at"
    exclude = ["vector"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sighting]:
        sightings = super().get_queryset(request).defer("vector")
        return sightings.prefetch_related("best_product__images")

    @admin.display(description="")
    def picture(self, sighting: Sighting) -> str:
        face = sighting.best_product.face if sighting.best_product else None
        url = thumbnail_url(face.file, "small") if face else ""
        if not url:
            return "–"
        return format_html('<img src="{}" alt="" width="48" height="48" loading="lazy">', url)

    @admin.display(description=_("distance"), ordering="distance")
    def distance_text(self, sighting: Sighting) -> str:
        return "–" if sighting.distance is None else f"{sighting.distance:.3f}"

    @admin.display(description=_("margin"), ordering="margin")
    def margin_text(self, sighting: Sighting) -> str:
        return "–" if sighting.margin is None else f"{sighting.margin:.3f}"
