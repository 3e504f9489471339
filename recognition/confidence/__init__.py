"""How sure an answer may be: measured on evidence, promised with a bound. No Django here."""

from recognition.confidence.conformal import SetRule, set_rule
from recognition.confidence.evidence import Evidence, Examples
from recognition.confidence.fit import Fitted, Rules, Scope, fit_confidence
from recognition.confidence.model import ConfidenceModel
from recognition.confidence.ranked import FEATURES, Ranked, features, pooled_distances
from recognition.confidence.thresholds import Choice, Sample, choose_threshold

__all__ = [
    "FEATURES",
    "Choice",
    "ConfidenceModel",
    "Evidence",
    "Examples",
    "Fitted",
    "Ranked",
    "Rules",
    "Sample",
    "Scope",
    "SetRule",
    "choose_threshold",
    "features",
    "fit_confidence",
    "pooled_distances",
    "set_rule",
]
