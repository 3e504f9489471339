# ruff: noqa: PLR0917  a pen, a place and a size come first in every call, as with any drawing tool
"""Small pictures for packs and prints: fruit, leaves, animals and landscapes."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import ImageDraw

from retailvision.demo.words import RGB, mix

Pen = ImageDraw.ImageDraw
Point = tuple[float, float]


def luminance(rgb: RGB) -> float:
    """0 (black) to 1 (white)."""
    return (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]) / 255


def readable(background: RGB, *candidates: RGB) -> RGB:
    """The candidate that stands out most."""
    return max(candidates, key=lambda c: abs(luminance(c) - luminance(background)))


def disc(pen: Pen, x: float, y: float, r: float, fill: RGB, ry: float | None = None) -> None:
    h = r if ry is None else ry
    pen.ellipse((x - r, y - h, x + r, y + h), fill=fill)


def turned(points: Sequence[Point], x: float, y: float, r: float, angle: float = 0) -> list[Point]:
    """Unit points scaled by r, turned by an angle (degrees) and put at x, y."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return [(x + r * (px * c - py * s), y + r * (px * s + py * c)) for px, py in points]


def leaf(pen: Pen, x: float, y: float, r: float, angle: float, fill: RGB, vein: RGB) -> None:
    """A leaf that starts at x, y and points along the angle (degrees, 0 is right)."""
    t = np.linspace(0, 1, 14)
    half = 0.30 * np.sin(np.pi * t**0.8)
    outline = [*zip(t, half, strict=True), *zip(t[::-1], -half[::-1], strict=True)]
    pen.polygon(turned([(float(a), float(b)) for a, b in outline], x, y, r, angle), fill=fill)
    pen.line(turned([(0, 0), (0.92, 0)], x, y, r, angle), fill=vein, width=max(1, int(r * 0.05)))


