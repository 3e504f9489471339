"""From a proposal to an encoder beside the others; nothing is activated here."""

from dataclasses import dataclass
from typing import Any

from recognition.adapters import Adapter
from recognition.adapting import add_adapted
from recognition.encoders import parse_key
from recognition.encoders.keys import EncoderKey
from recognition.models import Encoder, Scoring
from recognition.switching.adding import add_encoder
from recognition.tuning.candidates import Candidate
from recognition.tuning.choosing import figures
from recognition.tuning.tune import Tuning


@dataclass(frozen=True, slots=True)
class Proposed:
    """An encoder that is proposed: a network, how it sees, and what the adapter needs. `encoder` is
    the one that answered when it was found.
    """

    encoder: Encoder
    network: str
    chosen: Candidate
    adapter: Adapter | None
    origin: dict[str, Any]


def install(proposed: Proposed) -> Encoder:
    """The encoder that is proposed, building until its vectors are filled. Its scoring is set when it
    is activated, where the same encoder serves with another one now.

    Raises:
        EncoderError: the encoder cannot be had here.
    """
    chosen, plain = proposed.chosen, parse_key(proposed.network)
    base_key = str(EncoderKey(plain.library, plain.architecture, plain.weights, chosen.views))
    base = Encoder.objects.filter(key=base_key).exclude(state=Encoder.State.RETIRED).first()
    if base is None:
        base = add_encoder(base_key, fallback_reason=proposed.encoder.fallback_reason)
    if chosen.recipe is None or proposed.adapter is None:
        return base
    return add_adapted(
        base=base,
        adapter=proposed.adapter,
        recipe=chosen.recipe.as_data(),
        scoring=Scoring(chosen.scoring),
        origin=proposed.origin,
    )


def origin_of(tuning: Tuning) -> dict[str, Any]:
    """What the proposal rests on, to be kept with the encoder."""
    proposal = tuning.proposal
    chosen = next(each for each in tuning.trials if each.candidate == proposal.chosen)
    present = next(each for each in tuning.trials if each.candidate == proposal.present)
    return {
        "measured_on": proposal.measured_on,
        "gain": round(proposal.gain, 4),
        "standard_error": round(proposal.error, 4),
        "photos": tuning.sample.photos,
        "of": tuning.sample.of,
        "confirmed": tuning.sample.confirmed,
        "labelled": tuning.sample.labelled,
        "top1": {
            "proposed": figures(chosen.several).top1,
            "present": figures(present.several).top1,
        },
    }
