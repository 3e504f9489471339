"""Catalogue adapters: a linear map, learned from a catalogue's own photos, that makes the vectors of
an encoder tell its products apart better. Knows no Django.
"""

from recognition.adapters.adapter import Adapter
from recognition.adapters.folds import photo_folds
from recognition.adapters.within_class import (
    LEAST_PHOTOS,
    RECIPES,
    Recipe,
    TooFewPhotos,
    fit_adapter,
    fit_all,
)

__all__ = [
    "LEAST_PHOTOS",
    "RECIPES",
    "Adapter",
    "Recipe",
    "TooFewPhotos",
    "fit_adapter",
    "fit_all",
    "photo_folds",
]
