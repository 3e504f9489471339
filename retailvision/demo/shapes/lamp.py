"""Lamps that are on: table lamps with a fabric shade, desk lamps with an arm, mushroom lamps of glass."""

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.designs import Design
from retailvision.demo.fonts import fit, write
from retailvision.demo.mesh import (
    Bytes,
    Floats,
    Material,
    Model,
    Part,
    curve,
    lathe,
    panel,
    rotation,
    solid,
    sweep,
)
from retailvision.demo.texture import smooth_noise, tinted
from retailvision.demo.words import RGB, mix

_BRASS: RGB = (206, 166, 96)


def build(d: Design, detail: int) -> Model:
    if d.title == "Desk Lamp":
        return _desk(d, detail)
    if d.title == "Mushroom Lamp":
        return _mushroom(d, detail)
    return _table(d, detail)


def _glowing(cloth: RGB, rows: int = 240) -> Bytes:
    """A shade lit from within: brightest about the bulb, darker to its edges."""
    v = np.linspace(0, 1, rows)
    light = 0.80 + 0.36 * np.exp(-(((v - 0.55) / 0.36) ** 2))
    weave = 0.02 * np.sin(np.arange(900) * 2.1)
    colour = np.asarray(mix(cloth, (255, 226, 164), 0.24), np.float32)
    out = colour[None, None, :] * (light[:, None] + weave[None, :])[..., None]
    out[: max(2, rows // 40)] *= 0.72
    out[-max(2, rows // 40) :] *= 0.72
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def _table(d: Design, detail: int) -> Model:
    h = 52.0 if d.large or d.size == "52 cm" else 38.0
    foot_h = h * 0.52
    form = d.pick("form", 4)
    finish = ("gloss", "satin")[d.pick("finish", 2)]
    profile: Floats
    r = h * 0.15
    if form == 0:  # gourd
        profile = curve([(r * 0.22, foot_h), (r * 0.30, foot_h * 0.9), (r * 0.78, foot_h * 0.66), (r * 0.58, foot_h * 0.46), (r, foot_h * 0.22), (r * 0.72, foot_h * 0.02)], 44)  # fmt: skip
    elif form == 1:  # bottle
        profile = curve([(r * 0.24, foot_h), (r * 0.28, foot_h * 0.78), (r * 0.80, foot_h * 0.58), (r * 0.86, foot_h * 0.30), (r * 0.80, foot_h * 0.02)], 40)  # fmt: skip
    elif form == 2:  # sphere
        a = np.linspace(0.28, np.pi - 0.45, 40)
        profile = np.stack(
            [r * 1.05 * np.sin(a), foot_h * 0.5 + r * 1.35 * np.cos(a) * 1.15], axis=1
        ).astype(np.float32)
        profile[:, 1] += -profile[-1, 1] + 0.4
    else:  # cone
        profile = curve(
            [(r * 0.26, foot_h), (r * 0.42, foot_h * 0.6), (r * 0.95, foot_h * 0.04)], 30
        )
    ceramic = d.rng("ceramic")
    speck = smooth_noise(ceramic, 240, 480, 3) * (0.05 if d.pick("speckled", 2) else 0.01)
    base = lathe([profile], Material(tinted(d.accent, speck), finish))
    end = float(profile[0, 1])
    stem = lathe([[(0.0, h * 0.97), (0.45, h * 0.97)], [(0.45, h * 0.97), (0.45, end - 0.5)]], Material(solid(_BRASS), "metal"), segments=20)  # fmt: skip
    collar = lathe([curve([(0.5, end + 1.3), (r * 0.26, end + 0.9), (r * 0.28, end - 0.2)], 7)], Material(solid(_BRASS), "metal"), segments=30)  # fmt: skip
    plate = lathe([[(0, 0.9), (float(profile[-1, 0]) * 1.02, 0.9)], [(float(profile[-1, 0]) * 1.02, 0.9), (float(profile[-1, 0]) * 1.05, 0.0)]], Material(solid(_BRASS), "metal"))  # fmt: skip
    shades: tuple[RGB, ...] = (
        (250, 242, 226),
        (228, 178, 110),
        mix(d.accent, (255, 226, 180), 0.50),
    )
    cloth = shades[d.own("cloth", len(shades))]
    upper, lower = ((0.15, 0.25), (0.22, 0.25), (0.12, 0.29))[d.pick("shade", 3)]
    outline = [(h * upper, h), (h * lower, h * 0.60)]
    shade = lathe([outline], Material(_glowing(cloth), "glow"))
    inside = lathe([outline], Material(np.clip(_glowing(cloth).astype(int) + 22, 0, 255).astype(np.uint8), "glow", two_sided=True), bias=-0.3)  # fmt: skip
    tag = _tag(d, detail, (h * lower * 0.35, h * 0.61, h * lower * 0.96))
    return Model((base, stem, collar, plate, inside, shade, *tag), glow=(0.0, h * 0.78, 0.0))


def _tag(d: Design, detail: int, hung: tuple[float, float, float]) -> tuple[Part, Part]:
    """A paper tag with the brand, hanging from a thread."""
    size = max(36, detail // 9)
    image = Image.new("RGB", (size * 2, size), (246, 242, 232))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, size * 0.86, size * 2, size), fill=d.lead)
    letters = fit(d.brand, d.brand_face, size * 1.7, size * 0.46)
    write(pen, (size, size * 0.45), d.brand, d.brand_face, letters, (50, 48, 46))
    x, y, z = hung
    z += 0.25
    corners = [(x - 3, y - 2.6, z), (x + 3, y - 2.6, z), (x + 3, y - 5.6, z), (x - 3, y - 5.6, z)]
    card = panel(corners, Material(np.asarray(image), "satin", two_sided=True), cells=4)
    line = np.array([(x, y, z), (x, y - 1.4, z), (x, y - 2.8, z)], np.float32)
    return card, sweep(line, 0.07, Material(solid((120, 110, 96)), "satin"), segments=6)


def _desk(d: Design, detail: int) -> Model:
    paint = Material(solid(d.accent), ("gloss", "satin")[d.pick("finish", 2)])
    joint = Material(solid(_BRASS if d.pick("brass", 2) else (196, 198, 202)), "metal")
    heavy = lathe(
        [[(0, 2.2), (7.0, 2.2)], curve([(7.0, 2.2), (7.9, 1.9), (8.2, 1.1), (8.2, 0)], 8)], paint
    )
    bend = d.pick("bend", 3)
    if bend == 0:
        path = curve([(-3, 2, 0), (-5.4, 18, 0), (-6, 29, 0), (2, 38.5, 0), (9, 41.0, 0)], 50)
    elif bend == 1:
        path = np.asarray(
            [*np.linspace((-3, 2, 0), (-9, 24, 0), 20), *np.linspace((-9, 24, 0), (9, 41, 0), 24)],
            np.float32,
        )
    else:
        path = curve([(0, 2, 0), (0, 22, 0), (0.6, 34, 0), (4, 41.5, 0), (10, 42, 0)], 50)
    arm = sweep(path.astype(np.float32), 0.62, joint if d.pick("arm", 2) else paint)
    cone = curve([(1.5, 6.0), (2.2, 4.6), (4.6, 2.2), (7.4, -3.2)], 24) if d.pick("cone", 2) else curve([(1.4, 6), (4.2, 4.8), (6.3, 1.6), (6.9, -2.6)], 24)  # fmt: skip
    inner = cone - np.asarray([0.22, 0.0], np.float32)
    place = path[-1].astype(np.float32) + np.asarray([1.6, -3.6, 0], np.float32)
    lean = rotation(lean=24)
    head = lathe([[(0, 6.0), (1.5, 6.0)], cone], paint).moved(lean, place)
    glow = lathe([inner[::-1]], Material(solid((255, 236, 190)), "glow", two_sided=True)).moved(
        lean, place
    )
    bulb_shape = [
        (2.4 * float(np.sin(a)), -0.6 + 2.4 * float(np.cos(a))) for a in np.linspace(0, np.pi, 18)
    ]
    bulb = lathe([bulb_shape], Material(solid((255, 250, 228)), "glow")).moved(lean, place)
    knob = [(1.2 * float(np.sin(a)), 1.2 * float(np.cos(a))) for a in np.linspace(0, np.pi, 14)]
    turn = [lathe([knob], joint).moved(rotation(), p) for p in (path[-1].astype(np.float32),)]
    if bend == 1:
        turn.append(lathe([knob], joint).moved(rotation(), np.asarray([-9, 24, 0], np.float32)))
    bottom = place + np.asarray([0.9, -3.0, 0.0], np.float32)
    top = path[-1]
    tag = _tag(d, detail, (float(top[0]) - 1.5, float(top[1]) - 0.6, 0.6))
    return Model(
        (heavy, arm, head, glow, bulb, *turn, *tag), glow=(float(bottom[0]), float(bottom[1]), 0.0)
    )


def _mushroom(d: Design, detail: int) -> Model:
    tall = (26.0, 29.0, 24.0)[d.pick("tall", 3)]
    r = (10.5, 9.2, 12.0)[d.pick("wide", 3)]
    finish = ("gloss", "satin")[d.pick("finish", 2)]
    low = tall * 0.56
    a = np.linspace(0, np.pi / 2, 26)
    dome = np.stack([r * np.sin(a), low + (tall - low) * np.cos(a) ** 0.9], axis=1)
    lit = d.pick("lit", 2)
    v = np.linspace(0, 1, 200)[:, None, None]
    shade = (
        np.asarray(d.accent, np.float32) * (0.92 + 0.10 * v)
        if not lit
        else np.asarray(mix(d.accent, (255, 232, 186), 0.45), np.float32) * (0.82 + 0.34 * v**1.5)
    )
    art = np.clip(np.broadcast_to(shade, (200, 4, 3)), 0, 255).astype(np.uint8)
    cap = lathe([dome], Material(art, "glow" if lit and d.pick("opal", 2) else finish))
    under = lathe(
        [[(r * 0.98, low), (r * 0.90, low + 1.4)], [(r * 0.90, low + 1.4), (0.6, low + 3.0)]],
        Material(solid((255, 232, 180)), "glow", two_sided=True),
    )
    stem = curve(
        [
            (r * 0.20, low + 2.6),
            (r * 0.22, low * 0.62),
            (r * 0.34, low * 0.20),
            (r * 0.62, 0.6),
            (r * 0.62, 0.0),
        ],
        34,
    )
    foot = lathe([stem], Material(solid(d.accent), finish))
    tag = _tag(d, detail, (r * 0.25, low + 0.3, r * 0.96))
    return Model((foot, under, cap, *tag), glow=(0.0, low, 0.0))
