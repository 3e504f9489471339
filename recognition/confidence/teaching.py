"""What labelled photos teach of single products.

A product may have a twin, in the catalogue or outside it (another flavour, say): its answers look sure
and are wrong, and nothing in the distances tells. Labelled photos show it. So part of them teaches: each
product gets a leaning, added to the log odds of answers that name it first. It is the random intercept
of a mixed logistic regression, at the most probable value under a normal prior, so that a product
that was seen once or twice hardly leans.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recognition.confidence.evidence import Examples

# Of the photos that were asked with. The rest carries the bound, untouched by this.
TEACHING_SHARE = 0.4
# Of fewer, the rest would be less than three times what can promise 5 % at all (59 without an error),
# and the bound would lose more than the model wins.
LEAST_TO_TEACH = 300
# Of the prior: products differ by a factor of e in their odds, give or take.
_VARIANCE = 1.0
_STEPS = 50
_SETTLED = 1e-9


def teaching_and_carrying(asked: Examples, seed: int) -> tuple[Examples, Examples]:
    """(those that teach, those that carry the bound), drawn before anything is looked at. None
    teach where there are too few, or where every product is known: there the distances tell most
    twins, and at 5 % the bound loses more than the model wins (docs/explanation/how-sure.md).
    """
    if len(asked) < LEAST_TO_TEACH or bool(asked.is_known.all()):
        return Examples(), asked
    order = np.random.default_rng(seed).permutation(len(asked)).tolist()
    number = round(len(order) * TEACHING_SHARE)
    return asked.chosen(order[:number]), asked.chosen(order[number:])


def leanings(
    scores: NDArray[np.float64], right: NDArray[np.bool_], firsts: Sequence[int]
) -> dict[int, float]:
    """By first product, what is to be added to the log odds of these scores."""
    clipped = np.clip(scores, 1e-6, 1 - 1e-6)
    logits = np.log(clipped / (1 - clipped))
    of = np.asarray(firsts)
    return {
        int(product): _intercept(logits[of == product], right[of == product])
        for product in np.unique(of)
    }


def _intercept(logits: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """By Newton's method: the posterior is concave, and its curvature at least that of the prior."""
    value = 0.0
    for _step in range(_STEPS):
        chances = 1 / (1 + np.exp(-(logits + value)))
        slope = float((right - chances).sum()) - value / _VARIANCE
        step = slope / (float((chances * (1 - chances)).sum()) + 1 / _VARIANCE)
        # A full step from a flat place would jump over the top.
        value += float(np.clip(step, -1, 1))
        if abs(step) < _SETTLED:
            break
    return value
