"""Photos that were asked with."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from products.thumbnails import thumbnail_url
from recognition.admin.read_only import ReadOnlyAdmin
from recognition.admin.reviewing import ReviewPages
from recognition.models import Sighting
from recognition.reviewing.feedback import REVIEW


@admin.register(Sighting)
class SightingAdmin(ReadOnlyAdmin, ReviewPages):
    list_display = [
        "picture", "created_at", "best_product", "distance_text", "margin_text", "verdict",
        "source", "store", "user", "review", "reviewed_product", "occasion",
    ]  # fmt: skip
    list_display_links = ["created_at"]
    list_filter = [
        "review", "verdict", "source", "occasion", "drawn_for_audit", "store", "encoder",
    ]  # fmt: skip
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
    # The photo has no address but that of the review.
    exclude = ["vector", "photo", "held_by", "held_until"]

    def get_urls(self) -> list[URLPattern]:
        return [*self.review_urls(), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ["narrowed", "drawn_for_audit", *super().get_readonly_fields(request, obj)]
        return ["kept_photo", *fields] if request.user.has_perm(REVIEW) else fields

    @admin.display(description=_("kept photo"))
    def kept_photo(self, sighting: Sighting) -> str:
        if not sighting.photo:
            return "–"
        return format_html(
            '<img src="{}" alt="" style="max-height: 20rem">',
            reverse("admin:recognition_review_photo", args=[sighting.token]),
        )

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
