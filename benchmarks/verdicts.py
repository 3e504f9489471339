"""How well verdicts keep their promise on labelled real photos: 20 random halves each.

Calibrated on one half, judged on the other, with the packaged encoder: what the nearest photo, the
margin, and all signals together bring, each on the whole photo, on whole + centre + tight crops, and
as `encoder tune` proposes from the catalogue alone.
A half that finds no threshold keeps no promise: it is counted by itself. The peer, in the same run,
is the flat cut-off that is right on the first half, without a bound.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import pack
from recognition.adapters import fit_adapter
from recognition.confidence import (
    Evidence,
    Examples,
    Fitted,
    Gallery,
    Ranked,
    Rules,
    fit_confidence,
    held_out_meetings,
    scoring,
    teaching_and_carrying,
)
from recognition.confidence.evidence import gaps_of
from recognition.confidence.ranked import FEATURES
from recognition.tuning.candidates import VIEWS, Candidate
from recognition.tuning.choosing import propose
from recognition.tuning.trials import Photos, run_trials

SPLITS, TARGETS, SHORTLIST = 20, (0.1, 0.05), 20
SETS = [
    ("open", "catalogue_known.csv", "queries_open.csv"),
    ("closed", "catalogue_full.csv", "queries.csv"),
]
PRESENT = Candidate("", None, scoring.NEAREST)
POOLED = Candidate("whole+centre+tight", None, scoring.NEAREST)
SIGNALS: dict[str, Sequence[str]] = {
    "nearest alone": ["nearest"],
    "nearest, margin": ["nearest", "margin"],
    "and agreement": ["nearest", "margin", "relative margin", "agreement"],
    "six, by photo": FEATURES[:6],
    "all": FEATURES,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Of the second half. `wrong` among `matches`; `covered` of the known; `held` of look-alikes."""

    matches: int
    wrong: int
    covered: float
    held: float
    size: float


def main() -> None:
    for name, catalogue_file, queries_file in SETS:
        shop, asked_with = pack.catalogue(catalogue_file), pack.queries(queries_file)
        files = [*shop.files, *(file for file, _sku in asked_with)]
        vectors = pack.vectors(files, VIEWS)
        tuned = tuned_on(shop, vectors)
        for candidate in dict.fromkeys([PRESENT, POOLED, tuned]):
            training, asked = gather(shop, asked_with, vectors[candidate.views], candidate)
            chains = chains_of(shop)
            top1 = float(asked.right[asked.is_known].mean())
            label = f"{candidate}{' (tuned)' if candidate == tuned else ''}"
            print(f"\n{name}, {label}: {len(asked)} photos, first product right {top1:.3f}")
            for signals_label, signals in SIGNALS.items():
                report(signals_label, only(training, signals), only(asked, signals), chains)
            flat_cut(asked)
            on_catalogue_photos(training, asked)


def tuned_on(shop: pack.Catalogue, vectors: pack.ByView) -> Candidate:
    """What `encoder tune` proposes; it is shown the catalogue only."""
    first = np.zeros(len(shop.files), dtype=bool)
    first[np.unique(shop.products, return_index=True)[1]] = True
    views = {
        view: np.stack([found[file] for file in shop.files]) for view, found in vectors.items()
    }
    photos = Photos(views, shop.products, first, np.ones(len(first), dtype=bool))
    single = float((np.bincount(shop.products) == 1).mean())
    return propose(run_trials(photos), PRESENT, single_share=single).chosen


def gather(
    shop: pack.Catalogue,
    asked_with: list[tuple[str, str]],
    vectors: dict[str, NDArray[np.float32]],
    candidate: Candidate,
) -> tuple[Examples, Examples]:
    """Photos of the catalogue, each held out of the gallery and of the adapter, and those that were
    asked with.
    """
    training, examples = Examples(), Examples()
    base = np.stack([vectors[file] for file in shop.files])
    queries = np.stack([vectors[file] for file, _sku in asked_with])
    if candidate.recipe is None:
        met = _each_without_itself(base, shop.products, candidate.scoring)
        gallery = Gallery(base, shop.products.tolist())
    else:
        met = list(
            held_out_meetings(
                base, shop.products, candidate.recipe, candidate.scoring, SHORTLIST + 1
            )
        )
        adapter = fit_adapter(base, shop.products, candidate.recipe)
        gallery = Gallery(adapter.apply(base), shop.products.tolist())
        queries = adapter.apply(queries)
    for place, ranked in met:
        product = int(shop.products[place])
        training.add(ranked.short(SHORTLIST), product)
        training.add(ranked.without(product).short(SHORTLIST), None)
    for (_file, sku), query in zip(asked_with, queries, strict=True):
        ranked = gallery.meet(query, candidate.scoring, SHORTLIST + 1)
        examples.add(ranked, shop.skus.index(sku) if sku else None)
    return training, examples


