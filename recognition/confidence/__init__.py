"""How sure an answer may be: measured on evidence, promised with a bound. No Django here."""

from recognition.confidence.conformal import SetRule, set_rule
from recognition.confidence.evidence import Evidence, Examples
from recognition.confidence.fit import Fitted, Rules, Scope, fit_confidence
from recognition.confidence.gallery import Gallery
from recognition.confidence.holding_out import held_out_meetings
from recognition.confidence.model import ConfidenceModel
from recognition.confidence.ranked import (
    FEATURES,
    Ranked,
    by_score,
    features,
    pooled_distances,
)
from recognition.confidence.teaching import teaching_and_carrying
from recognition.confidence.thresholds import Choice, Sample, choose_threshold

__all__ = [
    "FEATURES",
    "Choice",
    "ConfidenceModel",
    "Evidence",
    "Examples",
    "Fitted",
    "Gallery",
    "Ranked",
    "Rules",
    "Sample",
    "Scope",
    "SetRule",
    "by_score",
    "choose_threshold",
    "features",
    "fit_confidence",
    "held_out_meetings",
    "pooled_distances",
    "set_rule",
    "teaching_and_carrying",
]
