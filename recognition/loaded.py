"""The encoders of this process: built from settings, loaded at their first use, kept."""

from functools import cache
from threading import Lock

from django.conf import settings

from recognition.adapters import Adapter
from recognition.encoders import (
    AdaptedEncoder,
    Encoder,
    EncoderOptions,
    SharedBatch,
    UnknownEncoder,
    build_encoder,
    parse_key,
    with_views,
)
from recognition.models import EncoderAdapter

_lock = Lock()


def encoder_options() -> EncoderOptions:
    return EncoderOptions(
        device=settings.DEVICE,
        clip_weights=settings.CLIP_WEIGHTS,
        threads=settings.ENCODER_THREADS or None,
        batch_size=settings.ENCODER_BATCH_SIZE,
        allow_test_encoders=settings.ALLOW_TEST_ENCODERS,
    )


def encoder_for(key: str) -> Encoder:
    """The one instance for a key; nothing is loaded yet."""
    with _lock:
        return _build(key)


def shared_batch_for(key: str) -> SharedBatch:
    """The batch that concurrent searches with this encoder share."""
    encoder = encoder_for(key)
    with _lock:
        return _share(encoder)


def forget_encoders() -> None:
    """Drops every instance, so that changed settings count. For tests and the model switch."""
    with _lock:
        _build.cache_clear()
        _share.cache_clear()


@cache
def _build(key: str) -> Encoder:
    # What is made from another shares that other's network with everyone else who uses it.
    parts = parse_key(key)
    if parts.adapter:
        base = _build(str(parts.without_adapter))
        kept = EncoderAdapter.objects.filter(encoder__key=key).values_list("data", flat=True)
        data = kept.first()
        if data is None:
            raise UnknownEncoder(f"This site has no adapter for {key}.")
        return AdaptedEncoder(key, base, Adapter.from_bytes(bytes(data)))
    if parts.views:
        return with_views(key, _build(str(parts.base)))
    return build_encoder(key, encoder_options())


@cache
def _share(encoder: Encoder) -> SharedBatch:
    return SharedBatch(encoder, max_waiting=settings.SEARCH_MAX_WAITING)