def _each_without_itself(
    vectors: NDArray[np.float32], products: NDArray[np.int64], way: str
) -> list[tuple[int, Ranked]]:
    found = []
    for place in range(len(vectors)):
        others = np.arange(len(vectors)) != place
        gallery = Gallery(vectors[others], products[others].tolist())
        found.append((place, gallery.meet(vectors[place], way, SHORTLIST + 1)))
    return found


def chains_of(shop: pack.Catalogue) -> dict[int, list[int]]:
    paths = [shop.categories[sku].split("/") for sku in shop.skus]
    names = sorted({"/".join(path[:end]) for path in paths for end in range(1, len(path) + 1)})
    return {
        at: [names.index("/".join(path[:end])) for end in range(len(path), 0, -1)]
        for at, path in enumerate(paths)
    }


def divided(training: Examples, asked: Examples, seed: int) -> Evidence:
    """As `calibrate` divides photos that were asked with."""
    teaching, carriers = teaching_and_carrying(asked, seed)
    taught = training.chosen(range(len(training)))
    taught.extend(teaching)
    return Evidence(taught, carriers, carriers.as_unknown(), teaching)


class _Only(Examples):
    """Examples of which some signals are hidden: the model learns nothing from a constant."""

    def __init__(self, examples: Examples, hidden: list[int]) -> None:
        super().__init__(examples.ranked, examples.truth, examples.weight)
        self.hidden = hidden

    @property
    def features(self) -> NDArray[np.float64]:
        values = super().features
        values[:, self.hidden] = 0.0
        return values

    def chosen(self, places: Iterable[int]) -> Examples:
        return _Only(super().chosen(places), self.hidden)

    def as_unknown(self) -> Examples:
        return _Only(super().as_unknown(), self.hidden)


def only(examples: Examples, signals: Sequence[str]) -> Examples:
    return _Only(examples, [at for at, name in enumerate(FEATURES) if name not in signals])


def report(label: str, training: Examples, asked: Examples, chains: dict[int, list[int]]) -> None:
    found: dict[float, list[Judged | None]] = {target: [] for target in TARGETS}
    needed: dict[float, list[int]] = {target: [] for target in TARGETS}
    for seed in range(SPLITS):
        order = np.random.default_rng(seed).permutation(len(asked))
        half = len(order) // 2
        first, second = asked.chosen(order[:half].tolist()), asked.chosen(order[half:].tolist())
        evidence = divided(training, first, seed)
        fitted = fit_confidence(evidence, chains, Rules(targets=TARGETS))
        for place, target in enumerate(TARGETS):
            found[target].append(judge(fitted, place, second, chains))
            wanted = fitted.scopes[0].at[place].choice.needed
            if wanted is not None:
                needed[target].append(wanted)
    for target, all_judged in found.items():
        judged = [each for each in all_judged if each is not None and each.matches]
        held = sum(each.wrong <= target * each.matches for each in judged)
        sets = [each for each in all_judged if each is not None]
        matches = sum(each.matches for each in judged)
        wrong = sum(each.wrong for each in judged)
        line = (
            f"  {label:16} {target:4.0%}: held {held}, broken {len(judged) - held},"
            f" no threshold {SPLITS - len(judged)} of {SPLITS}"
        )
        if judged:
            line += (
                f"; wrong {wrong / matches:.3f},"
                f" coverage {np.mean([each.covered for each in judged]):.3f}"
            )
        if needed[target]:
            line += f"; would need about {int(np.median(needed[target]))} photos"
        line += (
            f"; look-alikes hold {np.mean([each.held for each in sets]):.3f} of .95,"
            f" median {np.median([each.size for each in sets]):.0f}"
        )
        print(line)


