"""Vectors laid out on a plane, and how far the plane may be believed. No Django in here."""

from recognition.projection.layout import METHODS, Layout, Settings, fitted_perplexity, lay_out
from recognition.projection.placing import Placed, place
from recognition.projection.quality import (
    ALONE,
    RIGHT,
    WRONG,
    Quality,
    first_in_gallery,
    first_is_right,
    measure_quality,
)

__all__ = [
    "ALONE",
    "METHODS",
    "RIGHT",
    "WRONG",
    "Layout",
    "Placed",
    "Quality",
    "Settings",
    "first_in_gallery",
    "first_is_right",
    "fitted_perplexity",
    "lay_out",
    "measure_quality",
    "place",
]
