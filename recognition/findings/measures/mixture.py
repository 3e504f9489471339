"""How sure a finding is, learned from the catalogue itself.

What a fault looks like is known, because faults can be made: a product's photos split in two, a
photo held against the wrong product. What soundness looks like is not, since the catalogue holds
faults that nobody has found. So what is observed is taken for a mixture of made faults and of
something else (learning from positive and unlabelled examples, Elkan and Noto 2008): a logistic
model tells made from observed, expectation-maximisation takes the faults among the observed out of
the contrast, and their share is the likeliest one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]

# As many as `recognition.usual` asks for: fewer tell nothing of a catalogue.
LEAST_EXAMPLES = 30
_ROUNDS = 6
_MOST_LOG_RATIO = 30.0
# Of what made faults score: above, a few cases would decide; below, much else scores like them.
_QUANTILES = np.linspace(0.2, 0.5, 7)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Of each observed one: how much likelier it is under a fault than otherwise, and the
    probability of a fault at the estimated `share`.
    """

    ratio: Floats
    probability: Floats
    share: float


def separate(observed: Floats, made: Floats) -> Mixture | None:
    """Takes features (rows, features); None where there are too few of either to learn from."""
    if len(observed) < LEAST_EXAMPLES or len(made) < LEAST_EXAMPLES:
        return None
    together = np.concatenate([observed, made])
    spread = together.std(axis=0)
    together = (together - together.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    is_made = np.r_[np.zeros(len(observed)), np.ones(len(made))]
    probability = np.zeros(len(observed))
    mixture = None
    for _round in range(_ROUNDS):
        sound = 1 - probability
        if sound.sum() <= 0:
            break
        # Both sides weigh the same, so that odds are ratios of likelihoods.
        weights = np.r_[sound * (len(made) / sound.sum()), np.ones(len(made))]
        model = LogisticRegression(max_iter=1000).fit(together, is_made, sample_weight=weights)
        log_ratio = model.decision_function(together).clip(-_MOST_LOG_RATIO, _MOST_LOG_RATIO)
        share = _share(log_ratio[: len(observed)], log_ratio[len(observed) :])
        mixture = at_share(np.exp(log_ratio[: len(observed)]), share)
        probability = mixture.probability
    return mixture


def at_share(ratio: Floats, share: float) -> Mixture:
    return Mixture(ratio, share * ratio / (share * ratio + 1 - share), share)


def _share(observed: Floats, made: Floats) -> float:
    """The most faults that the observed can hold: above any score there are at least as many
    observed as the faults among them bring, and most scores of made faults are seldom otherwise.
    One more is counted than was seen (the rule of succession), so that few faults that happen to
    score low are not taken for none.
    """
    scores = np.quantile(made, _QUANTILES)
    above = (observed[:, None] >= scores).sum(axis=0) + 1
    expected = (made[:, None] >= scores).mean(axis=0)
    return float(min((above / expected).min() / len(observed), 1.0))