def judge(fitted: Fitted, place: int, asked: Examples, chains: dict[int, list[int]]) -> Judged:
    scopes = {scope.scope: scope.at[place] for scope in fitted.scopes}
    scores = fitted.right.scores(asked.features, asked.first)
    known_scores = fitted.known.scores(asked.features) if fitted.known else None
    gaps, all_gaps, right, known = asked.gaps, gaps_of(asked.ranked), asked.right, asked.is_known
    matches = wrong = covered = 0
    held, sizes = [], []
    for at, first in enumerate(asked.first):
        serving = [scopes[each] for each in [*chains[first], None] if each in scopes]
        deciding = next((each for each in serving if each.outcome in {"own", "withheld"}), None)
        threshold = deciding.choice.threshold if deciding else None
        sets = next((each.sets for each in serving if each.sets is not None), None)
        if threshold is not None and scores[at] > threshold:
            matches += 1
            wrong += not right[at]
            covered += bool(known[at])
        elif (
            known_scores is not None
            and fitted.unknown_below is not None
            and known_scores[at] < fitted.unknown_below
        ):
            continue
        elif known[at] and sets is not None:
            held.append(gaps[at] <= sets.gap)
            sizes.append(int((all_gaps[at] <= sets.gap).sum()))
    return Judged(
        matches, wrong, covered / max(int(known.sum()), 1),
        float(np.mean(held)) if held else float("nan"),
        float(np.median(sizes)) if sizes else float("nan"),
    )  # fmt: skip


def flat_cut(asked: Examples) -> None:
    """The peer: the nearest distance below which the first half was right often enough."""
    nearest, right = asked.features[:, 0], asked.right
    for target in TARGETS:
        held = broken = 0
        for seed in range(SPLITS):
            order = np.random.default_rng(seed).permutation(len(asked))
            first, second = order[: len(order) // 2], order[len(order) // 2 :]
            by_distance = first[np.argsort(nearest[first])]
            errors = np.cumsum(~right[by_distance]) / np.arange(1, len(by_distance) + 1)
            good = np.flatnonzero(errors <= target)
            if not len(good):
                continue
            cut = nearest[by_distance[good[-1]]]
            accepted = second[nearest[second] <= cut]
            error = float((~right[accepted]).mean()) if len(accepted) else 0.0
            held, broken = held + (error <= target), broken + (error > target)
        print(
            f"  flat cut, peer   {target:4.0%}: held {held}, broken {broken},"
            f" no threshold {SPLITS - held - broken} of {SPLITS}"
        )


def on_catalogue_photos(training: Examples, asked: Examples) -> None:
    """What a calibration on the catalogue's own photos promises, and what becomes of it."""
    products = [truth for truth in training.truth if truth is not None]
    for target in TARGETS:
        errors, coverage, none = [], [], 0
        for seed in range(SPLITS):
            chosen = np.random.default_rng(seed).permutation(max(products) + 1)
            first = set(chosen[: len(chosen) // 2].tolist())
            pairs = list(range(0, len(training), 2))  # each known one is followed by its removal
            teach = [at for at in pairs if training.truth[at] in first]
            carry = [at for at in pairs if training.truth[at] not in first]
            evidence = Evidence(
                training.chosen([*teach, *(at + 1 for at in teach)]),
                training.chosen(carry),
                training.chosen([at + 1 for at in carry]),
            )
            fitted = fit_confidence(evidence, {}, Rules(targets=(target,), unknown_share=0.1))
            threshold = fitted.scopes[0].at[0].choice.threshold
            if threshold is None:
                none += 1
                continue
            accepted = fitted.right.scores(asked.features, asked.first) > threshold
            errors.append(float((~asked.right[accepted]).mean()) if accepted.any() else 0.0)
            coverage.append(float(accepted[asked.is_known].mean()))
        said = (
            f"wrong {np.mean(errors):.3f} (worst {max(errors):.3f}), coverage {np.mean(coverage):.3f}"
            if errors
            else "-"
        )
        print(
            f"  catalogue photos {target:4.0%}: no threshold {none} of {SPLITS};"
            f" on photos that were asked with: {said}"
        )