def _citrus(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    pale = mix(c, (255, 252, 236), 0.75)
    disc(pen, x + r * 0.35, y - r * 0.32, r * 0.62, mix(c, (60, 30, 0), 0.12))
    leaf(pen, x + r * 0.1, y - r * 0.8, r * 0.7, -35, (74, 128, 66), (40, 90, 46))
    disc(pen, x - r * 0.12, y + r * 0.15, r * 0.78, c)
    disc(pen, x - r * 0.12, y + r * 0.15, r * 0.69, pale)
    for k in range(9):
        wedge = [(0.10, 0.0), (0.62, -0.17), (0.66, 0.0), (0.62, 0.17)]
        pen.polygon(
            turned(wedge, x - r * 0.12, y + r * 0.15, r, k * 40 + 8),
            fill=mix(c, (255, 255, 255), 0.12),
        )


def _berries(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    for angle in (-150, -95, -35):
        leaf(pen, x, y - r * 0.25, r * 0.8, angle, (84, 134, 78), (52, 98, 54))
    for dx, dy in ((-0.42, 0.1), (0.4, 0.02), (0.0, 0.5), (-0.05, -0.12)):
        disc(pen, x + dx * r, y + dy * r, r * 0.4, mix(c, (0, 0, 0), 0.12))
        disc(pen, x + dx * r - r * 0.04, y + dy * r - r * 0.04, r * 0.34, c)
        disc(
            pen,
            x + dx * r - r * 0.14,
            y + dy * r - r * 0.15,
            r * 0.09,
            mix(c, (255, 255, 255), 0.65),
        )


def _cherry(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    stem = (92, 110, 54)
    width = max(2, int(r * 0.07))
    pen.line(
        [(x - r * 0.4, y + r * 0.3), (x - r * 0.1, y - r * 0.4), (x + r * 0.15, y - r * 0.85)],
        fill=stem,
        width=width,
    )
    pen.line(
        [(x + r * 0.42, y + r * 0.4), (x + r * 0.3, y - r * 0.3), (x + r * 0.15, y - r * 0.85)],
        fill=stem,
        width=width,
    )
    leaf(pen, x + r * 0.15, y - r * 0.85, r * 0.85, 18, (84, 140, 70), (50, 100, 46))
    for dx, dy in ((-0.42, 0.38), (0.44, 0.48)):
        disc(pen, x + dx * r, y + dy * r, r * 0.42, c)
        disc(
            pen, x + dx * r - r * 0.14, y + dy * r - r * 0.15, r * 0.1, mix(c, (255, 255, 255), 0.7)
        )


def _flower(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    for angle in (60, 120):
        leaf(pen, x, y + r * 0.2, r * 0.95, angle, (96, 140, 90), (62, 104, 62))
    petal = mix(c, (255, 255, 255), 0.25)
    for k in range(8):
        px, py = turned([(0.5, 0)], x, y - r * 0.12, r, k * 45)[0]
        disc(pen, px, py, r * 0.27, petal if k % 2 else mix(c, (255, 255, 255), 0.05))
    disc(pen, x, y - r * 0.12, r * 0.24, (240, 190, 70))
    disc(pen, x, y - r * 0.12, r * 0.13, (206, 138, 40))


def _fruit(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    dark = mix(c, (70, 30, 0), 0.2)
    disc(pen, x - r * 0.22, y + r * 0.1, r * 0.6, c, r * 0.68)
    disc(pen, x + r * 0.22, y + r * 0.1, r * 0.6, c, r * 0.68)
    disc(pen, x + r * 0.42, y + r * 0.16, r * 0.38, mix(c, (226, 60, 40), 0.25), r * 0.5)
    disc(pen, x - r * 0.38, y - r * 0.14, r * 0.14, mix(c, (255, 255, 255), 0.5), r * 0.2)
    pen.line(
        [(x, y - r * 0.45), (x + r * 0.1, y - r * 0.9)], fill=dark, width=max(2, int(r * 0.09))
    )
    leaf(pen, x + r * 0.06, y - r * 0.66, r * 0.7, -25, (84, 140, 70), (50, 100, 46))


def _leaf(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    green = mix(c, (60, 130, 70), 0.35)
    pen.line(
        [(x, y + r), (x, y - r * 0.6)], fill=mix(green, (0, 0, 0), 0.3), width=max(2, int(r * 0.06))
    )
    for k, height in enumerate((0.75, 0.4, 0.05, -0.3)):
        size = r * (0.85 - 0.1 * k)
        shade = mix(green, (255, 255, 255), 0.08 * k)
        for angle in (-30, -150):
            leaf(pen, x, y + r * height, size, angle, shade, mix(green, (0, 0, 0), 0.3))
    leaf(pen, x, y - r * 0.45, r * 0.6, -90, mix(green, (255, 255, 255), 0.3), green)


def _bean(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    for dx, dy, angle in ((-0.38, -0.28, 30), (0.42, -0.15, -40), (-0.02, 0.45, 75)):
        t = np.linspace(0, 2 * np.pi, 28)
        oval = [(0.50 * float(np.cos(a)), 0.33 * float(np.sin(a))) for a in t]
        pen.polygon(turned(oval, x + dx * r, y + dy * r, r, angle), fill=mix(c, (30, 14, 6), 0.25))
        inner = [(0.43 * float(np.cos(a)), 0.26 * float(np.sin(a)) - 0.03) for a in t]
        pen.polygon(
            turned(inner, x + dx * r, y + dy * r, r, angle), fill=mix(c, (120, 70, 40), 0.3)
        )
        groove = [(-0.44, 0.03), (-0.15, -0.07), (0.15, 0.07), (0.44, -0.03)]
        pen.line(
            turned(groove, x + dx * r, y + dy * r, r, angle),
            fill=mix(c, (20, 8, 2), 0.6),
            width=max(2, int(r * 0.07)),
        )


def _wheat(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    gold = mix(c, (226, 176, 84), 0.4)
    for lean, low in ((-24, 0.0), (24, 0.0), (0, -0.1)):
        stem = turned([(0, 0.95), (0, -0.8 + low)], x, y, r, lean)
        pen.line(stem, fill=mix(gold, (60, 40, 0), 0.35), width=max(2, int(r * 0.05)))
        for k in range(6):
            height = -0.75 + low + 0.16 * k
            for side, angle in ((-1, -115), (1, -65)):
                px, py = turned([(side * 0.03, height + 0.12)], x, y, r, lean)[0]
                leaf(pen, px, py, r * 0.3, angle + lean, gold, mix(gold, (90, 60, 10), 0.35))


def _nut(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    for dx, dy, angle in ((-0.36, 0.12, -70), (0.36, 0.2, -110), (0.0, -0.3, -90)):
        drop = [
            (0.62, 0.0),
            (0.3, 0.3),
            (-0.2, 0.38),
            (-0.45, 0.2),
            (-0.45, -0.2),
            (-0.2, -0.38),
            (0.3, -0.3),
        ]
        pen.polygon(
            turned(drop, x + dx * r, y + dy * r, r * 0.85, angle), fill=mix(c, (60, 30, 10), 0.2)
        )
        inner = [(px * 0.72, py * 0.72) for px, py in drop]
        pen.polygon(
            turned(inner, x + dx * r - r * 0.03, y + dy * r, r * 0.85, angle),
            fill=mix(c, (255, 230, 190), 0.25),
        )


def _drop(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    t = np.linspace(0, 2 * np.pi, 40)
    outline = [
        (0.6 * float(np.sin(a) * np.sin(a / 2)), -0.9 * float(np.cos(a / 2) ** 1)) for a in t
    ]
    pen.polygon([(x + px * r, y - py * r * 0.9) for px, py in outline], fill=c)
    disc(pen, x - r * 0.18, y + r * 0.42, r * 0.12, mix(c, (255, 255, 255), 0.6), r * 0.2)


def _mountain(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    disc(pen, x + r * 0.35, y - r * 0.45, r * 0.26, (240, 188, 92))
    for points, shade in (
        ([(-1.0, 0.7), (-0.45, -0.15), (0.1, 0.7)], 0.25),
        ([(-0.5, 0.7), (0.12, -0.6), (0.95, 0.7)], 0.0),
    ):
        pen.polygon(turned(points, x, y, r), fill=mix(c, (255, 255, 255), shade))
    snow = [(-0.07, -0.2), (0.12, -0.6), (0.36, -0.17), (0.24, -0.24), (0.14, -0.08), (0.04, -0.22)]
    pen.polygon(turned(snow, x, y, r), fill=(248, 248, 246))
    pen.rectangle((x - r, y + r * 0.7, x + r, y + r * 0.8), fill=mix(c, (0, 0, 0), 0.25))


def _sun(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    gold = mix(c, (250, 190, 70), 0.5)
    for k in range(16):
        ray = [(0.58, -0.07), (0.98 if k % 2 else 0.82, 0.0), (0.58, 0.07)]
        pen.polygon(turned(ray, x, y, r, k * 22.5), fill=gold)
    disc(pen, x, y, r * 0.5, gold)
    disc(pen, x, y, r * 0.38, mix(gold, (255, 255, 255), 0.3))


def _wave(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    for k in range(4):
        t = np.linspace(-1, 1, 40)
        reach = np.sqrt(np.maximum(0.05, 1 - (0.55 * (k - 1.5)) ** 2))
        line = [
            (
                x + float(a * reach) * r,
                y + r * (0.42 * (k - 1.5)) + r * 0.12 * float(np.sin(a * 7 + k)),
            )
            for a in t
        ]
        pen.line(
            line, fill=mix(c, (255, 255, 255), 0.16 * k), width=max(3, int(r * 0.17)), joint="curve"
        )


def _comb(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    hexagon = [(float(np.cos(a)), float(np.sin(a))) for a in np.arange(6) * np.pi / 3 + np.pi / 6]
    places = [(0, 0)] + [(float(np.cos(a)), float(np.sin(a))) for a in np.arange(6) * np.pi / 3]
    for k, (dx, dy) in enumerate(places):
        fill = mix(c, (255, 236, 170), 0.12 * (k % 4))
        pen.polygon(turned(hexagon, x + dx * r * 0.62, y + dy * r * 0.62, r * 0.33), fill=fill)


def _tomato(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    disc(pen, x, y + r * 0.12, r * 0.82, c, r * 0.7)
    disc(pen, x - r * 0.35, y - r * 0.1, r * 0.16, mix(c, (255, 255, 255), 0.45), r * 0.1)
    for k in range(6):
        leaf(pen, x, y - r * 0.42, r * 0.52, k * 60 + 10, (78, 128, 60), (46, 92, 40))


def _pepper(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    for dx, angle in ((-0.25, 100), (0.3, 78)):
        body = [
            (0, -0.2),
            (0.35, -0.24),
            (0.8, -0.1),
            (1.25, 0.16),
            (0.8, 0.14),
            (0.3, 0.22),
            (0, 0.18),
        ]
        pen.polygon(
            turned(body, x + dx * r, y - r * 0.45, r, angle),
            fill=mix(c, (0, 0, 0), 0.1 if dx < 0 else 0),
        )
        pen.line(
            turned([(0, 0), (-0.3, 0.08)], x + dx * r, y - r * 0.45, r, angle),
            fill=(70, 120, 60),
            width=max(3, int(r * 0.14)),
        )


def _hop(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    green = mix(c, (120, 160, 70), 0.6)
    for row in range(4):
        for k in range(-(3 - row), 4 - row):
            px, py = x + k * r * 0.22, y - r * 0.45 + row * r * 0.34
            disc(
                pen, px, py, r * 0.2, mix(green, (255, 255, 255), 0.09 * ((k + row) % 3)), r * 0.27
            )
    leaf(pen, x, y - r * 0.6, r * 0.7, -150, (86, 134, 66), (50, 94, 44))
    leaf(pen, x, y - r * 0.6, r * 0.7, -30, (86, 134, 66), (50, 94, 44))


def _fox(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    coat = mix((206, 104, 48), c, 0.25)
    dark = mix(coat, (40, 20, 10), 0.75)
    for side in (-1, 1):
        ear = [(side * 0.78, -0.9), (side * 0.86, -0.1), (side * 0.2, -0.42)]
        pen.polygon(turned(ear, x, y, r), fill=coat)
        inner = [(side * 0.70, -0.66), (side * 0.72, -0.22), (side * 0.38, -0.40)]
        pen.polygon(turned(inner, x, y, r), fill=dark)
    pen.polygon(
        turned([(-0.9, -0.12), (-0.3, -0.45), (0.3, -0.45), (0.9, -0.12), (0, 0.85)], x, y, r),
        fill=coat,
    )
    for side in (-1, 1):
        pen.polygon(
            turned([(side * 0.9, -0.12), (side * 0.12, 0.16), (0, 0.85)], x, y, r),
            fill=(246, 236, 220),
        )
        disc(pen, x + side * r * 0.34, y + r * 0.02, r * 0.08, dark)
    disc(pen, x, y + r * 0.72, r * 0.13, dark)


def _sailboat(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    pen.polygon(
        turned([(-0.05, -0.95), (-0.05, 0.32), (-0.75, 0.32)], x, y, r), fill=(246, 240, 228)
    )
    pen.polygon(
        turned([(0.05, -0.75), (0.05, 0.32), (0.66, 0.32)], x, y, r),
        fill=mix(c, (226, 96, 70), 0.55),
    )
    pen.polygon(
        turned([(-0.85, 0.4), (0.85, 0.4), (0.55, 0.72), (-0.55, 0.72)], x, y, r),
        fill=mix(c, (120, 60, 30), 0.5),
    )
    wave_line(pen, x, y + r * 0.88, r, mix(c, (255, 255, 255), 0.35))


def wave_line(pen: Pen, x: float, y: float, r: float, c: RGB) -> None:
    t = np.linspace(-1, 1, 36)
    pen.line(
        [(x + float(a) * r, y + r * 0.06 * float(np.sin(a * 11))) for a in t],
        fill=c,
        width=max(2, int(r * 0.1)),
    )


MOTIFS: dict[str, Callable[[Pen, float, float, float, RGB], None]] = {
    "citrus": _citrus, "berries": _berries, "cherry": _cherry, "flower": _flower, "fruit": _fruit,
    "leaf": _leaf, "bean": _bean, "wheat": _wheat, "nut": _nut, "drop": _drop, "sun": _sun,
    "mountain": _mountain, "wave": _wave, "comb": _comb, "tomato": _tomato, "pepper": _pepper,
    "hop": _hop, "fox": _fox, "sailboat": _sailboat,
}  # fmt: skip


def motif(pen: Pen, name: str, x: float, y: float, r: float, colour: RGB) -> None:
    """Draws a motif around x, y within about r pixels."""
    MOTIFS[name](pen, x, y, r, colour)
