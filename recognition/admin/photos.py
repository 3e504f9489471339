"""The state of each photo."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from products.thumbnails import thumbnail_url
from recognition.admin.read_only import ReadOnlyAdmin
from recognition.indexing import retry
from recognition.models import ImageEmbedding
from recognition.photo_states import badge, retried_message


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
