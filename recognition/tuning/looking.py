"""Looks at pictures in every way that is tried, each crop once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from recognition.encoders import Encoder, encode_in_batches, view_names
from recognition.encoders.views import CROPS, MIRRORED, crop_about_middle

Vectors = NDArray[np.float32]


def look(
    network: Encoder, pictures: Sequence[Image.Image], views: Sequence[str], batch_size: int
) -> dict[str, Vectors]:
    """By views, unit vectors (pictures, d), equal to those of the encoders with these views."""
    names = {view: view_names(view) for view in views}
    wanted = {(crop, mirrored) for each in names.values() for crop, mirrored in _looks(each)}
    seen = {
        (crop, mirrored): encode_in_batches(
            network, [_cut(picture, crop, mirrored) for picture in pictures], batch_size
        )
        for crop, mirrored in sorted(wanted)
    }
    return {
        view: _unit(np.sum([seen[each] for each in _looks(parts)], axis=0))
        for view, parts in names.items()
    }


def side_for(network: Encoder, views: Sequence[str]) -> int:
    """Shorter side at which pictures are to be decoded, for the smallest crop."""
    crops = {name for view in views for name in view_names(view) if name in CROPS}
    return round(network.input_side / min(CROPS[name] for name in crops))


def _looks(names: Sequence[str]) -> list[tuple[str, bool]]:
    sides = (False, True) if MIRRORED in names else (False,)
    return [(name, mirrored) for name in names if name in CROPS for mirrored in sides]


def _cut(picture: Image.Image, crop: str, mirrored: bool) -> Image.Image:
    part = crop_about_middle(picture, CROPS[crop])
    return ImageOps.mirror(part) if mirrored else part


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
