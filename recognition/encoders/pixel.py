"""A small encoder for fast tests: colours and edges, no network, no torch.

It is no search engine, but it depends on the content of a picture: other pictures get other
vectors, and the same picture stays close after resizing or recompression. Built only where the
options allow test encoders.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognition.encoders.base import Encoder, Vectors
from recognition.encoders.patches import WHOLE_PICTURE, Patches, as_patches

PIXEL_KEY = "pixel:grid:512"

_GRID = 13  # 13 x 13 cells x 3 colours = 507 numbers
_EDGE_SIDE, _EDGE_CELLS, _DIRECTIONS = 32, 2, 8  # 2 x 2 cells x 8 directions = 32 numbers
_RAW = _GRID * _GRID * 3 + 3 + 1 + _EDGE_CELLS**2 * _DIRECTIONS
_DIMENSION = 512


class PixelEncoder(Encoder):
    """13 x 13 colour grid, mean colour and edge directions, turned into 512 numbers."""

    key = PIXEL_KEY
    dimension = _DIMENSION
    speaks_text = False
    input_side = 64
    sees_patches = True

    def _encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        raw = np.stack([_describe(image) for image in images])
        return np.asarray(raw @ _projection(), dtype=np.float32)

    def _encode_patches(self, image: Image.Image, whole: bool) -> Patches:  # noqa: ARG002  it always looks at all
        grid = _pixels(image.convert("RGB"), _GRID)
        # Colours about mid-grey, and a constant, so that grey is a direction too.
        seen = np.concatenate([grid - 0.5, np.full((_GRID, _GRID, 1), 0.2)], axis=2)
        return as_patches(seen.astype(np.float32), WHOLE_PICTURE)


def _describe(image: Image.Image) -> NDArray[np.float64]:
    """One picture -> (543,) float64, never zero."""
    rgb = image.convert("RGB")
    grid = _pixels(rgb, _GRID).reshape(-1, 3)
    mean = grid.mean(axis=0)
    edges = _edge_directions(_pixels(rgb, _EDGE_SIDE).mean(axis=2))
    # The grid is centred, so that two pictures are not alike for being bright. A picture of one
    # colour has an empty grid then: the mean colour tells it from others of its kind, and the
    # constant keeps mid-grey, where that vanishes too, from becoming the zero vector.
    return np.concatenate([(grid - mean).ravel(), 2.0 * (mean - 0.5), [0.2], edges])


def _pixels(image: Image.Image, side: int) -> NDArray[np.float64]:
    small = image.resize((side, side), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64) / 255.0


def _edge_directions(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """(32, 32) grey values -> (32,): per quarter, mean edge strength in each of 8 directions."""
    down, right = np.gradient(grey)
    strength = np.hypot(down, right)
    angle = np.arctan2(down, right) / (2 * np.pi) + 0.5
    direction = np.minimum((angle * _DIRECTIONS).astype(int), _DIRECTIONS - 1)
    half = _EDGE_SIDE // _EDGE_CELLS
    histograms = [
        np.bincount(
            direction[y : y + half, x : x + half].ravel(),
            weights=strength[y : y + half, x : x + half].ravel(),
            minlength=_DIRECTIONS,
        )
        for y in range(0, _EDGE_SIDE, half)
        for x in range(0, _EDGE_SIDE, half)
    ]
    return np.concatenate(histograms) / half


@lru_cache(maxsize=1)
def _projection() -> NDArray[np.float64]:
    """(543, 512) with orthonormal columns, the same on every machine."""
    noise = np.random.default_rng(512).standard_normal((_RAW, _DIMENSION))
    directions, triangle = np.linalg.qr(noise)
    # The signs of a QR decomposition are the library's choice; fixing them makes it unique.
    return np.asarray(directions * np.sign(np.diag(triangle)))
