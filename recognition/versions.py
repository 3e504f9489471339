"""Encoders as versions: which one is active, and how one comes to be."""

import logging
from typing import cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from recognition.encoders import PIXEL_KEY, EncoderChoice, Preference, choose, parse_key
from recognition.encoders.keys import EncoderKey
from recognition.loaded import encoder_for
from recognition.models import Encoder, EncoderActivation
from recognition.vector_index import ensure_index

logger = logging.getLogger(__name__)

# The value of RETAILVISION_ENCODER that the fast tests set.
ENCODER_PIXEL = "pixel"


class NoActiveEncoder(RuntimeError):
    """Nothing can be recognised before an encoder was settled."""

    def __init__(self) -> None:
        super().__init__("No encoder is active yet: run `manage.py embed` to set one up.")


def active_encoder() -> Encoder:
    """The encoder that answers.

    Raises:
        NoActiveEncoder: none was settled yet.
    """
    encoder = Encoder.objects.active()
    if encoder is None:
        raise NoActiveEncoder
    return encoder


def settle_encoder() -> Encoder:
    """The active encoder; on the first call the one that the settings ask for becomes it.

    `auto` decides here, once, and what it decided is written down: it never changes by itself.

    Raises:
        MissingWeights: the encoder that was asked for has no weights here; names the remedies.
    """
    active = Encoder.objects.active()
    if active is not None:
        return active
    choice = _choice()
    if choice.fallback_reason:
        logger.warning("Fallback encoder %s: %s", choice.key, choice.fallback_reason)
    try:
        with transaction.atomic():
            encoder = add_encoder(choice.key, fallback_reason=choice.fallback_reason)
            encoder.state = Encoder.State.ACTIVE
            encoder.activated_at = timezone.now()
            encoder.save(update_fields=["state", "activated_at"])
            EncoderActivation.objects.create(
                encoder=encoder, scoring=encoder.scoring, kind=EncoderActivation.Kind.FIRST
            )
    except IntegrityError:  # another process settled at the same moment
        return active_encoder()
    return encoder


def add_encoder(key: str, *, fallback_reason: str = "") -> Encoder:
    """The row and the index of an encoder; its vectors are filled in the background. What stands in
    for another encoder does so with any views.
    """
    network = parse_key(key).base
    instance = encoder_for(key)
    encoder, _created = Encoder.objects.get_or_create(
        key=key,
        defaults={
            "dimension": instance.dimension,
            "speaks_text": instance.speaks_text,
            "fallback_reason": fallback_reason or _stands_in(network),
        },
    )
    ensure_index(encoder)
    return encoder


def _stands_in(network: EncoderKey) -> str:
    """Why the network of a key is a fallback, if it is: its encoders here say so."""
    reasons = Encoder.objects.exclude(fallback_reason="").order_by("pk")
    for key, reason in reasons.values_list("key", "fallback_reason"):
        if parse_key(key).base == network:
            return reason
    return ""


def _choice() -> EncoderChoice:
    if settings.ENCODER == ENCODER_PIXEL:
        return EncoderChoice(key=PIXEL_KEY, fallback_reason="")
    preference = cast("Preference", settings.ENCODER)  # the settings allow no other
    return choose(preference, settings.CLIP_WEIGHTS)
