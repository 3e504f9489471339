"""What the thresholds of all scopes come to together: that of a category serves in place of the one
above it, so the figures of the whole catalogue alone do not say it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from products.models import Category
from recognition.models import Calibration

Outcome = Calibration.Outcome


@dataclass(frozen=True, slots=True)
class Scope:
    """Of one scope (category None: the whole catalogue) what decides how many are answered;
    `accepted` by its own threshold, `curve` by any other.
    """

    category: int | None
    outcome: str
    threshold: float | None
    accepted: int
    curve: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, row: Calibration, figures: Mapping[str, Any]) -> "Scope":
        return cls(
            row.category_id, figures["outcome"], figures["threshold"], figures["accepted"],
            row.curve,
        )  # fmt: skip

    def accepted_at(self, threshold: float | None) -> float:
        """About how many of the photos inside are accepted at a threshold that is not its own."""
        if threshold is None or not self.curve or threshold >= self.curve[0]["threshold"]:
            return 0.0
        rising = self.curve[::-1]
        return float(
            np.interp(
                threshold,
                [point["threshold"] for point in rising],
                [point["accepted"] for point in rising],
            )
        )


Above = Mapping[int, int | None]


def share_answered(scopes: Sequence[Scope], above: Above | None = None) -> float | None:
    """About which share of the photos that were measured on is answered with a match, as verdicts are
    found: by the nearest scope with a threshold, unless one before it withholds. None: unknown.
    `above` is `nearest_above` of the categories, for whoever asks for many targets.
    """
    whole = next((scope for scope in scopes if scope.category is None), None)
    if whole is None or not whole.curve:
        return None
    below: dict[int | None, list[Scope]] = {}
    if above is None:
        above = nearest_above([scope.category for scope in scopes if scope.category is not None])
    for scope in scopes:
        if scope.category is not None:
            below.setdefault(above[scope.category], []).append(scope)

    def answered(scope: Scope, inherited: float | None) -> float:
        serving = {Outcome.OWN: scope.threshold, Outcome.WITHHELD: None}.get(
            Outcome(scope.outcome), inherited
        )
        own = scope.outcome == Outcome.OWN
        number = float(scope.accepted) if own else scope.accepted_at(serving)
        for each in below.get(scope.category, ()):
            number += answered(each, serving) - each.accepted_at(serving)
        return number

    most = whole.curve[-1]["accepted"]
    return min(max(answered(whole, None) / most, 0.0), 1.0) if most else None


def nearest_above(categories: Sequence[int]) -> dict[int, int | None]:
    """For each category the nearest of the others that it lies in; None: the whole catalogue."""
    paths = dict(Category.objects.filter(pk__in=categories).values_list("path", "pk"))
    found: dict[int, int | None] = dict.fromkeys(categories)
    for path, category in paths.items():
        ends = range(len(path) - Category.steplen, 0, -Category.steplen)
        found[category] = next((paths[path[:end]] for end in ends if path[:end] in paths), None)
    return found
