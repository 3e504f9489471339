"""Tries every way to see this catalogue on photos that were held out, and proposes one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recognition.adapters import RECIPES, Adapter, Recipe, fit_adapter
from recognition.calibrating import Labelled
from recognition.encoders import parse_key
from recognition.loaded import encoder_for
from recognition.models import Encoder, EncoderAdapter
from recognition.tuning.candidates import VIEWS, Candidate
from recognition.tuning.choosing import Proposal, propose
from recognition.tuning.gathering import Sample, gather
from recognition.tuning.trials import Photos, Trial, run_trials, steps

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was tried and found; `adapter` is what the proposal needs, learned from all photos."""

    encoder: Encoder
    network: str
    sample: Sample
    trials: list[Trial]
    proposal: Proposal
    adapter: Adapter | None


def tune(
    encoder: Encoder,
    *,
    labelled: Labelled | None = None,
    on_progress: Progress = lambda _what, _done, _total: None,
) -> Tuning:
    """Tries the network of an encoder with all views, adapters and scorings. Changes nothing.

    Raises:
        ValidationError: a labelled photo is none that this site accepts.
        EncoderError: the encoder cannot be used.
    """
    network = encoder_for(str(parse_key(encoder.key).base))
    present = candidate_of(encoder)
    views = list(dict.fromkeys([*VIEWS, present.views]))
    recipes = list(dict.fromkeys([*RECIPES, *([present.recipe] if present.recipe else [])]))
    counter = _Counter("looking", on_progress)
    photos, asked, sample = gather(
        network, views, labelled=labelled, begin=counter.begin, advance=counter.advance
    )
    counter = _Counter("trying", on_progress)
    counter.begin(steps(views))
    trials = run_trials(photos, asked, advance=counter.advance, recipes=recipes)
    if not any(trial.candidate == present for trial in trials):
        # Its adapter can no longer be learned from this catalogue: held against the plain one.
        present = Candidate(present.views, None, present.scoring)
    proposal = propose(trials, present, single_share=sample.single_share)
    adapter = _learned(photos, proposal)
    return Tuning(encoder, network.key, sample, trials, proposal, adapter)


def candidate_of(encoder: Encoder) -> Candidate:
    """How an encoder sees, as a candidate among others."""
    kept = EncoderAdapter.objects.filter(encoder=encoder).values_list("recipe", flat=True).first()
    recipe = Recipe(kept["method"], kept["shrinkage"]) if kept else None
    return Candidate(parse_key(encoder.key).views, recipe, encoder.scoring)


def _learned(photos: Photos, proposal: Proposal) -> Adapter | None:
    recipe = proposal.chosen.recipe
    if proposal.verdict != "change" or recipe is None:
        return None
    vectors = np.asarray(photos.vectors[proposal.chosen.views])
    return fit_adapter(vectors, photos.products, recipe)


class _Counter:
    def __init__(self, what: str, tell: Progress) -> None:
        self._what, self._tell = what, tell
        self._done = self._total = 0

    def begin(self, total: int) -> None:
        self._total = total
        self._tell(self._what, 0, total)

    def advance(self) -> None:
        self._done += 1
        self._tell(self._what, self._done, self._total)
