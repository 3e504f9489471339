"""The verdict on an answer: match, look-alikes or unknown, with what was promised when it was said."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from products.models import Product
from recognition.calibrations import InForce, Rule, is_stale
from recognition.confidence import Ranked, features, pooled_distances
from recognition.findings.acting import inseparable_from
from recognition.ranking import SHORTLIST, category_chains

Kind = Literal["match", "lookalike", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer is worth.

    `confidence` is the model's, 0..1, and a match if above `threshold`; both are about the first
    product by photo in the whole catalogue. `error_bound` is the most that may be wrong among
    matches of `scope`, with 95 % confidence, for photos of the kind `measured_on`. `products` are
    the look-alikes, which hold the right product at `set_rate`; for a match it is that one product.
    """

    kind: Kind
    basis: Literal["photo", "barcode"] = "photo"
    confidence: float | None
    threshold: float | None
    scope: str
    target_error: float
    error_bound: float | None
    samples: int
    calibrated_at: datetime
    encoder: str
    calibration: int
    measured_on: str
    unknown_share: float | None
    stale: bool
    set_rate: float | None = None
    products: tuple[Product, ...] = field(default=(), repr=False)

    @property
    def product(self) -> Product | None:
        """The one that a match names."""
        return self.products[0] if self.kind == "match" and self.products else None


@dataclass(frozen=True, slots=True)
class _Said:
    kind: Kind
    rule: Rule
    sets: Rule | None = None
    confidence: float | None = None
    shown: Sequence[int] = ()
    by_barcode: bool = False


def verdict_on(
    rules: InForce, met: Ranked, barcode_product: Product | None = None
) -> Verdict | None:
    """The verdict on what a photo met in the whole catalogue, by the rules that are in force for its
    encoder; None while nothing is calibrated.

    A barcode that was read in the photo is exact: with the first product it makes a match, against
    it look-alikes, between which a person decides; where the photo met nothing, or looks like nothing
    here, it decides. Without one, a match becomes look-alikes where staff accepted that photos do not
    tell the product from another.
    """
    if not rules:
        return None
    if met.first is None:
        return _on_nothing(rules, barcode_product)
    serving = _serving(rules, met.first)
    if not serving:
        return None  # only other categories are calibrated
    accepting = _accepting(serving)
    nearest = accepting or serving[-1]
    numbers = features(met)[None]
    confidence = float(nearest.right.scores(numbers, [met.first])[0])
    sets = next((rule for rule in serving if rule.calibration.set_gap is not None), None)
    threshold = accepting.calibration.threshold if accepting else None

    kind: Kind
    shown: Sequence[int]
    if threshold is not None and confidence > threshold:
        kind, shown = "match", [met.first]
    elif _looks_unknown(nearest, numbers):
        kind, shown = "unknown", []
    else:
        kind, shown = "lookalike", _lookalikes(sets, met)
    like = inseparable_from([met.first])[met.first] if kind == "match" else set()
    if like and barcode_product is None:
        # People said that no photo tells these apart: however sure, it is not enough.
        kind, shown, sets = "lookalike", [met.first, *sorted(like)], None
    if barcode_product is not None:
        # A photo that looks like nothing here, as of a barcode alone, does not speak against it.
        agrees = barcode_product.pk == met.first or kind == "unknown"
        kind = "match" if agrees else "lookalike"
        others = [pk for pk in (shown or [met.first]) if pk != barcode_product.pk]
        shown = [barcode_product.pk, *([] if agrees else others)]
    by_barcode = barcode_product is not None
    return _verdict(_Said(kind, nearest, sets, confidence, shown, by_barcode))


