"""Surfaces: every product is a few bent grids of points. Lengths are centimetres, y points up,
and the front of a product looks along +z."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]
Run = Sequence[tuple[float, float]] | Floats  # (radius, y) from the top down


@dataclass(frozen=True)
class Material:
    """How a surface looks: a texture (height, width, 3 or 4 channels) and a finish of `shade.py`."""

    texture: Bytes
    finish: str = "satin"
    opacity: float = 1.0
    two_sided: bool = False


@dataclass(frozen=True)
class Part:
    """A grid of points (rows, columns, 3) with a normal and a texture place (0..1) at each."""

    points: Floats
    normals: Floats
    uv: Floats
    material: Material
    bias: float = 0.0  # centimetres by which it wins over surfaces at the same depth

    def moved(self, matrix: Floats, offset: Floats) -> "Part":
        return replace(
            self,
            points=(self.points @ matrix.T + offset).astype(np.float32),
            normals=(self.normals @ matrix.T).astype(np.float32),
        )


@dataclass(frozen=True)
class Model:
    """A product standing on y = 0, or hanging when `hangs`: then it faces +z from a wall."""

    parts: tuple[Part, ...]
    hangs: bool = False
    glow: tuple[float, float, float] | None = None  # where a lamp shines from

    def moved(
        self,
        *,
        turn: float = 0.0,
        tilt: float = 0.0,
        lean: float = 0.0,
        offset: Sequence[float] = (0.0, 0.0, 0.0),
        scale: float = 1.0,
    ) -> "Model":
        """Turned about y, tilted about x and leaned about z (degrees), then shifted."""
        matrix = rotation(turn, tilt, lean) * np.float32(scale)
        shift = np.asarray(offset, np.float32)
        glow = None
        if self.glow is not None:
            place = matrix @ np.asarray(self.glow, np.float32) + shift
            glow = (float(place[0]), float(place[1]), float(place[2]))
        return replace(self, parts=tuple(p.moved(matrix, shift) for p in self.parts), glow=glow)

    def bounds(self) -> tuple[Floats, Floats]:
        points = np.concatenate([p.points.reshape(-1, 3) for p in self.parts])
        return points.min(axis=0), points.max(axis=0)


def rotation(turn: float = 0.0, tilt: float = 0.0, lean: float = 0.0) -> Floats:
    a, b, c = np.radians([turn, tilt, lean])
    ry = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    rx = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(rz @ rx @ ry, dtype=np.float32)


def unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)


def grid_normals(points: Floats) -> Floats:
    """Normals of a grid whose rows run down and whose columns run to the right."""
    down = np.gradient(points, axis=0)
    right = np.gradient(points, axis=1)
    return unit(np.cross(down, right).astype(np.float32))


def curve(points: Sequence[tuple[float, ...]], count: int) -> Floats:
    """A Catmull-Rom curve through the points, sampled `count` times."""
    knots = np.asarray(points, np.float64)
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    place = np.linspace(0, len(knots) - 1 - 1e-9, count)
    i = place.astype(int)
    t = (place - i)[:, None]
    a, b, c, d = padded[i], padded[i + 1], padded[i + 2], padded[i + 3]
    out = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return np.asarray(out, dtype=np.float32)


def _divide(profile: Floats, longest: float = 1.2) -> Floats:
    """Cuts long straight steps (centimetres) up: small triangles are cheaper to fill."""
    out = [profile[:1]]
    for a, b in pairwise(profile):
        pieces = max(1, int(np.ceil(np.linalg.norm(b - a) / longest)))
        out.append(a + (b - a) * (np.arange(1, pieces + 1) / pieces)[:, None])
    return np.concatenate(out).astype(np.float32)


def _run_normals(profile: Floats) -> Floats:
    step = np.diff(profile, axis=0)
    step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    tangent = np.vstack([step[:1], step[:-1] + step[1:], step[-1:]])
    return unit(np.stack([-tangent[:, 1], tangent[:, 0]], axis=1).astype(np.float32))


def lathe(
    runs: Sequence[Run],
    material: Material,
    *,
    segments: int = 56,
    bias: float = 0.0,
    arc: float = 360.0,
) -> Part:
    """A surface of revolution about y. Each run lists (radius, y) from the top down; where two runs
    meet is a crisp edge. u goes once around (or over the `arc`, degrees) with 0.5 in front, v from
    top to bottom."""
    profiles = [_divide(np.asarray(run, np.float32)) for run in runs]
    normals2 = np.concatenate([_run_normals(p) for p in profiles])
    profile = np.concatenate(profiles)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    v = length / max(float(length[-1]), 1e-9)
    half = np.radians(arc) / 2
    theta = np.linspace(-half, half, segments + 1)
    sin, cos = np.sin(theta)[None, :], np.cos(theta)[None, :]
    radius, y = profile[:, :1], profile[:, 1:]
    flat = np.ones_like(sin)
    points = np.stack([radius * sin, y * flat, radius * cos], axis=-1)
    normals = np.stack([normals2[:, :1] * sin, normals2[:, 1:] * flat, normals2[:, :1] * cos], -1)
    u = np.broadcast_to(theta / (2 * half) + 0.5, points.shape[:2])
    uv = np.stack([u, np.broadcast_to(v[:, None], points.shape[:2])], axis=-1)
    return Part(
        points.astype(np.float32),
        normals.astype(np.float32),
        uv.astype(np.float32),
        material,
        bias,
    )


def sweep(
    path: Floats,
    radius: float | Floats,
    material: Material,
    *,
    flat: float = 1.0,
    segments: int = 18,
    up: tuple[float, float, float] = (0.0, 0.0, 1.0),
) -> Part:
    """A tube along a path (n, 3); `flat` squeezes it across `up`, as a strap is."""
    tangent = unit(np.gradient(path, axis=0).astype(np.float32))
    side = unit(np.cross(tangent, np.asarray(up, np.float32)).astype(np.float32))
    top = np.cross(side, tangent)
    theta = np.linspace(0, 2 * np.pi, segments + 1)
    across = np.cos(theta)[None, :, None] * side[:, None, :]
    along = np.sin(theta)[None, :, None] * top[:, None, :]
    size = np.broadcast_to(np.asarray(radius, np.float32), (len(path),))[:, None, None]
    points = path[:, None, :] + size * (across + flat * along)
    normals = unit((across * flat + along).astype(np.float32))
    v, u = np.meshgrid(np.linspace(0, 1, len(path)), theta / (2 * np.pi), indexing="ij")
    uv = np.stack([u, v], axis=-1)
    return Part(points.astype(np.float32), normals, uv.astype(np.float32), material)


def panel(
    corners: Sequence[Sequence[float]],
    material: Material,
    *,
    cells: int = 10,
    bulge: float = 0.0,
    bias: float = 0.0,
) -> Part:
    """A four-cornered face (top left, top right, bottom right, bottom left), seen from outside;
    `bulge` swells its middle by so many centimetres."""
    tl, tr, br, bl = (np.asarray(c, np.float64) for c in corners)
    v, u = np.meshgrid(np.linspace(0, 1, cells + 1), np.linspace(0, 1, cells + 1), indexing="ij")
    u3, v3 = u[..., None], v[..., None]
    points = (1 - v3) * ((1 - u3) * tl + u3 * tr) + v3 * ((1 - u3) * bl + u3 * br)
    if bulge:
        face = np.cross(bl - tl, tr - tl)
        face /= np.linalg.norm(face)
        points = points + (bulge * np.sin(np.pi * u) * np.sin(np.pi * v))[..., None] * face
    points = points.astype(np.float32)
    return Part(
        points, grid_normals(points), np.stack([u, v], axis=-1).astype(np.float32), material, bias
    )


def loft(sections: Floats, material: Material, *, segments: int = 64, bias: float = 0.0) -> Part:
    """A soft body: each section is (y, half width, half depth, squareness, shift in z), from the top
    down. The front half of the texture is its middle half, without distortion."""
    theta = np.linspace(-np.pi, np.pi, segments + 1)[None, :]
    y, half_w, half_d, square, shift = (sections[:, i : i + 1] for i in range(5))
    power = 2.0 / square
    sin, cos = np.sin(theta), np.cos(theta)
    x = half_w * np.sign(sin) * np.abs(sin) ** power
    z = half_d * np.sign(cos) * np.abs(cos) ** power + shift
    points = np.stack([x, np.broadcast_to(y, x.shape), z], axis=-1).astype(np.float32)
    widest = float(half_w.max())
    front = 0.5 + 0.25 * x / widest
    back = np.where(theta > 0, 1.0 - 0.25 * x / widest, -0.25 * x / widest)
    u = np.where(np.abs(theta) <= np.pi / 2 + 1e-6, front, back)
    v = np.broadcast_to((y[0] - y) / max(float(y[0, 0] - y[-1, 0]), 1e-9), x.shape)
    uv = np.stack([u, v], axis=-1).astype(np.float32)
    return Part(points, grid_normals(points), uv, material, bias)


def solid(rgb: tuple[int, int, int]) -> Bytes:
    """A texture of one colour."""
    return np.full((2, 2, 3), rgb, np.uint8)


def shell(points: Floats, uv: Floats, material: Material, *, bias: float = 0.0) -> Part:
    """Any grid of points around a middle, its normals turned away from there."""
    normals = grid_normals(points)
    outward = points - points.reshape(-1, 3).mean(axis=0)
    if float(np.sum(normals * outward)) < 0:
        normals = -normals
    return Part(points.astype(np.float32), normals, uv.astype(np.float32), material, bias)
