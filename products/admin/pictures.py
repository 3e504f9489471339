"""Photos as small pictures in the admin. A page never waits until a thumbnail is made: where there is
none yet, the picture's address makes it when the browser asks for it.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from products.models import ProductImage
from products.thumbnails import ready_thumbnail_url, thumbnail_url

# Those that these addresses make.
_ALIASES = ("small", "card")


def picture_url(image: ProductImage, alias: str) -> str:
    """A thumbnail's address, or the one that makes it."""
    ready = ready_thumbnail_url(image.file, alias)
    if ready:
        return ready
    making = reverse("admin:products_productimage_thumbnail", args=[image.pk, alias])
    return f"{making}?{image.digest[:8]}"


def picture(image: ProductImage | None, size: int) -> str:
    if image is None or not image.file:
        return "–"
    return format_html(
        '<img src="{}" alt="" width="{}" height="{}" loading="lazy"'
        ' style="width:{}px;height:{}px;object-fit:contain" class="rounded">',
        picture_url(image, "small"), size, size, size, size,
    )  # fmt: skip


class ThumbnailMixin:
    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "thumbnail/<int:pk>/<str:alias>/",
            self.admin_site.admin_view(self.thumbnail_view),
            name="products_productimage_thumbnail",
        )
        return [own, *super().get_urls()]  # type: ignore[misc]

    def thumbnail_view(self, request: HttpRequest, pk: int, alias: str) -> HttpResponse:
        """Makes a thumbnail and leads to it."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        image = get_object_or_404(ProductImage, pk=pk)
        url = thumbnail_url(image.file, alias) if alias in _ALIASES else ""
        if not url:
            raise Http404
        answer = redirect(url)
        # The address holds the photo's digest, and a bucket's photos come this way every time.
        answer["Cache-Control"] = "private, max-age=86400"
        return answer
