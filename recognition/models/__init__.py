"""What recognition stores: encoders, a vector of every photo for each of them, and sightings."""

from recognition.models.calibration import (
    CalibratedCatalogue,
    Calibration,
    CalibrationRun,
    CalibrationUse,
)
from recognition.models.embedding import ImageEmbedding
from recognition.models.encoder import Encoder, EncoderAdapter, Scoring
from recognition.models.encoder_switch import EncoderActivation, EncoderRehearsal
from recognition.models.encoder_tuning import EncoderTuning
from recognition.models.feature_map import POINT, FeatureMap
from recognition.models.finding import CatalogueCheck, Finding, PhotoDetail
from recognition.models.sighting import Sighting, SightingReview
from recognition.models.similarity_report import SimilarityReport

__all__ = [
    "POINT",
    "CalibratedCatalogue",
    "Calibration",
    "CalibrationRun",
    "CalibrationUse",
    "CatalogueCheck",
    "Encoder",
    "EncoderActivation",
    "EncoderAdapter",
    "EncoderRehearsal",
    "EncoderTuning",
    "FeatureMap",
    "Finding",
    "ImageEmbedding",
    "PhotoDetail",
    "Scoring",
    "Sighting",
    "SightingReview",
    "SimilarityReport",
]
