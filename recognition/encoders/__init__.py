"""Encoders: pictures and words to vectors. Knows no Django; imports torch only when one loads.

How to add one: subclass `Encoder` (or `TorchEncoder`) in a module of its own that imports its
library inside `_load_network`, give it a key that names everything that decides its vectors, build
it in `registry.build_encoder`, and test it through its real loading path.
"""

from recognition.encoders.adapted import AdaptedEncoder
from recognition.encoders.base import Encoder, EncoderOptions, Vectors
from recognition.encoders.errors import (
    Busy,
    EncoderError,
    MissingWeights,
    OutOfMemory,
    PatchesNotSupported,
    TextNotSupported,
    UnknownEncoder,
    WrongWeights,
)
from recognition.encoders.halving import encode_in_batches, is_out_of_memory
from recognition.encoders.hub import (
    EncoderChoice,
    Preference,
    choose,
    hub_reachable,
    weights_at_hand,
)
from recognition.encoders.keys import EncoderKey, adapter_part, parse_key
from recognition.encoders.patches import Patches
from recognition.encoders.registry import (
    CLIP_KEY,
    PACKAGED_KEY,
    PIXEL_KEY,
    build_encoder,
    clip_key,
    with_views,
)
from recognition.encoders.shared_batch import SharedBatch
from recognition.encoders.views import ViewsEncoder, passes, view_names

__all__ = [
    "CLIP_KEY",
    "PACKAGED_KEY",
    "PIXEL_KEY",
    "AdaptedEncoder",
    "Busy",
    "Encoder",
    "EncoderChoice",
    "EncoderError",
    "EncoderKey",
    "EncoderOptions",
    "MissingWeights",
    "OutOfMemory",
    "Patches",
    "PatchesNotSupported",
    "Preference",
    "SharedBatch",
    "TextNotSupported",
    "UnknownEncoder",
    "Vectors",
    "ViewsEncoder",
    "WrongWeights",
    "adapter_part",
    "build_encoder",
    "choose",
    "clip_key",
    "encode_in_batches",
    "hub_reachable",
    "is_out_of_memory",
    "parse_key",
    "passes",
    "view_names",
    "weights_at_hand",
    "with_views",
]
