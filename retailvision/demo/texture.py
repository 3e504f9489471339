"""Surfaces that repeat: cloth, paper, glaze, wood and stone."""

from functools import lru_cache

import numpy as np
from PIL import Image

from retailvision.demo.mesh import Bytes, Floats
from retailvision.demo.words import RGB


def smooth_noise(rng: np.random.Generator, height: int, width: int, cell: float) -> Floats:
    """Soft noise of about -1..1, whose spots are `cell` pixels across."""
    rows, columns = max(2, int(height / cell) + 2), max(2, int(width / cell) + 2)
    small = Image.fromarray(rng.standard_normal((rows, columns)).astype(np.float32), "F")
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), np.float32) * 0.6


def tile_noise(rng: np.random.Generator, size: int, cell: float) -> Floats:
    """Soft noise like `smooth_noise`, square, whose edges meet when it is laid side by side."""
    count = max(3, round(size / cell))
    small = np.pad(rng.standard_normal((count, count)).astype(np.float32), 2, mode="wrap")
    box = (2.0, 2.0, count + 2.0, count + 2.0)
    image = Image.fromarray(small, "F").resize((size, size), Image.Resampling.BICUBIC, box=box)
    return np.asarray(image, np.float32) * 0.6


def tinted(base: RGB, variation: Floats) -> Bytes:
    """The colour made lighter and darker by shares (-1..1)."""
    rgb = np.asarray(base, np.float32) * (1 + variation[..., None])
    return np.asarray(np.clip(rgb, 0, 255), np.uint8)


def grain(image: Bytes, rng: np.random.Generator, amount: float) -> Bytes:
    """Fine noise over a texture, as paper and cloth have it; `amount` is a share (0..1)."""
    noise = rng.standard_normal(image.shape[:2]).astype(np.float32) * amount
    out = image.copy()
    out[..., :3] = np.clip(image[..., :3] * (1 + noise[..., None]), 0, 255).astype(np.uint8)
    return out


def folds(rng: np.random.Generator, height: int, width: int, strength: float) -> Floats:
    """Light and shade of soft folds, running mostly downwards (about -strength..strength)."""
    swell = smooth_noise(rng, height, width // 3 + 2, max(height, width) / 4)
    swell = np.asarray(
        Image.fromarray(swell, "F").resize((width, height), Image.Resampling.BICUBIC)
    )
    fine = smooth_noise(rng, height, width, max(height, width) / 12) * 0.25
    slope = np.gradient(swell + fine, axis=1) * width / 14
    return np.asarray(np.tanh(slope) * strength, dtype=np.float32)


@lru_cache(maxsize=48)
def wood(tone: RGB, seed: int, size: int = 640, boards: int = 4) -> Bytes:
    """Boards that run downwards."""
    rng = np.random.default_rng([seed, 11])
    out = np.empty((size, size, 3), np.uint8)
    width = size // boards
    for k in range(boards):
        columns = width if k < boards - 1 else size - width * (boards - 1)
        warp = smooth_noise(rng, size, columns, size / 2.5) * 9
        across = np.arange(columns)[None, :] / columns * 5 + warp * 0.35
        rings = np.sin(across * 5.5) * 0.5 + np.sin(across * 13 + 1.3) * 0.25
        fibre = smooth_noise(rng, 12, columns, 2)
        fibre = np.asarray(Image.fromarray(fibre, "F").resize((columns, size)))
        value = 0.055 * rings + 0.05 * fibre + rng.normal(0, 0.05)
        board = tinted(tone, value.astype(np.float32))
        board[:, :2] = (board[:, :2] * 0.66).astype(np.uint8)
        out[:, k * width : k * width + columns] = board
    return out


@lru_cache(maxsize=16)
def stone(tone: RGB, seed: int, size: int = 640) -> Bytes:
    """Marble: veins in soft noise."""
    rng = np.random.default_rng([seed, 12])
    field = tile_noise(rng, size, size / 4) + 0.4 * tile_noise(rng, size, size / 12)
    veins = np.exp(-np.abs(field) * 13) * np.clip(tile_noise(rng, size, size / 3) + 0.5, 0, 1)
    return tinted(tone, -0.26 * veins + 0.03 * tile_noise(rng, size, size / 7))


@lru_cache(maxsize=16)
def speckle(tone: RGB, seed: int, size: int = 512, specks: float = 0.004) -> Bytes:
    """Concrete, terrazzo and stoneware: a mottled ground, a share of it in specks."""
    rng = np.random.default_rng([seed, 13])
    value = 0.035 * tile_noise(rng, size, size / 5) + 0.02 * tile_noise(rng, size, 6)
    value += np.where(rng.random((size, size)) > 1 - specks, -0.2, 0)
    return tinted(tone, value.astype(np.float32))


@lru_cache(maxsize=16)
def tiles(tone: RGB, seed: int, size: int = 640, across: int = 4, down: int = 8) -> Bytes:
    """Wall tiles in running bond."""
    rng = np.random.default_rng([seed, 14])
    out = tinted(tone, 0.02 * tile_noise(rng, size, size / 5))
    h, w = size // down, size // across
    joint = max(2, size // 130)
    for row in range(down):
        for k in range(-1, across + 1):
            left = k * w + (w // 2 if row % 2 else 0)
            box = np.s_[row * h : (row + 1) * h, max(0, left) : max(0, left + w)]
            out[box] = np.clip(out[box] * (1 + rng.normal(0, 0.02)), 0, 255).astype(np.uint8)
            out[row * h : (row + 1) * h, max(0, left) : max(0, left + joint)] = (206, 204, 198)
        out[row * h : row * h + joint] = (206, 204, 198)
    return out


@lru_cache(maxsize=16)
def weave(tone: RGB, seed: int, size: int = 512, check: bool = False) -> Bytes:
    """Cloth, plain or checked."""
    rng = np.random.default_rng([seed, 15])
    i = np.arange(size)
    value = 0.05 * np.sin(i * 1.6)[:, None] + 0.05 * np.sin(i * 1.6)[None, :]
    value = value + 0.04 * tile_noise(rng, size, 9)
    if check:
        band = ((i // (size // 8)) % 2) * 1.0
        value = value - 0.16 * band[:, None] - 0.16 * band[None, :]
    return tinted(tone, value.astype(np.float32))
