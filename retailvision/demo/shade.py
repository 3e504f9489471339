"""Light: what a surface of each finish looks like at each angle, and layers of surfaces over a photo.

The light is a studio's: a large soft key on one side, a strip on the other, bright room around. What it
does to a finish is worked out once for all directions (a "matcap") and looked up for each pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from retailvision.demo.camera import Camera
from retailvision.demo.mesh import Bytes, Floats, Model, Part
from retailvision.demo.raster import Layer, rasterise

_TABLE = 192


@dataclass(frozen=True)
class Light:
    """`side` is -1 for a key light on the left, +1 on the right; `contrast` 1 is a studio's;
    `tint` colours it."""

    side: float = -1.0
    contrast: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    strength: float = 1.0


def _bump(value: Floats, centre: float, half: float, soft: float) -> Floats:
    return np.asarray(np.clip((half + soft - np.abs(value - centre)) / soft, 0, 1), np.float32)


@lru_cache(maxsize=64)
def matcap(finish: str, side: float, contrast: float) -> Floats:
    """(n, n, 3) by direction: how much of the own colour, how much white on top, and opacity."""
    axis = np.linspace(-1, 1, _TABLE, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    radius = np.hypot(x, y)
    x, y = (np.where(radius > 0.999, 0.999 * a / np.maximum(radius, 1e-6), a) for a in (x, y))
    z = np.sqrt(np.maximum(1 - x * x - y * y, 0))
    mx = x * -side  # the table is worked out for light from the left, then mirrored
    key = np.clip((-0.50 * mx + 0.52 * y + 0.70 * z), 0, None)
    fill = np.clip((0.80 * mx + 0.10 * y + 0.55 * z), 0, None)
    sky = 0.5 + 0.5 * y
    base = 0.36 + 0.60 * key + 0.16 * fill + 0.13 * sky
    base = 1 + (base - 1) * 0.9 * contrast
    rx, ry, rz = 2 * z * mx, 2 * z * y, 2 * z * z - 1
    azimuth, height = np.arctan2(rx, rz), np.arcsin(np.clip(ry, -1, 1))
    softbox = _bump(azimuth, -1.12, 0.24, 0.10) * _bump(height, 0.15, 0.95, 0.12)
    strip = _bump(azimuth, 1.62, 0.09, 0.08) * _bump(height, 0.1, 0.9, 0.15)
    wide = np.exp(-(((azimuth + 1.0) / 0.75) ** 2) - ((height - 0.35) / 0.9) ** 2)
    rim = np.clip(1 - z, 0, 1) ** 3
    shine = np.zeros_like(base)
    opacity = np.ones_like(base)
    if finish == "gloss":
        shine = 0.50 * softbox + 0.24 * strip + 0.10 * wide + 0.16 * rim
    elif finish == "satin":
        shine = 0.16 * wide + 0.10 * rim + 0.05 * softbox
    elif finish == "metal":
        bands = 0.60 + 0.62 * wide + 0.35 * softbox + 0.30 * strip
        base = (
            bands - 0.34 * _bump(azimuth, -0.15, 0.22, 0.55) - 0.30 * _bump(azimuth, 2.5, 0.35, 0.4)
        )
        shine = 0.45 * softbox + 0.25 * strip + 0.08 * rim
    elif finish == "cloth":
        base = 1 + (base - 1) * 0.9
        shine = 0.10 * rim
    elif finish == "glass":
        # Looking through the middle of a glass shows what is behind it; its edges bend light and darken.
        base = 0.55 + 0.5 * z
        shine = 0.75 * softbox + 0.42 * strip + 0.10 * wide + 0.25 * rim
        opacity = 0.14 + 0.62 * np.clip(1 - z, 0, 1) ** 1.6 + 0.9 * softbox + 0.5 * strip
    elif finish == "liquid":
        base = 0.62 + 0.48 * z + 0.12 * _bump(x, 0.35 * side, 0.2, 0.5)
        shine = 0.55 * softbox + 0.26 * strip + 0.12 * rim
    elif finish == "glow":
        base = 0.90 + 0.12 * z
    return np.stack([base, shine, np.clip(opacity, 0, 1)], axis=-1).astype(np.float32)


def shade(layer: Layer, parts: Sequence[Part], light: Light, ground: float | None) -> Image.Image:
    """The layer in colour: an RGBA image of the layer's window."""
    image = np.zeros((len(layer.part), 4), np.uint8)
    covered = np.flatnonzero(layer.part >= 0)
    kinds = layer.part[covered]
    for number, part in enumerate(parts):
        pixels = covered[kinds == number]
        if len(pixels):
            image[pixels] = _colours(layer.fields[pixels], part, light, ground)
    return Image.fromarray(image.reshape(layer.height, layer.width, 4), "RGBA")


