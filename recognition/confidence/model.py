"""The model that makes one number of the few: logistic regression, kept as plain numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.confidence.evidence import Examples
from recognition.confidence.ranked import FEATURES
from recognition.confidence.teaching import leanings

# Fewer of either answer teach a model of six features nothing that holds.
LEAST_OF_EACH = 10


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """Probability = 1 / (1 + exp(-(intercept + weights . (features - centre) / scale + leaning))).

    `leanings` are those of single first products (see `teaching`); of all others 0.
    """

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    leanings: Mapping[int, float] = field(default_factory=dict)

    def scores(
        self, features: NDArray[np.float64], firsts: Sequence[int] | None = None
    ) -> NDArray[np.float64]:
        """Probabilities, shape (n,), from features of shape (n, len(FEATURES)) and the first product
        of each; without those, nothing leans.
        """
        standard = (features - np.array(self.centre)) / np.array(self.scale)
        logits = standard @ np.array(self.weights) + self.intercept
        if firsts is not None and self.leanings:
            logits = logits + np.array([self.leanings.get(each, 0.0) for each in firsts])
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -500, 500))))

    def as_data(self) -> dict[str, Any]:
        return {
            "features": list(FEATURES),
            "centre": list(self.centre),
            "scale": list(self.scale),
            "weights": list(self.weights),
            "intercept": self.intercept,
            "leanings": [[product, value] for product, value in sorted(self.leanings.items())],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "ConfidenceModel":
        """
        Raises:
            ValueError: it was made for other features.
        """
        if tuple(data["features"]) != FEATURES:
            raise ValueError("This model was made for other features.")
        return cls(
            tuple(data["centre"]), tuple(data["scale"]), tuple(data["weights"]), data["intercept"],
            # Calibrations that were kept before there were any have none.
            {int(product): float(value) for product, value in data.get("leanings", ())},
        )  # fmt: skip

    def taught_by(self, examples: Examples) -> "ConfidenceModel":
        """With the leanings that these labelled photos show."""
        if not len(examples):
            return self
        scores = self.scores(examples.features)
        return replace(self, leanings=leanings(scores, examples.right, examples.first))


def fit_model(
    features: NDArray[np.float64], labels: NDArray[np.bool_], weights: NDArray[np.float64]
) -> ConfidenceModel:
    """Fits the probability of the label.

    Raises:
        ValueError: one of the two answers is too rare to learn from.
    """
    # Imported here, since nothing else of an answer needs it.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    if min(int(labels.sum()), int((~labels).sum())) < LEAST_OF_EACH:
        raise ValueError("Too few of one answer to learn from.")
    centre = np.average(features, axis=0, weights=weights)
    spread = np.sqrt(np.average((features - centre) ** 2, axis=0, weights=weights))
    # A column that never changes (agreement, where each product has one photo) says nothing.
    scale = np.where(spread > 1e-9, spread, 1.0)
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(
        (features - centre) / scale, labels, sample_weight=weights
    )
    return ConfidenceModel(
        tuple(centre.tolist()),
        tuple(scale.tolist()),
        tuple(fitted.coef_[0].tolist()),
        float(fitted.intercept_[0]),
    )


def right_model(training: Examples, unknown_share: float) -> ConfidenceModel:
    """The probability that the first product is right, where that share of photos is unknown.

    Raises:
        ValueError: too few examples.
    """
    return fit_model(training.features, training.right, _weights(training, unknown_share))


def known_model(training: Examples) -> ConfidenceModel:
    """The probability that the photo shows a product of the catalogue, at even odds.

    Raises:
        ValueError: too few examples.
    """
    return fit_model(training.features, training.is_known, _weights(training, 0.5))


def _weights(training: Examples, unknown_share: float) -> NDArray[np.float64]:
    """So that the unknown count for their share, however many were simulated."""
    known, weights = training.is_known, np.array(training.weight, dtype=np.float64)
    shares = np.where(known, 1 - unknown_share, unknown_share)
    for which in (known, ~known):
        if which.any():
            shares[which] *= len(known) / weights[which].sum()
    # A share of nothing is no weight at all, which the fit would refuse.
    return np.maximum(shares * weights, 1e-9)
