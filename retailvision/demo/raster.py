"""From grids of points to pixels: which surface a pixel shows, where on its texture, facing where."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retailvision.demo.camera import Camera
from retailvision.demo.mesh import Floats, Part, unit

_SIZES = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
_CHUNK = 1_500_000  # pixels tested at once: bounds the memory of one step
_NEAR = 1.0


@dataclass
class Layer:
    """What the pixels of a window see; the fields are flat arrays over its pixels."""

    left: int
    top: int
    width: int
    height: int
    part: NDArray[np.int16]
    depth: Floats
    fields: Floats  # (pixels, 5): u, v, matcap x, matcap y, height above the ground


def _vertices(part: Part, camera: Camera, scale: int) -> Floats:
    """(n, 9): screen x, y, depth, then u, v, matcap x, matcap y, height; last the facing."""
    points = part.points.reshape(-1, 3)
    screen = camera.project(points)
    basis = camera.basis
    toward = unit(-camera.see(points))
    normal = part.normals.reshape(-1, 3) @ basis.T
    # The camera's third axis points away from it, so these products are taken left-handed.
    right = unit(np.cross(toward, [0.0, 1.0, 0.0]).astype(np.float32))
    up = np.cross(right, toward)
    facing = np.sum(normal * toward, axis=1)
    sign = np.where(facing < 0, -1.0, 1.0) if part.material.two_sided else 1.0
    out = np.empty((len(points), 9), np.float32)
    out[:, :2] = screen[:, :2] * scale
    out[:, 2] = screen[:, 2]
    out[:, 3:5] = part.uv.reshape(-1, 2)
    out[:, 5] = np.sum(normal * right, axis=1) * sign
    out[:, 6] = np.sum(normal * up, axis=1) * sign
    out[:, 7] = points[:, 1]
    out[:, 8] = facing
    return out


def _triangles(part: Part, vertices: Floats, window: tuple[int, int]) -> Floats:
    """(n, 3, 8) triangles that can be seen, the farthest first."""
    rows, columns = part.points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    corners = np.concatenate(
        [np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]
    )
    found = vertices[corners]
    xy, depth = found[:, :, :2], found[:, :, 2]
    low, high = xy.min(axis=1), xy.max(axis=1)
    keep = (depth.min(axis=1) > _NEAR) & (high > 0).all(axis=1) & (low < window).all(axis=1)
    if not part.material.two_sided:
        keep &= found[:, :, 8].max(axis=1) > -0.05
    found = found[keep]
    order = np.argsort(-found[:, :, 2].mean(axis=1), kind="stable")
    return np.asarray(found[order, :, :8])


def rasterise(parts: Sequence[Part], camera: Camera, scale: int) -> Layer | None:
    """Draws the parts at `scale` times the camera's resolution; None when nothing is in view."""
    frame = (camera.width * scale, camera.height * scale)
    meshes = [_triangles(p, _vertices(p, camera, scale), frame) for p in parts]
    seen = [m[:, :, :2].reshape(-1, 2) for m in meshes if len(m)]
    if not seen:
        return None
    low = np.min([s.min(axis=0) for s in seen], axis=0)
    high = np.max([s.max(axis=0) for s in seen], axis=0)
    left, top = (max(0, int(v) // scale * scale) for v in np.floor(low))
    right = min(frame[0], -(-int(high[0] + 1) // scale) * scale)
    bottom = min(frame[1], -(-int(high[1] + 1) // scale) * scale)
    if right <= left or bottom <= top:
        return None
    count = (right - left) * (bottom - top)
    layer = Layer(
        left,
        top,
        right - left,
        bottom - top,
        np.full(count, -1, np.int16),
        np.full(count, np.inf, np.float32),
        np.empty((count, 5), np.float32),
    )
    for number, (part, mesh) in enumerate(zip(parts, meshes, strict=True)):
        mesh[:, :, 0] -= left
        mesh[:, :, 1] -= top
        mesh[:, :, 2] -= part.bias
        _fill(layer, number, mesh)
    return layer


def _fill(layer: Layer, number: int, mesh: Floats) -> None:
    low = np.floor(mesh[:, :, :2].min(axis=1)).astype(np.int32)
    size = np.ceil(mesh[:, :, :2].max(axis=1)).astype(np.int32) - low + 1
    kind = np.searchsorted(_SIZES, size.clip(1, _SIZES[-1]))
    code = kind[:, 0] * len(_SIZES) + kind[:, 1]
    for value in np.unique(code):
        chosen = np.flatnonzero(code == value)
        width, height = _SIZES[value // len(_SIZES)], _SIZES[value % len(_SIZES)]
        per = max(1, _CHUNK // (width * height))
        for start in range(0, len(chosen), per):
            some = chosen[start : start + per]
            _fill_same_size(layer, number, mesh[some], low[some], (width, height))


def _fill_same_size(
    layer: Layer, number: int, mesh: Floats, low: NDArray[np.int32], size: tuple[int, int]
) -> None:
    xy = mesh[:, :, :2] - low[:, None, :].astype(np.float32)
    (x0, y0), (x1, y1), (x2, y2) = (xy[:, i].T for i in range(3))
    area = (y1 - y2) * (x0 - x2) + (x2 - x1) * (y0 - y2)
    good = np.abs(area) > 1e-6
    inverse = np.where(good, 1.0 / np.where(good, area, 1.0), 0.0).astype(np.float32)
    ax, ay = (y1 - y2) * inverse, (x2 - x1) * inverse
    bx, by = (y2 - y0) * inverse, (x0 - x2) * inverse
    # A barycentric weight is a sum of something for the column and something for the row, so that
    # each costs one pass over the pixels.
    px = (np.arange(size[0], dtype=np.float32) + 0.5 - x2[:, None])[:, None, :]
    py = (np.arange(size[1], dtype=np.float32) + 0.5 - y2[:, None])[:, :, None]
    edge = np.float32(-1e-3)
    shut = np.where(good, 0, -9).astype(np.float32)[:, None, None]
    first = (ax[:, None, None] * px + shut) + ay[:, None, None] * py
    second = bx[:, None, None] * px + by[:, None, None] * py
    least = np.minimum(first, second)
    np.minimum(least, 1 - first - second, out=least)
    found = np.flatnonzero(least.ravel() >= edge)
    # The sizes are powers of two, so that shifts do for divisions.
    wide, high = (side.bit_length() - 1 for side in size)
    which = found >> (wide + high)
    row, column = (found >> wide) & (size[1] - 1), found & (size[0] - 1)
    w0, w1 = first.ravel()[found], second.ravel()[found]
    x, y = column + low[which, 0], row + low[which, 1]
    visible = (x >= 0) & (x < layer.width) & (y >= 0) & (y < layer.height)
    pixel = (y * layer.width + x).clip(0, len(layer.part) - 1)
    base = mesh[:, 2]
    d0, d1 = mesh[:, 0] - base, mesh[:, 1] - base
    depth = base[which, 2] + w0 * d0[which, 2] + w1 * d1[which, 2]
    # Within a call the last of several writers wins, and triangles come far to near.
    visible &= depth < layer.depth[pixel]
    pixel, which = pixel[visible], which[visible]
    w0, w1 = w0[visible, None], w1[visible, None]
    layer.part[pixel] = number
    layer.depth[pixel] = depth[visible]
    layer.fields[pixel] = base[which, 3:] + w0 * d0[which, 3:] + w1 * d1[which, 3:]
