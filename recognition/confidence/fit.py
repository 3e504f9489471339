"""From evidence to rules: for the whole catalogue, and for each category that has enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recognition.confidence.conformal import SetRule, set_rule, unknown_cut
from recognition.confidence.evidence import Evidence, Examples, gaps_of
from recognition.confidence.model import ConfidenceModel, known_model, right_model
from recognition.confidence.ranked import FEATURES
from recognition.confidence.thresholds import (
    Choice,
    Sample,
    accepted_of,
    choose_threshold,
    combined,
    lower_bound,
    upper_bound,
)

# The whole catalogue, beside categories by their ids.
WHOLE = None
# A scope with fewer photos is not looked at by itself: nothing could be promised of it.
LEAST_IN_SCOPE = 20
# Below this a set's cut would hang on one or two photos.
_LEAST_FOR_SETS = 40
_CURVE_POINTS = 60


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of a calibration. `unknown_share` None: as it is among the carriers."""

    targets: tuple[float, ...]
    failure: float = 0.05
    unknown_share: float | None = None
    set_rate: float = 0.95
    unknown_rate: float = 0.02


@dataclass(frozen=True, slots=True)
class AtTarget:
    """What a scope comes to at one target."""

    choice: Choice
    # `own`: its threshold; `above`: the one of the scope above serves; `withheld`: that one is
    # wrong too often here, so nothing is called a match; `none`: nothing above either.
    outcome: str
    coverage: float | None
    false_accepts: float | None
    sets: SetRule | None


