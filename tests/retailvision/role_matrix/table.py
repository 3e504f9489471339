"""Rows of the matrix, and what became of their requests."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import transaction
from django.urls import reverse

from tests.retailvision.role_matrix.world import PEOPLE, PLACES, Place, World

# (world, place) -> what is sent
Data = Callable[[World, Place], dict[str, Any]]
OUTCOMES = {
    "ok",  # done; a row that writes has written
    "401",
    "403",
    "404",
    "405",
    "login",  # led to the log-in
    "gone",  # the admin's way to say that there is no such row: back to its first page
    "400",
    "same",  # answered by the form or the list again: what was asked for is not among the choices
    "shown",  # a page that shows something of the store,
    "hidden",  # and one that is there, without it
}
_keys = count()


def new_key() -> str:
    return f"key-{next(_keys)}"


@dataclass(frozen=True)
class Row:
    """A request. `expected` has a cell for each of `PEOPLE`; `own/other` where places differ."""

    name: str
    expected: str
    args: tuple[str, ...] = ()
    query: str = ""
    data: Data | None = None
    as_json: bool = False
    # Of the API alone; else POST where something is sent.
    verb: str = ""
    # False: a POST that is meant to write nothing, as a search.
    writes: bool = True
    note: str = ""
    # What of the place an answer shows to those who may see it, as `goods.name`.
    shows: str = ""

    @property
    def id(self) -> str:
        return f"{self.method.upper()} {self.name} {self.query} {self.note}".strip()

    @property
    def method(self) -> str:
        return self.verb.lower() or ("post" if self.data else "get")

    def cells(self) -> dict[tuple[str, str], str]:
        """`{(who, where): outcome}`; one place alone where the row is not about a store."""
        cells = {}
        words = (self.expected or "ok " * len(PEOPLE)).split()
        assert len(words) == len(PEOPLE), f"{self.id}: {len(PEOPLE)} cells are needed"
        for who, word in zip(PEOPLE, words, strict=True):
            outcomes = word.split("/")
            assert set(outcomes) <= OUTCOMES, f"{self.id}: {word}?"
            for where, outcome in zip(PLACES, outcomes * (2 // len(outcomes)), strict=True):
                if where == "own" or self.is_about_a_place:
                    cells[who, where] = outcome
        return cells

    @property
    def is_about_a_place(self) -> bool:
        return "/" in self.expected or any(
            name.partition(".")[0] in Place.__dataclass_fields__
            for name in (*self.args, self.shows)
        )

    def url(self, world: World, place: Place) -> str:
        args = [_address(world, place, name) for name in self.args]
        return reverse(self.name, args=args) + (f"?{self.query}" if self.query else "")

    def outcome(self, world: World, who: str, where: str) -> str:
        """Sends the request, says what came of it, and takes it back."""
        place = world.places[where]
        with transaction.atomic():
            response = self._send(world, who, place)
            changed = world.state() != world.untouched
            transaction.set_rollback(True)
        found = _outcome(response)
        if found == "ok" and self.shows:
            found = "shown" if _address(world, place, self.shows) in _text(response) else "hidden"
        if found == "ok" and self.data is not None and self.writes:
            return "ok" if changed else "same"
        may_write = self.data is not None and self.writes and found == "ok"
        return f"{found} BUT IT WROTE" if changed and not may_write else found

    def _send(self, world: World, who: str, place: Place) -> Any:
        client, url = world.client(who), self.url(world, place)
        if self.data is None:
            response = client.get(url)
        elif self.as_json:
            body = json.dumps(self.data(world, place))
            # Whatever version is there: who may not must not hear of versions first.
            response = client.generic(
                self.method.upper(),
                url,
                body,
                content_type="application/json",
                headers={"If-Match": "*"},
            )
        else:
            response = client.post(url, self.data(world, place))
        return response


def _address(world: World, place: Place, name: str) -> Any:
    """`goods.sku` of the place or the world, a row by its key; `own:` of one's own store, wherever
    the rest is; a word in quotes as it is.
    """
    if name.startswith("'"):
        return name.strip("'")
    if name.startswith("own:"):
        return _address(world, world.places["own"], name.removeprefix("own:"))
    first, _dot, attribute = name.partition(".")
    found = getattr(place, first) if hasattr(place, first) else getattr(world, first)
    return getattr(found, attribute or "pk")


def _outcome(response: Any) -> str:
    if response.status_code == 302:
        to = response["Location"]
        if to.startswith((reverse("admin:login"), reverse("accounts:login"))):
            return "login"
        return "gone" if to == reverse("admin:index") else "ok"
    return "ok" if response.status_code in {200, 201, 204} else str(response.status_code)


def _text(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


def look(
    name: str, expected: str, *args: str, query: str = "", shows: str = "", note: str = ""
) -> Row:
    return Row(name, expected, args, query, shows=shows, note=note)


def do(
    name: str, expected: str, *args: str, data: Data | None = None, query: str = "", **more: Any
) -> Row:
    return Row(name, expected, args, query, data or (lambda _world, _place: {}), **more)


def call(
    name: str, expected: str, *args: str, data: Data | None = None, note: str = "", method: str = ""
) -> Row:
    """A POST of the API, or another method that writes."""
    return do(name, expected, *args, data=data, note=note, as_json=True, verb=method)


def model(
    label: str,
    *args: str,
    see: str,
    add: str,
    change: str,
    delete: str,
    new: Data | None = None,
    changed: Data | None = None,
    **pages: str,
) -> Iterator[Row]:
    """The pages that the admin has for every model.

    `pages`: `list`, `row`, `history`, `add_page` and `delete_page`, where one differs from the
    rule; `shows` of the list.
    """
    name = f"admin:{label.replace('.', '_')}"
    row = pages.get("row", see)
    yield look(f"{name}_changelist", pages.get("list", see), shows=pages.get("shows", ""))
    yield look(f"{name}_change", row, *args)
    yield look(f"{name}_history", pages.get("history", row), *args)
    yield look(f"{name}_add", pages.get("add_page", add))
    yield do(f"{name}_add", add, data=new)
    yield do(f"{name}_change", change, *args, data=changed)
    yield look(f"{name}_delete", pages.get("delete_page", delete), *args)
    yield do(f"{name}_delete", delete, *args, data=lambda _w, _p: {"post": "yes"})


def action(label: str, name: str, expected: str, one: str, **more: Any) -> Row:
    """An action of a list, on one row."""

    def data(world: World, place: Place) -> dict[str, Any]:
        return {"action": name, "_selected_action": [_address(world, place, one)], "post": "yes"}

    list_name = f"admin:{label.replace('.', '_')}_changelist"
    return do(list_name, expected, data=data, note=name, **more)
