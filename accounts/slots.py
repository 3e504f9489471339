"""Places of this app that apps above it may fill from their `AppConfig.ready()`."""

from collections.abc import Callable, Iterable
from typing import Any

# Why people are kept: each takes the users somebody wants to delete and returns a sentence, which says
# what to do instead, for each that must stay.
reasons_to_keep: list[Callable[[Iterable[Any]], list[str]]] = []
