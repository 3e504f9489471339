# ruff: noqa: PLR0917  a pen, a place and a size come first in every call, as with any drawing tool
"""The marks of the brands: eight of them, each in two colours."""

from collections.abc import Callable

import numpy as np

from retailvision.demo.art import Pen, disc, leaf, turned, wave_line
from retailvision.demo.words import RGB


def _hill(pen: Pen, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    del ground
    pen.ellipse((x - r, y - r, x + r, y + r), outline=ink, width=max(2, int(r * 0.14)))
    pen.chord((x - r * 0.72, y - r * 0.2, x + r * 0.72, y + r * 1.24), 198, 342, fill=ink)


def _leaves(pen: Pen, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    for angle in (-60, -120):
        leaf(pen, x, y + r * 0.7, r * 1.5, angle, ink, ground)


def _diamond(pen: Pen, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    pen.polygon(turned([(0, -1), (0.8, 0), (0, 1), (-0.8, 0)], x, y, r), fill=ink)
    pen.polygon(turned([(0, -0.5), (0.4, 0), (0, 0.5), (-0.4, 0)], x, y, r), fill=ground)


def _sunrise(pen: Pen, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    del ground
    pen.pieslice((x - r, y - r, x + r, y + r), 180, 360, fill=ink)
    pen.rectangle((x - r, y + r * 0.14, x + r, y + r * 0.3), fill=ink)
    pen.rectangle((x - r * 0.6, y + r * 0.46, x + r * 0.6, y + r * 0.6), fill=ink)


def _badge(pen: Pen, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    reach = (0.82, 1.0)
    turns = enumerate(np.arange(24) * np.pi / 12)
    star = [(float(np.cos(a)) * reach[k % 2], float(np.sin(a)) * reach[k % 2]) for k, a in turns]
    pen.polygon(turned(star, x, y, r), fill=ink)
    disc(pen, x, y, r * 0.5, ground)
    disc(pen, x, y, r * 0.22, ink)


def _water(pen: Pen, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    del ground
    for k in range(3):
        wave_line(pen, x, y + r * (k - 1) * 0.5, r, ink)


def _crossed(pen: Pen, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    del ground
    for slope in (1, -1):
        ends = turned([(-0.8 * slope, -0.8), (0.8 * slope, 0.8)], x, y, r)
        pen.line(ends, fill=ink, width=max(2, int(r * 0.14)))
    for dx, dy in ((0, -0.75), (0, 0.75), (-0.75, 0), (0.75, 0)):
        disc(pen, x + dx * r, y + dy * r, r * 0.18, ink)


def _bird(pen: Pen, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    pen.chord((x - r, y - r, x + r, y + r), 20, 200, fill=ink)
    pen.polygon(turned([(0.3, -0.1), (1.05, -0.55), (0.95, 0.35)], x, y, r), fill=ink)
    disc(pen, x - r * 0.62, y - r * 0.02, r * 0.38, ink)
    disc(pen, x - r * 0.7, y - r * 0.08, r * 0.08, ground)


LOGOS: tuple[Callable[[Pen, float, float, float, RGB, RGB], None], ...] = (
    _hill, _leaves, _diamond, _sunrise, _badge, _water, _crossed, _bird,
)  # fmt: skip


def logo(pen: Pen, kind: int, x: float, y: float, r: float, ink: RGB, ground: RGB) -> None:
    """Draws one of the marks around x, y within about r pixels."""
    LOGOS[kind](pen, x, y, r, ink, ground)
