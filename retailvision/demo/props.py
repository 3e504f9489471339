"""Things that stand about in photos and are not for sale: plants, books, bowls of fruit, boards, vases."""

from collections.abc import Callable

import numpy as np

from retailvision.demo.mesh import Material, Model, Part, curve, lathe, panel, shell, solid, sweep
from retailvision.demo.texture import smooth_noise, speckle, tinted, wood
from retailvision.demo.words import RGB, mix

_MUTED: tuple[RGB, ...] = ((226, 218, 204), (168, 178, 166), (196, 128, 98), (92, 108, 122), (214, 182, 128),
                           (62, 66, 72), (188, 152, 150), (236, 232, 226))  # fmt: skip


def _tone(rng: np.random.Generator) -> RGB:
    return _MUTED[int(rng.integers(len(_MUTED)))]


def plant(rng: np.random.Generator) -> Model:
    """A pot with arching leaves."""
    r, h = float(rng.uniform(4.2, 6)), float(rng.uniform(8, 11))
    pot = lathe([[(r * 0.93, h * 0.96), (r, h)], [(r, h), (r, h * 0.82)], [(r * 0.95, h * 0.82), (r * 0.72, 0)]], Material(solid(_tone(rng)), "satin"))  # fmt: skip
    soil = lathe([[(0, h * 0.93), (r * 0.93, h * 0.93)]], Material(solid((70, 52, 40)), "cloth"))
    parts = [pot, soil]
    green: RGB = (64 + int(rng.integers(40)), 112 + int(rng.integers(30)), 66)
    for k in range(13):
        a = k * 2.4 + rng.uniform(-0.3, 0.3)
        reach, rise = rng.uniform(5, 11), rng.uniform(8, 17)
        way = np.array([np.cos(a), 0, np.sin(a)])
        path = np.asarray(curve([(0, h * 0.9, 0), (*(way * reach * 0.35 + [0, h + rise * 0.7, 0]),), (*(way * reach * 0.8 + [0, h + rise, 0]),), (*(way * reach * 1.1 + [0, h + rise * 0.72, 0]),)], 18))  # fmt: skip
        t = np.linspace(0, 1, 18)
        size = (0.15 + 1.25 * np.sin(np.pi * t**0.8)).astype(np.float32)
        colour = mix(green, (190, 214, 140), float(rng.uniform(0, 0.35)))
        leaf = sweep(
            path,
            size,
            Material(solid(colour), "satin", two_sided=True),
            flat=0.08,
            up=(0, 1, 0),
            segments=8,
        )
        parts.append(leaf)
    return Model(tuple(parts))


def books(rng: np.random.Generator) -> Model:
    """A few books in a pile."""
    parts: list[Part] = []
    y = 0.0
    for _ in range(int(rng.integers(2, 5))):
        w, h, d = rng.uniform(17, 24), rng.uniform(1.6, 3.6), rng.uniform(13, 17)
        cover = Material(solid(_tone(rng)), "satin")
        leaves = np.full((24, 40, 3), (238, 232, 218), np.uint8)
        leaves[::3] = (214, 206, 190)
        pages = Material(leaves, "cloth")
        x, z, t = w / 2, d / 2, y + h
        one = [
            panel([(-x, t, -z), (x, t, -z), (x, t, z), (-x, t, z)], cover, cells=4),
            panel([(-x, t, z), (x, t, z), (x, y, z), (-x, y, z)], cover, cells=4),
            panel([(x, t, z), (x, t, -z), (x, y, -z), (x, y, z)], pages, cells=4),
            panel([(-x, t, -z), (-x, t, z), (-x, y, z), (-x, y, -z)], pages, cells=4),
        ]
        parts.extend(Model(tuple(one)).moved(turn=float(rng.uniform(-14, 14))).parts)
        y = t
    return Model(tuple(parts))


def _ball(r: float, colour: RGB, rng: np.random.Generator, squash: float = 1.0) -> Part:
    a = np.linspace(0, np.pi, 20)
    dots = smooth_noise(rng, 60, 120, 14) * 0.06
    profile = np.stack([r * np.sin(a), r * squash * np.cos(a)], 1)
    return lathe([profile], Material(tinted(colour, dots), "satin"), segments=32)


def fruit(rng: np.random.Generator) -> Model:
    """A bowl of oranges, lemons, apples or limes."""
    r = float(rng.uniform(8, 10.5))
    outer = curve([(r, 6.6), (r * 0.86, 3.2), (r * 0.5, 0.9), (r * 0.42, 0)], 16)
    bowl = lathe(
        [outer], Material(speckle(_tone(rng), int(rng.integers(4))), "gloss", two_sided=True)
    )
    colours: tuple[RGB, ...] = ((236, 142, 44), (240, 204, 70), (186, 46, 44), (142, 176, 66))
    parts = [bowl]
    for k in range(7):
        a = k * 2.4
        reach = 0.0 if k == 6 else r * 0.52
        ball = _ball(float(rng.uniform(3.1, 3.7)), colours[int(rng.integers(4))], rng, 0.93)
        parts.extend(Model((ball,)).moved(offset=(reach * np.cos(a), 6.2 + (2.6 if k == 6 else 0), reach * np.sin(a))).parts)  # fmt: skip
    return Model(tuple(parts))