def _colours(fields: Floats, part: Part, light: Light, ground: float | None) -> Bytes:
    u, v, mx, my, height = fields.T
    texture, finish = part.material.texture, part.material.finish
    rows, columns = texture.shape[:2]
    row = np.clip(v * np.float32(rows), 0, rows - 1).astype(np.int32)
    column = np.clip(u * np.float32(columns), 0, columns - 1).astype(np.int32)
    colour = texture.reshape(rows * columns, -1)[row * columns + column]
    table = matcap(finish, light.side, light.contrast)
    half = np.float32((_TABLE - 1) / 2)
    at = np.clip(my * half + half, 0, _TABLE - 1).astype(np.int32)
    across = np.clip(mx * half + half, 0, _TABLE - 1).astype(np.int32)
    looked = table.reshape(-1, 3)[at * _TABLE + across]
    strength = looked[:, 0] * np.float32(1.0 if finish == "glow" else light.strength)
    if ground is not None and finish not in ("glow", "glass"):
        # Near the ground less of the room's light arrives.
        strength *= 1 - np.float32(0.20) * np.exp((ground - height.clip(ground)) / np.float32(1.1))
    shine = looked[:, 1] * np.float32(255 * light.strength)
    out = np.empty((len(fields), 4), np.uint8)
    for i in range(3):
        value = (colour[:, i] * strength + shine) * np.float32(light.tint[i])
        out[:, i] = np.minimum(value, 255)
    alpha = looked[:, 2] * np.float32(255 * part.material.opacity)
    if texture.shape[2] == 4:
        alpha = alpha * (colour[:, 3] / np.float32(255))
    out[:, 3] = alpha
    return out


def is_clear(part: Part) -> bool:
    return part.material.finish == "glass" or part.material.opacity < 1


def paint(
    photo: Image.Image,
    model: Model,
    camera: Camera,
    light: Light,
    *,
    scale: int = 2,
    ground: float | None = 0.0,
) -> None:
    """Draws a model over the photo, its clear parts (glass) over what is behind them."""
    opaque = [p for p in model.parts if not is_clear(p)]
    clear = [p for p in model.parts if is_clear(p)]
    first = rasterise(opaque, camera, scale) if opaque else None
    if first is not None:
        _over(photo, shade(first, opaque, light, ground), (first.left, first.top), scale)
    if not clear:
        return
    second = rasterise(clear, camera, scale)
    if second is None:
        return
    if first is not None:
        _hide_behind(second, first)
    _over(photo, shade(second, clear, light, ground), (second.left, second.top), scale)


def _hide_behind(layer: Layer, front: Layer) -> None:
    """Takes from the layer what the front layer covers."""
    left, top = max(layer.left, front.left), max(layer.top, front.top)
    right = min(layer.left + layer.width, front.left + front.width)
    bottom = min(layer.top + layer.height, front.top + front.height)
    if right <= left or bottom <= top:
        return
    mine = np.s_[top - layer.top : bottom - layer.top, left - layer.left : right - layer.left]
    theirs = np.s_[top - front.top : bottom - front.top, left - front.left : right - front.left]
    depth = layer.depth.reshape(layer.height, layer.width)
    part = layer.part.reshape(layer.height, layer.width)
    covered = front.depth.reshape(front.height, front.width)[theirs] < depth[mine]
    part[mine] = np.where(covered, -1, part[mine])


def _over(photo: Image.Image, layer: Image.Image, corner: tuple[int, int], scale: int) -> None:
    small = layer.reduce(scale) if scale > 1 else layer
    photo.paste(small, (corner[0] // scale, corner[1] // scale), small)
