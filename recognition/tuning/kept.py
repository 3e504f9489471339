"""The last proposal, kept: it is taken without a second search while what it rests on is the same."""

import hashlib
import json

from django.db import transaction

from recognition.adapters import RECIPES, Adapter, Recipe
from recognition.calibrating import Labelled
from recognition.models import Encoder, EncoderTuning
from recognition.tuning.candidates import VIEWS, Candidate
from recognition.tuning.gathering import confirmed_sightings, photos_to_look_at
from recognition.tuning.installing import Proposed, origin_of
from recognition.tuning.report import as_data, as_text
from recognition.tuning.tune import Tuning


def digest_of_what_is_looked_at(encoder: Encoder, labelled: Labelled | None) -> str:
    """Equal exactly where a search would look at the same photos, in the same ways, from the same
    encoder.
    """
    rows, of = photos_to_look_at()
    looked_at = [
        encoder.key,
        encoder.scoring,
        VIEWS,
        [str(recipe) for recipe in RECIPES],
        of,
        [(photo.digest, photo.product_id, first) for photo, first in rows],
        [(each.pk, each.reviewed_product_id) for each in confirmed_sightings()],
        [(query.file, query.sku) for query in labelled.queries] if labelled else None,
    ]
    return hashlib.sha256(json.dumps(looked_at).encode()).hexdigest()


@transaction.atomic
def keep(tuning: Tuning, *, looked_at: str) -> EncoderTuning:
    """In place of the one before."""
    chosen, is_change = tuning.proposal.chosen, tuning.proposal.verdict == "change"
    EncoderTuning.objects.all().delete()
    return EncoderTuning.objects.create(
        encoder=tuning.encoder,
        looked_at=looked_at,
        is_change=is_change,
        proposal={
            "network": tuning.network,
            "views": chosen.views,
            "recipe": chosen.recipe.as_data() if chosen.recipe else None,
            "scoring": chosen.scoring,
            "origin": origin_of(tuning),
        },
        adapter=tuning.adapter.to_bytes() if tuning.adapter else None,
        text=as_text(tuning),
        figures=as_data(tuning),
    )


def kept(encoder: Encoder, labelled: Labelled | None) -> EncoderTuning | None:
    """The last search, if one now would look at the very same."""
    last = EncoderTuning.objects.select_related("encoder").filter(encoder=encoder).first()
    if last is None or last.looked_at != digest_of_what_is_looked_at(encoder, labelled):
        return None
    return last


def proposed(tuning: EncoderTuning) -> Proposed:
    """
    Raises:
        ValueError: it proposes to leave things as they are.
    """
    if not tuning.is_change:
        raise ValueError("There is nothing to install.")
    found = tuning.proposal
    recipe = Recipe(**found["recipe"]) if found["recipe"] else None
    return Proposed(
        encoder=tuning.encoder,
        network=found["network"],
        chosen=Candidate(found["views"], recipe, found["scoring"]),
        adapter=Adapter.from_bytes(bytes(tuning.adapter)) if tuning.adapter else None,
        origin=found["origin"],
    )
