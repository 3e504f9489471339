"""What recognition stores: encoders, and a vector of every photo for each of them."""

from recognition.models.embedding import ImageEmbedding
from recognition.models.encoder import Encoder

__all__ = ["Encoder", "ImageEmbedding"]
