"""From a proposal to an encoder beside the others; nothing is activated here."""

from typing import Any

from recognition.adapting import add_adapted
from recognition.encoders import parse_key
from recognition.encoders.keys import EncoderKey
from recognition.models import Encoder, Scoring
from recognition.switching.adding import add_encoder
from recognition.tuning.choosing import figures
from recognition.tuning.tune import Tuning


def install(tuning: Tuning) -> Encoder:
    """The encoder that a tuning proposes, building until its vectors are filled. Its scoring is set
    when it is activated, where the same encoder serves with another one now.

    Raises:
        ValueError: it proposes to leave things as they are.
        EncoderError: the encoder cannot be had here.
    """
    proposal = tuning.proposal
    if proposal.verdict != "change":
        raise ValueError("There is nothing to install.")
    plain = parse_key(tuning.network)
    base_key = str(
        EncoderKey(plain.library, plain.architecture, plain.weights, proposal.chosen.views)
    )
    base = Encoder.objects.filter(key=base_key).exclude(state=Encoder.State.RETIRED).first()
    if base is None:
        base = add_encoder(base_key, fallback_reason=tuning.encoder.fallback_reason)
    if proposal.chosen.recipe is None or tuning.adapter is None:
        return base
    return add_adapted(
        base=base,
        adapter=tuning.adapter,
        recipe=proposal.chosen.recipe.as_data(),
        scoring=Scoring(proposal.chosen.scoring),
        origin=origin_of(tuning),
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