def vase(rng: np.random.Generator) -> Model:
    """A vase with dry stems."""
    h, r = float(rng.uniform(14, 22)), float(rng.uniform(4, 6.5))
    profile = curve([(r * 0.42, h), (r * 0.36, h * 0.86), (r, h * 0.46), (r * 0.62, 0)], 26)
    parts = [
        lathe([profile], Material(speckle(_tone(rng), 7), ("satin", "gloss")[int(rng.integers(2))]))
    ]
    for _ in range(6):
        lean = rng.uniform(-1, 1, 2) * 8
        path = curve(
            [(0, h * 0.8, 0), (lean[0] * 0.4, h * 1.4, lean[1] * 0.4), (lean[0], h * 1.9, lean[1])],
            16,
        )
        t = np.linspace(0, 1, 16)
        size = (0.12 + 0.85 * np.clip(t - 0.62, 0, 1) * 2.0 * (1 - t) * 3 + 0.05).astype(np.float32)
        parts.append(sweep(path, size, Material(solid((204, 176, 128)), "cloth"), segments=8))
    return Model(tuple(parts))


def board(rng: np.random.Generator) -> Model:
    """A chopping board that leans on the wall."""
    w, h = float(rng.uniform(18, 24)), float(rng.uniform(26, 34))
    art = wood((182, 132, 84), int(rng.integers(3)))
    face = panel(
        [(-w / 2, h, 0), (w / 2, h, 0), (w / 2, 0, 0), (-w / 2, 0, 0)],
        Material(art, "satin"),
        cells=8,
    )
    edge = panel(
        [(-w / 2, h, -1.6), (w / 2, h, -1.6), (w / 2, h, 0), (-w / 2, h, 0)],
        Material(art, "satin"),
        cells=4,
    )
    side = panel(
        [(w / 2, h, 0), (w / 2, h, -1.6), (w / 2, 0, -1.6), (w / 2, 0, 0)],
        Material(art, "satin"),
        cells=4,
    )
    return Model((face, edge, side)).moved(tilt=-9, turn=float(rng.uniform(-8, 8)))


def glass(rng: np.random.Generator) -> Model:
    """A tumbler, filled or empty."""
    h, r = float(rng.uniform(9, 12)), float(rng.uniform(3.1, 3.8))
    side = Material(solid((236, 242, 242)), "glass", two_sided=True)
    parts = [lathe([[(r, h), (r * 0.86, 0.4)], [(r * 0.86, 0.4), (r * 0.8, 0)]], side)]
    if rng.random() < 0.6:
        juice: RGB = ((238, 168, 60), (206, 60, 70), (224, 226, 196))[int(rng.integers(3))]
        level = h * float(rng.uniform(0.4, 0.8))
        top = r * (0.86 + 0.14 * level / h) - 0.2
        parts.insert(
            0,
            lathe(
                [[(0, level), (top, level)], [(top, level), (r * 0.84 - 0.2, 0.8)]],
                Material(solid(juice), "liquid"),
            ),
        )
    return Model(tuple(parts))


def cloth(rng: np.random.Generator) -> Model:
    """A folded kitchen towel."""
    w, d, h = float(rng.uniform(18, 26)), float(rng.uniform(13, 18)), float(rng.uniform(1.5, 3))
    t = np.linspace(0, 2 * np.pi, 60)
    x = w / 2 * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** 0.35
    z = d / 2 * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** 0.35
    rows = []
    for y, s in (
        (0, 0.98),
        (h * 0.5, 1.0),
        (h * 0.9, 0.98),
        (h, 0.92),
        (h * 1.04, 0.5),
        (h * 1.05, 0.0),
    ):
        rows.append(np.stack([x * s, np.full_like(x, y), z * s], 1))
    points = np.stack(rows).astype(np.float32)
    tone = _tone(rng)
    art = np.full((120, 240, 3), tone, np.uint8)
    art[:, ::24] = mix(tone, (255, 255, 255), 0.5)
    art[:, 1::24] = mix(tone, (255, 255, 255), 0.5)
    uv = np.stack([(points[..., 0] / w + 0.5), (points[..., 2] / d + 0.5)], -1).clip(0, 1)
    return Model((shell(points, uv.astype(np.float32), Material(art, "cloth", two_sided=True)),))


PROPS: dict[str, Callable[[np.random.Generator], Model]] = {
    "plant": plant, "books": books, "fruit": fruit, "vase": vase, "board": board, "glass": glass,
    "cloth": cloth,
}  # fmt: skip
