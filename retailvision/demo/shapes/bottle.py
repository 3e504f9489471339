"""Bottles: long-necked, round-shouldered or flask-like, of clear, green or brown glass."""

import numpy as np

from retailvision.demo.designs import Design
from retailvision.demo.labels import wrap
from retailvision.demo.mesh import Material, Model, Part, Run, curve, lathe, solid
from retailvision.demo.words import mix

# height, radius, neck radius, where the shoulder starts and ends, label from and to (shares of height)
_FORMS = (
    (24.0, 3.1, 1.35, 0.60, 0.80, 0.13, 0.52),
    (21.0, 3.5, 1.6, 0.66, 0.84, 0.14, 0.58),
    (23.0, 3.6, 1.25, 0.54, 0.70, 0.12, 0.48),
    (19.0, 3.9, 2.1, 0.72, 0.88, 0.14, 0.64),
)
_GLASS = ((236, 240, 236), (70, 110, 74), (104, 58, 26), (214, 228, 226))


def build(d: Design, detail: int) -> Model:
    h, r, neck, low, high, first, last = _FORMS[d.pick("form", len(_FORMS))]
    if d.large:
        h, r = h * 1.28, r * 1.16
    kind = d.pick("glass", len(_GLASS))
    tint = _GLASS[kind]
    shoulder = curve([(neck, h * 0.95), (neck * 1.02, h * high), (neck + (r - neck) * 0.45, h * (low + high) / 2 + h * 0.015), (r * 0.985, h * (low + 0.02)), (r, h * low)], 22)  # fmt: skip
    foot = curve([(r, h * 0.05), (r * 0.985, h * 0.018), (r * 0.9, 0.0)], 7)
    outline: list[Run] = [shoulder, [(r, h * low), (r, h * 0.05)], foot]
    parts: list[Part] = []
    if kind in (0, 3):
        drink = mix(d.accent, (255, 250, 240), 0.12)
        fill = h * (high - 0.035)
        inner = np.concatenate([shoulder, [(r, h * 0.05)], foot]) - [[0.22, 0.0]]
        inner = inner[inner[:, 1] <= fill]
        top = [(0.0, float(inner[0, 1])), (float(inner[0, 0]), float(inner[0, 1]))]
        parts.append(lathe([top, inner], Material(solid(drink), "liquid")))
        parts.append(lathe(outline, Material(solid(tint), "glass")))
    else:
        parts.append(lathe(outline, Material(solid(tint), "gloss")))
        parts.append(
            lathe(
                [[(neck + 0.12, h * 0.945), (neck + 0.12, h * 0.925)]],
                Material(solid(mix(tint, (255, 255, 255), 0.08)), "gloss"),
            )
        )
    upper, lower = h * last, h * first
    pixels = int(detail * (upper - lower) / h)
    art = wrap(d, int(pixels * 2 * np.pi * r / (upper - lower)), pixels)
    paper = "satin" if d.pick("paper", 3) else "gloss"
    parts.append(lathe([[(r + 0.03, upper), (r + 0.03, lower)]], Material(art, paper), bias=0.12))
    cap = (d.lead, mix(d.accent, (30, 30, 34), 0.3), d.accent)[d.pick("cap", 3)]
    rim = neck + 0.22
    finish = "metal" if d.pick("metal", 2) else "gloss"
    ribs = _ribbed(cap)
    parts.append(
        lathe(
            [
                [(0.0, h), (rim * 0.86, h)],
                curve([(rim * 0.86, h), (rim * 0.97, h * 0.997), (rim, h * 0.985)], 4),
                [(rim, h * 0.985), (rim, h * 0.925)],
            ],
            Material(ribs, finish),
        )
    )
    return Model(tuple(parts))


def _ribbed(colour: tuple[int, int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    columns = np.arange(720)
    ridge = 1 + 0.10 * np.sin(columns * 2 * np.pi / 12)
    rows = np.ones((30, 1))
    value = 1 + (ridge - 1)[None, :] * (np.arange(30)[:, None] > 14) * rows
    return np.clip(np.asarray(colour)[None, None, :] * value[..., None], 0, 255).astype(np.uint8)
