"""Made-up photos whose chances are known, so that promises can be held against them."""

import numpy as np

from recognition.confidence import Examples, Ranked

PRODUCTS = 12


def meeting(first: int, second: int, nearest: float, margin: float) -> Ranked:
    """A photo that met two products with two photos each, and others far away."""
    others = [product for product in range(PRODUCTS) if product not in {first, second}]
    far = nearest + margin + 0.3
    others_far = [far + 0.01 * at for at in range(len(others))]
    return Ranked(
        (first, second, *others),
        (
            np.array([nearest, nearest + 0.01]),
            np.array([nearest + margin, nearest + margin + 0.01]),
            *(np.array([each]) for each in others_far),
        ),
        (nearest, nearest + margin, *others_far),
    )


def world(number: int, seed: int, *, unknown: float = 0.0, hard: float = 0.5) -> Examples:
    """Photos that are right more often the larger the margin; `hard` of them have a small one.

    With a margin m the first product is right with probability 1 - hard * exp(-20 m).
    """
    rng = np.random.default_rng(seed)
    examples = Examples()
    for _ in range(number):
        first, second = (int(each) for each in rng.choice(PRODUCTS, 2, replace=False))
        if rng.random() < unknown:
            margin = float(rng.exponential(0.02))
            examples.add(meeting(first, second, float(rng.uniform(0.3, 0.5)), margin), None)
            continue
        margin = float(rng.uniform(0, 0.3))
        wrong = rng.random() < hard * np.exp(-20 * margin)
        examples.add(
            meeting(first, second, float(rng.uniform(0.1, 0.4)), margin), second if wrong else first
        )
    return examples
