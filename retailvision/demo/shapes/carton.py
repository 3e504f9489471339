"""Drink cartons: bricks and gable tops of coated board, with a screw cap."""

import numpy as np
from PIL import Image

from retailvision.demo.designs import Design
from retailvision.demo.labels import back, back_ground, front
from retailvision.demo.mesh import Bytes, Material, Model, Part, lathe, panel, rotation, solid
from retailvision.demo.words import RGB, mix


def edged(image: Image.Image) -> Bytes:
    """A face of board: its edges catch the light, and wear a little."""
    art = np.asarray(image).astype(np.float32)
    rows = np.minimum(np.arange(art.shape[0]), np.arange(art.shape[0])[::-1])[:, None]
    columns = np.minimum(np.arange(art.shape[1]), np.arange(art.shape[1])[::-1])[None, :]
    near = np.minimum(rows, columns) / max(2.0, 0.006 * max(art.shape[:2]))
    light = 0.35 * np.exp(-near)[..., None]
    return np.asarray(np.clip(art * (1 - light) + 255 * light, 0, 255), np.uint8)


def faces(d: Design, w: float, h: float, depth: float, detail: int) -> list[Part]:
    """Front, back and both sides of an upright pack."""
    scale = detail / h
    wide, deep, high = int(w * scale), int(depth * scale), int(h * scale)
    x, z = w / 2, depth / 2
    finish = "satin"
    prints = (
        (front(d, wide, high), (-x, z), (x, z)),
        (back(d, deep, high, barcode=False), (x, z), (x, -z)),
        (back(d, wide, high), (x, -z), (-x, -z)),
        (back(d, deep, high, barcode=False), (-x, -z), (-x, z)),
    )
    return [
        panel(
            [(a[0], h, a[1]), (b[0], h, b[1]), (b[0], 0, b[1]), (a[0], 0, a[1])],
            Material(edged(image), finish),
            cells=14,
            bulge=0.12,
        )
        for image, a, b in prints
    ]


def _cap(colour: RGB, radius: float) -> Part:
    return lathe(
        [[(0.0, 1.5), (radius * 0.9, 1.5)], [(radius * 0.9, 1.5), (radius, 1.38)], [(radius, 1.38), (radius, 0)]],
        Material(solid(colour), "gloss"),
        segments=36,
    )  # fmt: skip


def build(d: Design, detail: int) -> Model:
    w, h, depth = ((7.2, 19.5, 7.2), (9.0, 20.0, 6.0), (7.6, 16.5, 7.0))[d.pick("form", 3)]
    if d.large:
        w, h, depth = w * 1.1, h * 1.15, depth * 1.1
    if d.size == "500 ml":
        w, h, depth = w * 0.86, h * 0.8, depth * 0.86
    parts = faces(d, w, h, depth, detail)
    ground = back_ground(d)
    lid = Material(edged(Image.new("RGB", (120, 120), ground)), "satin")
    x, z = w / 2, depth / 2
    cap = _cap(mix(d.accent, d.lead, 0.15), 1.55)
    if d.pick("gable", 2):
        g = h + depth * 0.42
        parts.append(panel([(-x, g, 0.15), (x, g, 0.15), (x, h, z), (-x, h, z)], lid))
        parts.append(panel([(x, g, -0.15), (-x, g, -0.15), (-x, h, -z), (x, h, -z)], lid))
        for side in (1, -1):
            a = [(side * x, g, side * 0.15), (side * x, g, -side * 0.15), (side * x, h, -side * z), (side * x, h, side * z)]  # fmt: skip
            parts.append(panel(a, Material(solid(mix(ground, (0, 0, 0), 0.10)), "satin")))
        fin = Material(edged(Image.new("RGB", (200, 40), d.accent)), "satin", two_sided=True)
        for face in (0.16, -0.16):
            left = -x if face > 0 else x
            parts.append(panel([(left, g + 1.7, face), (-left, g + 1.7, face), (-left, g, face), (left, g, face)], fin))  # fmt: skip
        slope = float(np.degrees(np.arctan2(g - h, z)))
        place = np.array([0.0, h + (g - h) * 0.48, z * 0.52], np.float32)
        parts.append(cap.moved(rotation(tilt=90 - slope), place))
    else:
        parts.append(panel([(-x, h, -z), (x, h, -z), (x, h, z), (-x, h, z)], lid))
        parts.append(cap.moved(rotation(), np.array([w * 0.18, h, 0.0], np.float32)))
    return Model(tuple(parts))
