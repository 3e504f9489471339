"""Who may do what where, asked in one place by pages, API, admin and commands."""

from typing import Any

from stores.actions import Action
from stores.models import Store
from stores.models.store import StoreQuerySet
from stores.refusals import NotAllowed

_VIEW_MOVEMENTS = "stores.view_stockmovement"
_VIEW_STOCKTAKES = "stores.view_stocktake"


def may(user: Any, action: Action, store: Store) -> bool:
    return Store.objects.where_may(user, action).filter(pk=store.pk).exists()


def require(user: Any, action: Action, store: Store) -> None:
    """Raises:
    NotAllowed: the user may not do this in this store.
    """
    if not may(user, action, store):
        raise NotAllowed(store)


def require_one_of(user: Any, *actions: Action) -> None:
    """For what must be refused before anything of a request is looked at; where is asked later.

    Raises:
        NotAllowed: the user may do none of this anywhere.
    """
    if not any(user.has_perm(action) for action in actions):
        raise NotAllowed


def stores_with_stock(user: Any) -> StoreQuerySet:
    """The stores whose stock somebody may look at.

    Raises:
        NotAllowed: looking at stock is not among what they may do.
    """
    require_one_of(user, Action.VIEW)
    return Store.objects.where_may(user, Action.VIEW)


def stores_with_ledger(user: Any) -> StoreQuerySet:
    """The stores whose movements and transfers somebody may read.

    Who may look at movements reads those of all stores that they see. Who may only book (a
    partner, who sees the stock of all stores) reads what is booked where they book.

    Raises:
        NotAllowed: neither is among what they may do.
    """
    return _readable(user, _VIEW_MOVEMENTS, Action.BOOK)


def stores_with_stocktakes(user: Any) -> StoreQuerySet:
    """The stores whose stocktakes somebody may read: all that they see, or those where they count.

    Raises:
        NotAllowed: neither is among what they may do.
    """
    return _readable(user, _VIEW_STOCKTAKES, Action.COUNT)


def _readable(user: Any, permission: str, work: Action) -> StoreQuerySet:
    if user.has_perm(permission):
        return Store.objects.where_may(user, Action.VIEW)
    require_one_of(user, work)
    return Store.objects.where_may(user, work)
