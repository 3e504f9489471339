"""Mugs: stoneware, enamel and tall latte cups with a print, a handle and sometimes a drink."""

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.art import motif, readable
from retailvision.demo.designs import Design
from retailvision.demo.fonts import fit, write
from retailvision.demo.mesh import Bytes, Material, Model, curve, lathe, solid, sweep
from retailvision.demo.texture import grain
from retailvision.demo.words import mix

_GROUNDS = ((244, 240, 230), (232, 222, 206), (206, 218, 218), (60, 66, 76), (250, 248, 244))


def build(d: Design, detail: int) -> Model:
    h, r = {"Stoneware Mug": (9.4, 4.3), "Enamel Mug": (8.4, 4.3), "Latte Mug": (11.6, 4.1)}[
        d.title
    ]
    if d.large:
        h, r = h * 1.12, r * 1.1
    ground = _GROUNDS[d.own("ground", len(_GROUNDS))]
    if d.title == "Enamel Mug":
        ground = _GROUNDS[(0, 3, 2)[d.own("ground", 3)]]
    flare = {"Stoneware Mug": 0.97, "Enamel Mug": 0.95, "Latte Mug": 0.80}[d.title]
    side = curve([(r, h), (r * 0.998, h * 0.7), (r * (flare + 0.02), h * 0.22), (r * flare * 0.95, h * 0.05), (r * flare * 0.84, 0)], 20)  # fmt: skip
    outer = lathe([side], Material(_print(d, ground, h, r, detail), "gloss"))
    wall = 0.32 if d.title != "Enamel Mug" else 0.16
    inside = (
        mix(ground, (255, 255, 255), 0.25)
        if d.pick("inside", 2)
        else mix(d.accent, (255, 255, 255), 0.15)
    )
    bowl = lathe(
        [[(0.0, 1.0), (r * flare - 0.6, 1.0)], [(r * flare - 0.6, 1.0), (r - wall, h)]],
        Material(solid(mix(inside, (0, 0, 0), 0.12)), "satin"),
    )
    lip = (40, 50, 84) if d.title == "Enamel Mug" else ground
    rim = lathe(
        [curve([(r - wall, h - 0.02), (r - wall / 2, h + wall * 0.45), (r, h - 0.02)], 7)],
        Material(solid(lip), "gloss"),
    )
    reach = 2.9
    path = curve([(r * 0.93, h * 0.84, 0), (r + reach * 0.75, h * 0.88, 0), (r + reach, h * 0.58, 0), (r + reach * 0.62, h * 0.26, 0), (r * 0.90, h * 0.20, 0)], 30)  # fmt: skip
    handle = sweep(
        path,
        0.62 if wall > 0.2 else 0.46,
        Material(solid(lip if wall < 0.2 else ground), "gloss"),
        flat=0.75,
    )
    parts = [outer, bowl, rim, handle]
    if d.pick("drink", 3) == 0:
        level = h * 0.86
        disc = lathe(
            [[(0.0, level), (r - wall - 0.1, level)]], Material(solid((92, 54, 32)), "satin")
        )
        parts.append(disc)
    return Model(tuple(parts))


def _print(d: Design, ground: tuple[int, int, int], h: float, r: float, detail: int) -> Bytes:
    high = detail
    around = int(detail * 2 * np.pi * r / h)
    image = Image.new("RGB", (around, high), ground)
    pen = ImageDraw.Draw(image)
    style = d.pick("print", 4)
    ink = readable(ground, (44, 48, 58), (246, 242, 232))
    if style == 1:  # dipped in glaze
        line = [
            (x, high * (0.70 + 0.035 * np.sin(x / around * 2 * np.pi * 5)))
            for x in range(0, around + 8, 8)
        ]
        pen.polygon([*line, (around, high), (0, high)], fill=d.accent)
    elif style == 2:  # bands
        for y, w in ((0.10, 0.035), (0.86, 0.035), (0.91, 0.015)):
            pen.rectangle((0, high * y, around, high * (y + w)), fill=d.accent)
    elif style == 3:
        for k in range(40):
            x, y = (k * 0.618034 % 1) * around, (0.06 + 0.88 * k / 40) * high
            dot = high * 0.014
            pen.ellipse((x - dot, y - dot, x + dot, y + dot), fill=mix(ground, d.accent, 0.55))
    for share in (0.5, 0.02, 0.98):
        x = around * share
        if style == 3:
            pen.ellipse(
                (x - high * 0.36, high * 0.46 - high * 0.36, x + high * 0.36, high * 0.82),
                fill=ground,
            )
        motif(pen, d.motif, x, high * 0.42, high * 0.26, d.accent)
        words = d.brand.upper()
        size = fit(words, "sans", high * 0.52, high * 0.055, 0.12)
        on = readable(d.accent, (246, 242, 232), (44, 48, 58)) if style == 1 else ink
        write(
            pen,
            (x, high * 0.775 if style != 1 else high * 0.82),
            words,
            "sans",
            size,
            on,
            spacing=0.12,
        )
    art = np.asarray(image)
    return grain(art, d.rng("glaze"), 0.035) if d.title == "Stoneware Mug" else art
