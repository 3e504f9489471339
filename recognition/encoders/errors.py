"""What can go wrong with an encoder. Every message is a sentence for the person who can mend it."""


class EncoderError(Exception):
    """An encoder cannot do what was asked."""


class UnknownEncoder(EncoderError):
    """The key is malformed, or names an encoder that this site cannot build."""


class MissingWeights(EncoderError):
    """The weights are not on this machine and cannot be fetched; the message names the remedy."""


class WrongWeights(EncoderError):
    """A weights file is there, but it is damaged, foreign, or not the one that the key names."""


class TextNotSupported(EncoderError):
    """The encoder sees pictures only."""


class PatchesNotSupported(EncoderError):
    """The encoder gives one vector for a picture, and does not say what it sees where."""


class OutOfMemory(EncoderError):
    """One picture alone does not fit into memory. `index` is its place in the call, if known."""

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


class Busy(EncoderError):
    """Too many callers wait already; try again in a moment."""

    wait = 5
    """Seconds, as `Retry-After` says them."""
