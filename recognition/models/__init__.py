"""What recognition stores: encoders, a vector of every photo for each of them, and sightings."""

from recognition.models.calibration import Calibration, CalibrationRun, CalibrationUse
from recognition.models.embedding import ImageEmbedding
from recognition.models.encoder import Encoder
from recognition.models.sighting import Sighting, SightingReview

__all__ = [
    "Calibration",
    "CalibrationRun",
    "CalibrationUse",
    "Encoder",
    "ImageEmbedding",
    "Sighting",
    "SightingReview",
]
