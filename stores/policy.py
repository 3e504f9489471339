"""Who may do what where, asked in one place by pages, API, admin and commands."""

from typing import Any

from stores.actions import Action
from stores.models import Store
from stores.refusals import NotAllowed


def may(user: Any, action: Action, store: Store) -> bool:
    return Store.objects.where_may(user, action).filter(pk=store.pk).exists()


def require(user: Any, action: Action, store: Store) -> None:
    """Raises:
    NotAllowed: the user may not do this in this store.
    """
    if not may(user, action, store):
        raise NotAllowed(store)
