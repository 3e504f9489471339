"""What recognition stores: encoders, a vector of every photo for each of them, and sightings."""

from recognition.models.embedding import ImageEmbedding
from recognition.models.encoder import Encoder
from recognition.models.sighting import Sighting, SightingReview

__all__ = ["Encoder", "ImageEmbedding", "Sighting", "SightingReview"]
