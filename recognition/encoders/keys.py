"""Encoder keys: `library:architecture:weights[:views][:adapter-DIGEST]`.

A key names everything that decides what a vector means, so that two vectors may be compared
exactly when their keys are equal. The adapter always begins with `adapter-`; that is how a key of
four parts tells views from an adapter.
"""

import re
from dataclasses import dataclass, replace

from recognition.encoders.errors import UnknownEncoder

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*\Z")
_ADAPTER = "adapter-"
_DIGEST = "sha256-"


@dataclass(frozen=True)
class EncoderKey:
    """The parts of a key; `views` and `adapter` are empty for a plain encoder."""

    library: str
    architecture: str
    weights: str
    views: str = ""
    adapter: str = ""

    def __post_init__(self) -> None:
        optional = [part for part in (self.views, self.adapter) if part]
        for part in (self.library, self.architecture, self.weights, *optional):
            if not _PART.match(part):
                raise UnknownEncoder(f"{part!r} cannot be part of an encoder key.")
        if self.views.startswith(_ADAPTER):
            raise UnknownEncoder(f"Views may not be named like an adapter: {self.views!r}.")
        if self.adapter and not self.adapter.startswith(_ADAPTER):
            raise UnknownEncoder(f"An adapter begins with {_ADAPTER!r}: {self.adapter!r}.")

    def __str__(self) -> str:
        parts = (self.library, self.architecture, self.weights, self.views, self.adapter)
        return ":".join(part for part in parts if part)

    @property
    def base(self) -> "EncoderKey":
        """The same network without views and adapter."""
        return replace(self, views="", adapter="")

    @property
    def without_adapter(self) -> "EncoderKey":
        """The encoder that an adapted one has its vectors from."""
        return replace(self, adapter="")

    @property
    def is_plain(self) -> bool:
        return not (self.views or self.adapter)

    @property
    def file_digest(self) -> str:
        """First hex digits of the weights file's SHA-256, or empty when the weights have a name."""
        return self.weights.removeprefix(_DIGEST) if self.weights.startswith(_DIGEST) else ""


def parse_key(key: str) -> EncoderKey:
    """Text -> parts. Raises UnknownEncoder when it is no key."""
    parts = key.split(":")
    if not 3 <= len(parts) <= 5:
        raise UnknownEncoder(
            f"{key!r} is no encoder key; one looks like `open_clip:ViT-B-32:laion2b_s34b_b79k`."
        )
    library, architecture, weights, *rest = parts
    adapter = rest.pop() if rest and rest[-1].startswith(_ADAPTER) else ""
    if len(rest) > 1 or "" in rest:
        raise UnknownEncoder(f"{key!r} is no encoder key: too many parts, or an empty one.")
    return EncoderKey(library, architecture, weights, rest[0] if rest else "", adapter)


def digest_weights(hex_digest: str) -> str:
    """SHA-256 of a weights file -> the `weights` part that names it (12 hex digits, 48 bits)."""
    return f"{_DIGEST}{hex_digest[:12]}"


def adapter_part(digest: str) -> str:
    """Digest of an adapter -> the last part of the key of an encoder that it makes."""
    return f"{_ADAPTER}{digest}"
