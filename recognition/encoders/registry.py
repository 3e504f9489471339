"""From a key to an encoder. Nothing here imports a network library; that happens on first use."""

from recognition.encoders.base import Encoder, EncoderOptions
from recognition.encoders.clip_keys import CLIP_KEY, CLIP_LIBRARY, clip_key
from recognition.encoders.errors import UnknownEncoder
from recognition.encoders.keys import parse_key
from recognition.encoders.open_clip_encoder import OpenClipEncoder
from recognition.encoders.packaged import PACKAGED_KEY, PackagedEncoder
from recognition.encoders.pixel import PIXEL_KEY, PixelEncoder
from recognition.encoders.views import ViewsEncoder

__all__ = ["CLIP_KEY", "PACKAGED_KEY", "PIXEL_KEY", "build_encoder", "clip_key"]


def build_encoder(key: str, options: EncoderOptions) -> Encoder:
    """The encoder that a key names: free, and usable in any thread; it loads on first use.

    An adapter is put around its base by whoever holds it. Raises UnknownEncoder.
    """
    parts = parse_key(key)
    if parts.adapter:
        raise UnknownEncoder(
            f"{key} is made from {parts.without_adapter} by an adapter; build that one instead."
        )
    if parts.views:
        return with_views(key, build_encoder(str(parts.base), options))
    if parts.library == CLIP_LIBRARY:
        return OpenClipEncoder(parts, options)
    if key == PACKAGED_KEY:
        return PackagedEncoder(options)
    if key == PIXEL_KEY:
        if not options.allow_test_encoders:
            raise UnknownEncoder(f"{key} exists for tests only, and this site does not allow it.")
        return PixelEncoder()
    raise UnknownEncoder(
        f"This site has no encoder {key!r}; it can build open_clip:ARCHITECTURE:TAG "
        f"(such as {CLIP_KEY}) and {PACKAGED_KEY}."
    )


def with_views(key: str, base: Encoder) -> Encoder:
    """The encoder of a key with views, around one that exists. Raises UnknownEncoder."""
    return ViewsEncoder(key, base, parse_key(key).views)
