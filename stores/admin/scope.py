"""Who sees and does what in the admin of the stores: asked store by store, for every object."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from stores.actions import Action
from stores.models import Store


def store_ids(request: HttpRequest, action: Action) -> frozenset[int]:
    """The stores where the person of a request may do something; asked once for a request."""
    known: dict[Action, frozenset[int]] = request.__dict__.setdefault("stores_by_action", {})
    if action not in known:
        stores = Store.objects.where_may(request.user, action).order_by()
        known[action] = frozenset(stores.values_list("pk", flat=True))
    return known[action]


def stores_where(request: HttpRequest, action: Action) -> QuerySet[Store]:
    return Store.objects.filter(pk__in=store_ids(request, action))


def require_somewhere(request: HttpRequest, *actions: Action) -> None:
    """Raises:
    PermissionDenied: the person may do none of this in any store.
    """
    if not any(store_ids(request, action) for action in actions):
        raise PermissionDenied


class StoreScopedAdmin(ModelAdmin):
    """Rows that belong to stores: shown to those who may see one of them, and written by use cases
    alone.
    """

    class Media:
        css = {"all": ["stores/lists.css"]}

    # How a row leads to its stores.
    store_paths: ClassVar[tuple[str, ...]] = ("store_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        ids = store_ids(request, Action.VIEW)
        visible = Q()
        for path in self.store_paths:
            visible |= Q(**{f"{path}__in": ids})
        return super().get_queryset(request).filter(visible)

    def is_in(self, request: HttpRequest, action: Action, obj: Any) -> bool:
        """Whether somebody may do something in one of the stores of an object."""
        ids = store_ids(request, action)
        return any(getattr(obj, path) in ids for path in self.store_paths)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request) and (
            not isinstance(obj, Model) or self.is_in(request, Action.VIEW, obj)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def visible_object(self, request: HttpRequest, object_id: str) -> Any:
        """The object of a page below it; None where there is none that the person may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, object_id)
