"""Rows that the site keeps itself."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the site keeps itself: looked at, never typed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def refuse_unless_visible(self, request: HttpRequest) -> None:
        """Pages of our own ask as Django's do.

        Raises:
            PermissionDenied: they may not look at these rows.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
