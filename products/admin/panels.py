"""Boxes below a product's form that other apps fill, each loaded when it comes into view."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from products import slots
from products.models import Product


class PanelMixin:
    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/panel/<slug:name>/",
            self.admin_site.admin_view(self.panel_view),
            name="products_product_panel",
        )
        return [own, *super().get_urls()]  # type: ignore[misc]

    def panel_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """The content of one box, as a piece of a page."""
        product = get_object_or_404(Product.objects.select_related("category"), pk=pk)
        if not self.has_view_permission(request, product):  # type: ignore[attr-defined]
            raise PermissionDenied
        panel = next((each for each in slots.product_panels if each.name == name), None)
        if panel is None:
            raise Http404
        return HttpResponse(panel.render(request, product))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        product = kwargs.get("obj")
        context["product_panels"] = [
            (panel, reverse("admin:products_product_panel", args=[product.pk, panel.name]))
            for panel in slots.product_panels
            if product is not None
        ]
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]
        return answer
