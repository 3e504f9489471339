"""The history page of a product in the admin."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from products.models import Product
from products.timeline import entries, last_name, references


class ProductHistoryMixin(ModelAdmin):
    """Shows what the database's triggers recorded, which is more than the admin's own log.

    A deleted product has its page too, at the same address.
    """

    history_per_page = 50

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponseBase:
        product: Product | None = self.get_object(request, unquote(object_id))
        number = product.pk if product is not None else _number(unquote(object_id))
        name = str(product) if product is not None else last_name(number)
        if not name:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, product):
            raise PermissionDenied
        paginator = self.get_paginator(request, references(number), self.history_per_page)
        page = paginator.get_page(request.GET.get(PAGE_VAR, 1))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change history: %s") % name,
            "subtitle": None,
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": product,
            "name": name,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "entries": entries(page),
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/products/product/object_history.html", context)


def _number(text: str) -> int:
    """A product's number as it stands in an address; 0, which none has, where it is no number."""
    # The largest that the column holds has nineteen digits.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
