"""What is tried: views x adapter x scoring. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recognition.adapters import RECIPES, Recipe
from recognition.confidence import scoring
from recognition.encoders import passes

# "" is the whole picture. Each view more costs every search one more pass of the network.
VIEWS = ("", "centre", "tight", "whole+centre", "centre+tight", "whole+centre+tight",
         "whole+centre+tight+mirrored")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to see a catalogue. `recipe` None: without an adapter."""

    views: str
    recipe: Recipe | None
    scoring: str

    @property
    def cost(self) -> tuple[int, bool, bool]:
        """What it takes to run, so that of equals the simplest is proposed."""
        return passes(self.views), self.recipe is not None, self.scoring != scoring.NEAREST

    def __str__(self) -> str:
        return f"{self.views or 'whole'}, {self.recipe or 'no adapter'}, {self.scoring}"


def candidates(
    views: Sequence[str] = VIEWS, recipes: Sequence[Recipe] = RECIPES
) -> Iterator[Candidate]:
    for each in views:
        for recipe in (None, *recipes):
            for way in scoring.ALL:
                yield Candidate(each, recipe, way)
