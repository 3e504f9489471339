"""The doors of the stock pages: which stores a person sees, and what they may do there."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from stores.actions import Action
from stores.models import Store
from stores.models.store import StoreQuerySet
from stores.policy import may, stores_with_ledger, stores_with_stocktakes
from stores.refusals import NotAllowed


def visible_store(user: Any, code: str) -> Store:
    """The store of an address; to those who may not see it, it is not there."""
    store = Store.objects.where_may(user, Action.VIEW).filter(code=code).first()
    if store is None:
        raise Http404
    return store


def need(user: Any, action: Action, store: Store) -> None:
    """Raises:
    PermissionDenied: they see the store, but may not do this in it.
    """
    if not may(user, action, store):
        raise PermissionDenied(_("You may not do this in %(store)s.") % {"store": store})


def abilities(user: Any, store: Store) -> dict[str, bool]:
    """`{"book": True, ...}`, for templates."""
    actions = {action.name.lower(): may(user, action, store) for action in Action}
    return actions | {
        "read_ledger": reads_ledger(user, store),
        "read_stocktakes": reads_stocktakes(user, store),
    }


def where_reads_ledger(user: Any) -> StoreQuerySet:
    """The stores whose movements and transfers they may see, and by whom they are."""
    return _or_none(stores_with_ledger, user)


def where_reads_stocktakes(user: Any) -> StoreQuerySet:
    """The stores whose counts they may see: readers of stocktakes, and those who count there."""
    counting = Store.objects.where_may(user, Action.COUNT)
    return counting | _or_none(stores_with_stocktakes, user)


def reads_ledger(user: Any, store: Store) -> bool:
    return where_reads_ledger(user).filter(pk=store.pk).exists()


def need_ledger(user: Any, store: Store) -> None:
    """Raises:
    PermissionDenied: they see the store's levels, but not its movements.
    """
    if not reads_ledger(user, store):
        raise PermissionDenied(_("You may not see the movements of %(store)s.") % {"store": store})


def reads_stocktakes(user: Any, store: Store) -> bool:
    return where_reads_stocktakes(user).filter(pk=store.pk).exists()


def _or_none(stores_of: Callable[[Any], StoreQuerySet], user: Any) -> StoreQuerySet:
    try:
        return stores_of(user)
    except NotAllowed:
        return Store.objects.none()