@dataclass(frozen=True, slots=True)
class Scope:
    """The figures of a scope. Shares are of the known, and of the unknown, inside it."""

    scope: int | None
    known: int
    unknown: int
    simulated: int
    right: int
    at: tuple[AtTarget, ...]
    curve: list[dict[str, float]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fitted:
    """`signals`: how well each feature alone, and the model, tell right from wrong first products
    (area under the ROC curve, on the carriers).
    """

    right: ConfidenceModel
    known: ConfidenceModel | None
    unknown_below: float | None
    scopes: tuple[Scope, ...]
    signals: dict[str, float]


def fit_confidence(
    evidence: Evidence, scopes_of: Mapping[int, Sequence[int]], rules: Rules
) -> Fitted:
    """Fits the models on the training and the rules on the carriers.

    `scopes_of` names for a product the categories that it lies in, from its own upwards. A
    category's chance of failure is shared by all that are looked at, so that one of many does not
    pass by luck.

    Raises:
        ValueError: too little training.
    """
    share = rules.unknown_share
    observed = float((~evidence.carriers.is_known).mean()) if len(evidence.carriers) else 0.0
    right = right_model(evidence.training, observed if share is None else share)
    right = right.taught_by(evidence.taught)
    try:
        known: ConfidenceModel | None = known_model(evidence.training)
    except ValueError:
        known = None
    carriers = _Scored.of(evidence.carriers, right, scopes_of)
    simulated = _Scored.of(evidence.simulated, right, scopes_of)

    known_scores = known.scores(evidence.carriers.known().features) if known else np.empty(0)
    below = unknown_cut(known_scores, rules.unknown_rate)
    said_unknown = (
        known.scores(evidence.carriers.features) < below
        if known is not None and below is not None and len(evidence.carriers)
        else np.zeros(len(evidence.carriers), dtype=bool)
    )
    judged = _Judged(carriers, simulated, said_unknown)
    categories = carriers.scopes_with(LEAST_IN_SCOPE)
    fitted: list[Scope] = []
    thresholds: dict[int | None, list[float | None]] = {}
    for scope in [WHOLE, *categories]:
        failure = rules.failure if scope is WHOLE else rules.failure / len(categories)
        higher = _inherited(scope, carriers, thresholds, len(rules.targets))
        result, thresholds[scope] = _fit_scope(scope, judged, higher, rules, failure)
        fitted.append(result)
    return Fitted(right, known, below, tuple(fitted), _signals(evidence.carriers, right))


@dataclass(frozen=True, slots=True)
class _Judged:
    """Both kinds of evidence with their scores, and which carriers would be called unknown."""

    carriers: "_Scored"
    simulated: "_Scored"
    said_unknown: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Scored:
    examples: Examples
    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    gaps: NDArray[np.float64]
    all_gaps: list[NDArray[np.float64]]
    chains: list[Sequence[int]]

    @classmethod
    def of(
        cls, examples: Examples, model: ConfidenceModel, scopes_of: Mapping[int, Sequence[int]]
    ) -> "_Scored":
        scores = model.scores(examples.features, examples.first) if len(examples) else np.empty(0)
        return cls(
            examples, scores, examples.right, examples.is_known, examples.gaps,
            gaps_of(examples.ranked), [scopes_of.get(first, ()) for first in examples.first],
        )  # fmt: skip

    def inside(self, scope: int | None) -> NDArray[np.bool_]:
        return np.array([scope is WHOLE or scope in chain for chain in self.chains], dtype=bool)

    def scopes_with(self, least: int) -> list[int]:
        """Categories with so many photos, those above before those below."""
        counts: dict[int, int] = {}
        depth: dict[int, int] = {}
        for chain in self.chains:
            for at, scope in enumerate(reversed(chain)):
                counts[scope] = counts.get(scope, 0) + 1
                depth[scope] = at
        return sorted((s for s, n in counts.items() if n >= least), key=lambda s: (depth[s], s))


def _inherited(
    scope: int | None,
    carriers: _Scored,
    thresholds: Mapping[int | None, list[float | None]],
    targets: int,
) -> list[float | None]:
    """By target, the threshold of the nearest scope above that was looked at."""
    if scope is WHOLE:
        return [None] * targets
    chain = list(next(chain for chain in carriers.chains if scope in chain))
    higher = chain[chain.index(scope) + 1 :]
    return next((thresholds[each] for each in higher if each in thresholds), thresholds[WHOLE])


def _fit_scope(
    scope: int | None,
    judged: _Judged,
    higher: Sequence[float | None],
    rules: Rules,
    failure: float,
) -> tuple[Scope, list[float | None]]:
    """The scope's figures, and by target the threshold that is in force in it."""
    carriers, simulated = judged.carriers, judged.simulated
    inside, simulated_inside = carriers.inside(scope), simulated.inside(scope)
    sample = _sample(carriers, simulated, inside, simulated_inside, rules)
    known = inside & carriers.is_known
    unknown_scores = (
        carriers.scores[inside & ~carriers.is_known]
        if rules.unknown_share is None
        else sample.unknown_scores
    )
    at, thresholds = [], []
    for target, above in zip(rules.targets, higher, strict=True):
        choice = choose_threshold(sample, target, failure)
        outcome, threshold = _outcome(choice, above, sample, rules.failure)
        thresholds.append(threshold)
        accepted = known & (carriers.scores > threshold) if threshold is not None else known & False
        rest = known & ~accepted & ~judged.said_unknown
        at.append(
            AtTarget(
                choice=choice,
                outcome=outcome,
                coverage=float(accepted.sum() / known.sum()) if known.any() else None,
                false_accepts=_share_above(unknown_scores, threshold),
                sets=_sets(carriers, rest, rules.set_rate),
            )
        )
    result = Scope(
        scope=scope,
        known=int(known.sum()),
        unknown=int((inside & ~carriers.is_known).sum()),
        simulated=int(simulated_inside.sum()),
        right=int((known & carriers.right).sum()),
        at=tuple(at),
        curve=_curve(sample, failure),
    )
    return result, thresholds


def _sample(
    carriers: _Scored,
    simulated: _Scored,
    inside: NDArray[np.bool_],
    simulated_inside: NDArray[np.bool_],
    rules: Rules,
) -> Sample:
    """Both kinds as they came, or the known with the unknown that stand for a stated share."""
    if rules.unknown_share is None:
        return Sample(
            carriers.scores[inside], ~carriers.right[inside], len(carriers.scores),
            np.empty(0), 0, None,
        )  # fmt: skip
    known, real = carriers.is_known, ~carriers.is_known
    # Real unknown photos, where there are as many as of those that are only as if.
    use_real = int(real.sum()) >= max(int(known.sum()), 1)
    pool, chosen = (
        (carriers, real) if use_real else (simulated, np.ones(len(simulated.scores), bool))
    )
    within = inside if use_real else simulated_inside
    return Sample(
        carriers.scores[inside & known],
        ~carriers.right[inside & known],
        int(known.sum()),
        pool.scores[chosen & within],
        int(chosen.sum()),
        rules.unknown_share,
    )


def _outcome(
    choice: Choice, higher: float | None, sample: Sample, failure: float
) -> tuple[str, float | None]:
    if choice.threshold is not None:
        return "own", choice.threshold
    if higher is None:
        return "none", None
    accepted = sample.scores > higher
    wrong, number = int(sample.wrong[accepted].sum()), int(accepted.sum())
    if float(lower_bound(wrong, number, failure)) > choice.target:
        return "withheld", None
    return "above", higher


def _share_above(scores: NDArray[np.float64], threshold: float | None) -> float | None:
    if not len(scores):
        return None
    return 0.0 if threshold is None else float((scores > threshold).mean())


def _sets(carriers: _Scored, rest: NDArray[np.bool_], rate: float) -> SetRule | None:
    places = np.flatnonzero(rest)
    if len(places) < _LEAST_FOR_SETS:
        return None
    return set_rule(carriers.gaps[places], [carriers.all_gaps[at] for at in places], rate)


def _curve(sample: Sample, failure: float) -> list[dict[str, float]]:
    """Error against coverage, from the strictest threshold to none; `bound` holds at each point by
    itself.
    """
    order = np.argsort(-sample.scores, kind="stable")
    scores, wrong = sample.scores[order], np.cumsum(sample.wrong[order])
    if not len(scores):
        return []
    places = np.unique(np.linspace(1, len(scores), _CURVE_POINTS).astype(int))
    errors = wrong[places - 1] / places
    bounds = upper_bound(wrong[places - 1], places, failure)
    if sample.unknown_share is not None:
        taken = accepted_of(sample.unknown_scores, scores[places - 1])
        unknown = taken / max(sample.unknown_total, 1)
        known = places / max(sample.total, 1)
        errors = combined(errors, unknown, known, sample.unknown_share)
        bounds = combined(
            bounds,
            upper_bound(taken, np.full_like(taken, sample.unknown_total), failure),
            known,
            sample.unknown_share,
        )
    return [
        {
            "threshold": round(float(scores[place - 1]), 6),
            "accepted": int(place),
            "share": round(float(place / len(scores)), 4),
            "error": round(float(error), 4),
            "bound": round(float(bound), 4),
        }
        for place, error, bound in zip(places, errors, bounds, strict=True)
    ]


def _signals(carriers: Examples, model: ConfidenceModel) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    right = carriers.right
    if len(set(right.tolist())) < 2:
        return {}
    values = carriers.features
    signals = {
        # Near is good; of all the others, much is good.
        name: float(roc_auc_score(right, -values[:, at] if name == "nearest" else values[:, at]))
        for at, name in enumerate(FEATURES)
    }
    signals["all together"] = float(roc_auc_score(right, model.scores(values, carriers.first)))
    return signals
