"""A pinhole camera in true perspective. Lengths are centimetres, angles degrees, screen pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from retailvision.demo.mesh import Floats, Model, unit


@dataclass(frozen=True)
class Camera:
    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    width: int
    height: int
    fov: float = 24.0  # of the longer side
    roll: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)  # of the image centre, in shares of width and height

    @property
    def focal(self) -> float:
        return float(0.5 * max(self.width, self.height) / np.tan(np.radians(self.fov) / 2))

    @property
    def centre(self) -> tuple[float, float]:
        return self.width * (0.5 + self.shift[0]), self.height * (0.5 + self.shift[1])

    @cached_property
    def basis(self) -> Floats:
        """Rows: right, up, forward."""
        forward = unit(np.subtract(self.target, self.eye).astype(np.float32))
        right = unit(np.cross(forward, [0.0, 1.0, 0.0]).astype(np.float32))
        up = np.cross(right, forward)
        a = np.radians(self.roll)
        right, up = right * np.cos(a) + up * np.sin(a), up * np.cos(a) - right * np.sin(a)
        return np.stack([right, up, forward]).astype(np.float32)

    def see(self, points: Floats) -> Floats:
        """World points as the camera has them: right, up, forward."""
        return np.asarray(
            (points - np.asarray(self.eye, np.float32)) @ self.basis.T, dtype=np.float32
        )

    def project(self, points: Floats) -> Floats:
        """Screen x, y and depth."""
        seen = self.see(points)
        depth = np.maximum(seen[..., 2], 1e-3)
        cx, cy = self.centre
        x = cx + self.focal * seen[..., 0] / depth
        y = cy - self.focal * seen[..., 1] / depth
        return np.stack([x, y, seen[..., 2]], axis=-1).astype(np.float32)

    def rays(self, step: int = 1) -> Floats:
        """Directions through the pixels of every `step`-th row and column, not of unit length."""
        cx, cy = self.centre
        x = (np.arange(0, self.width, step, dtype=np.float32) + 0.5 * step - cx) / self.focal
        y = (cy - np.arange(0, self.height, step, dtype=np.float32) - 0.5 * step) / self.focal
        right, up, forward = self.basis
        return np.asarray(
            x[None, :, None] * right + y[:, None, None] * up + forward, dtype=np.float32
        )


def _place(point: Floats) -> tuple[float, float, float]:
    return float(point[0]), float(point[1]), float(point[2])


def frame(
    models: Sequence[Model],
    *,
    width: int,
    height: int,
    yaw: float = 0.0,
    pitch: float = 12.0,
    fov: float = 24.0,
    fill: float = 0.72,
    roll: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
) -> Camera:
    """A camera from which the models fill so much of the frame, seen from `yaw` to the right and
    `pitch` above."""
    low = np.min([m.bounds()[0] for m in models], axis=0)
    high = np.max([m.bounds()[1] for m in models], axis=0)
    points = np.concatenate([p.points.reshape(-1, 3)[::3] for m in models for p in m.parts])
    a, b = np.radians(yaw), np.radians(pitch)
    away = np.array([np.sin(a) * np.cos(b), np.sin(b), np.cos(a) * np.cos(b)])
    target = (low + high) / 2
    distance = 3.0 * float(np.linalg.norm(high - low))
    camera = Camera((0, 0, 0), (0, 0, 0), width, height, fov, roll, shift)
    for _ in range(4):
        eye = target + away * distance
        camera = replace(camera, eye=_place(eye), target=_place(target))
        screen = camera.project(points)[:, :2]
        first, last = screen.min(axis=0), screen.max(axis=0)
        extent = (last - first) / np.array([width, height])
        distance *= float(extent.max()) / fill
        offset = ((first + last) / 2 - np.array(camera.centre)) * distance / camera.focal
        right, up, _ = camera.basis
        target = target + right * offset[0] - up * offset[1]
    return camera
