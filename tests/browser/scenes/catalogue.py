"""The list of scenes, and how a function becomes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tests.browser.scenes.stage import Stage

Audience = Literal["shopper", "clerk", "nobody"]


@dataclass(frozen=True, slots=True)
class Scene:
    """`show` brings a fresh page into the state. `plain`: the state is there without JavaScript too.

    `audience`: who looks at it: anybody, a clerk who is logged in, or somebody without any role.
    """

    name: str
    show: Callable[[Stage], None]
    audience: Audience
    plain: bool

    def __str__(self) -> str:
        return self.name


SCENES: list[Scene] = []


def scene(
    *, audience: Audience = "shopper", plain: bool = True
) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Puts a function on the list, under its own name."""

    def register(show: Callable[[Stage], None]) -> Callable[[Stage], None]:
        name = show.__name__.replace("_", "-")
        SCENES.append(Scene(name, show, audience, plain))
        return show

    return register