def verdict_on_set(
    each: Sequence[Verdict | None], ranking: Sequence[int], named: Sequence[Product] = ()
) -> Verdict | None:
    """The verdict on several photos of one thing, from the verdicts on each of them; `ranking`: the
    products that they met together, `named`: those of barcodes that were read.

    What was measured is of single photos, and no confidence of several together ever was. So nothing
    new is computed: all photos must agree. It is a match where each by itself is a match of the same
    product, with the figures of the least sure one; unknown where each by itself is unknown; anything
    else are look-alikes, whose rate is not promised. Of the things that are asked about, at most as
    many are then called a wrong match as by any one of their photos. That the share among the matches
    is kept as well rests on this: further photos agree at least as often with a right match as with
    a wrong one (docs/explanation/life-of-a-query.md).
    """
    verdicts = [verdict for verdict in each if verdict is not None]
    if not verdicts or len(verdicts) < len(each):
        return None  # a photo of which nothing is known speaks for nothing
    weakest = min(verdicts, key=lambda verdict: verdict.confidence or 0.0)
    barcodes = list({product.pk: product for product in named}.values())
    shown = {product.pk: product for verdict in verdicts for product in verdict.products}
    kinds = {verdict.kind for verdict in verdicts}

    kind: Kind = "lookalike"
    if kinds == {"unknown"}:
        kind = "unknown"
    elif kinds == {"match"} and len(shown) == 1:
        kind = "match"
    if kind == "lookalike" or barcodes:
        # The first of the answer is always among them: people see it.
        missing = [pk for pk in ranking[:1] if pk not in shown]
        shown |= Product.objects.in_bulk(missing)
    if barcodes:
        kind = "match" if [each.pk for each in barcodes] == list(ranking[:1]) else "lookalike"
        shown = {} if kind == "match" else shown
    place = {pk: at for at, pk in enumerate(ranking)}
    others = sorted(shown.values(), key=lambda product: place.get(product.pk, len(place)))
    by_code = {product.pk for product in barcodes}
    return replace(
        weakest,
        kind=kind,
        basis="barcode" if barcodes else "photo",
        set_rate=None,
        products=(*barcodes, *(product for product in others if product.pk not in by_code)),
    )


def _on_nothing(rules: InForce, barcode_product: Product | None) -> Verdict | None:
    """Where no photo could be met: the barcode alone has the word."""
    if barcode_product is None:
        return _verdict(_Said("unknown", next(iter(rules.values()))))
    serving = _serving(rules, barcode_product.pk)
    if not serving:
        return None
    rule = _accepting(serving) or serving[-1]
    return _verdict(_Said("match", rule, shown=[barcode_product.pk], by_barcode=True))


def _serving(rules: InForce, product: int) -> list[Rule]:
    """The rules for the categories of a product, its own first, the whole catalogue last."""
    chain = [*category_chains([product]).get(product, ()), None]
    return [rules[scope] for scope in chain if scope in rules]


def _accepting(serving: Sequence[Rule]) -> Rule | None:
    """The nearest scope with a threshold, unless one before it withholds."""
    for rule in serving:
        if rule.calibration.outcome == "own":
            return rule
        if rule.calibration.outcome == "withheld":
            return None
    return None


def _looks_unknown(rule: Rule, numbers: NDArray[np.float64]) -> bool:
    if rule.known is None or rule.unknown_below is None:
        return False
    return float(rule.known.scores(numbers)[0]) < rule.unknown_below


def _lookalikes(rule: Rule | None, met: Ranked) -> list[int]:
    """Best first, by pooled distance; all that were looked at, where no set could be promised."""
    short = met.short(SHORTLIST)
    pooled = pooled_distances(short)
    gap = rule.calibration.set_gap if rule else None
    order = [int(at) for at in np.argsort(pooled, kind="stable")]
    inside = [at for at in order if gap is None or pooled[at] - pooled.min() <= gap]
    shown = [short.products[at] for at in inside]
    # The first of the answer is always among them: people see it.
    return shown if short.products[0] in shown else [short.products[0], *shown]


def _verdict(said: _Said) -> Verdict:
    calibration, run = said.rule.calibration, said.rule.calibration.run
    products = Product.objects.in_bulk(said.shown)
    promised = said.sets.calibration.set_rate if said.sets else None
    return Verdict(
        kind=said.kind,
        basis="barcode" if said.by_barcode else "photo",
        confidence=said.confidence,
        threshold=calibration.threshold,
        scope=calibration.scope,
        target_error=calibration.target_error,
        error_bound=calibration.error_bound,
        samples=calibration.samples,
        calibrated_at=run.created_at,
        encoder=run.encoder.key,
        calibration=calibration.pk,
        measured_on=run.kind,
        unknown_share=run.unknown_share,
        stale=is_stale(run),
        set_rate=promised if said.kind == "lookalike" and not said.by_barcode else None,
        products=tuple(products[pk] for pk in said.shown if pk in products),
    )
