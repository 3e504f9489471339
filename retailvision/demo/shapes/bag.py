"""Bags: canvas totes with a print and two handles, and backpacks with a front pocket."""

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.art import motif, readable
from retailvision.demo.designs import Design
from retailvision.demo.fonts import fit, write
from retailvision.demo.logos import logo
from retailvision.demo.mesh import Bytes, Material, Model, Part, curve, loft, solid, sweep, unit
from retailvision.demo.texture import folds, grain, smooth_noise
from retailvision.demo.words import RGB, mix


def build(d: Design, detail: int) -> Model:
    return _tote(d, detail) if d.title == "Canvas Tote" else _backpack(d, detail)


def _soft(part: Part, d: Design, amount: float) -> Part:
    rng = np.random.default_rng([d.look, d.number, 5])
    rows, columns = part.points.shape[:2]
    bump = smooth_noise(rng, rows, columns, 8)
    bump[:, -1] = bump[:, 0]
    lean = np.stack([np.gradient(bump, axis=1), np.gradient(bump, axis=0), 0 * bump], -1) * amount
    return Part(part.points, unit((part.normals + lean).astype(np.float32)), part.uv, part.material)


def _canvas(image: Image.Image, d: Design, strength: float) -> Bytes:
    rng = np.random.default_rng([d.look, d.number])
    art = np.asarray(image).astype(np.float32)
    crease = folds(rng, art.shape[0] // 2, art.shape[1] // 2, strength)
    full = Image.fromarray(crease, "F").resize(image.size, Image.Resampling.BILINEAR)
    out = np.clip(art * (1 + np.asarray(full)[..., None]), 0, 255).astype(np.uint8)
    return grain(out, rng, 0.045)


def _tote(d: Design, detail: int) -> Model:
    w, h, depth = ((35.0, 37.0, 8.0), (38.0, 34.0, 9.0), (31.0, 38.0, 7.0))[d.pick("form", 3)]
    t = np.linspace(0, 1, 40)
    half_depth = depth / 2 * (0.30 + 0.70 * np.sin(np.clip(t, 0, 0.96) * np.pi * 0.56))
    half_width = w / 2 * (1.0 - 0.03 * np.sin(t * np.pi))
    sections = np.stack([h * (1 - t), half_width, half_depth, np.full_like(t, 4.5), 0 * t], 1)
    high = int(detail * 0.75)
    wide = int(high * w / h)
    cloth = d.accent if d.pick("dyed", 2) else mix((236, 228, 208), d.accent, 0.06)
    image = Image.new("RGB", (wide * 2, high), cloth)
    pen = ImageDraw.Draw(image)
    ink = readable(cloth, (248, 242, 230), mix(d.accent, (30, 30, 40), 0.45))
    x, y, r = wide, high * 0.46, high * 0.20
    style = d.pick("style", 3)
    if style == 0:
        pen.ellipse(
            (x - r * 1.2, y - r * 1.2, x + r * 1.2, y + r * 1.2),
            fill=mix(d.paper, (255, 255, 255), 0.15),
        )
    elif style == 1:
        pen.rectangle((0, high * 0.70, image.width, high), fill=d.lead)
    else:
        pen.rounded_rectangle(
            (x - r * 1.5, y - r * 1.25, x + r * 1.5, y + r * 1.25),
            radius=r * 0.2,
            outline=ink,
            width=max(3, int(r * 0.04)),
        )
    motif(pen, d.motif, x, y, r, mix(d.accent, d.lead, 0.55))
    words = d.brand.upper() if d.brand_face != "hand" else d.brand
    size = fit(words, d.brand_face, wide * 0.66, high * 0.085, 0.08)
    on = readable(d.lead, (248, 242, 230), (36, 34, 40)) if style == 1 else ink
    write(pen, (x, high * 0.79), words, d.brand_face, size, on, spacing=0.08)
    hem = mix(cloth, (0, 0, 0), 0.25)
    for k in range(image.width // 16):
        pen.line((k * 16, high * 0.055, k * 16 + 9, high * 0.055), fill=hem, width=2)
    body = _soft(
        loft(sections.astype(np.float32), Material(_canvas(image, d, 0.10), "cloth"), segments=88),
        d,
        0.5,
    )
    inner = sections.copy()
    inner[:, 1] -= 0.3
    inner[:, 2] = np.maximum(inner[:, 2] - 0.3, 0.1)
    lining = loft(
        inner[:10].astype(np.float32),
        Material(solid(mix(cloth, (0, 0, 0), 0.45)), "cloth", two_sided=True),
    )
    strap = Material(
        grain(
            np.full((240, 40, 3), mix(cloth, d.lead, 0.75 if style == 1 else 0.0), np.uint8),
            d.rng("strap"),
            0.06,
        ),
        "cloth",
    )
    parts = [body, lining]
    for z, sag in ((depth * 0.17, 0.0), (-depth * 0.17, -1.2)):
        a = w * 0.21
        path = curve([(-a, h * 0.90, z * 1.25), (-a, h * 1.02, z), (-a * 0.80, h * 1.24 + sag, z * 0.8), (0, h * 1.36 + sag, z * 0.6), (a * 0.80, h * 1.24 + sag, z * 0.8), (a, h * 1.02, z), (a, h * 0.90, z * 1.25)], 48)  # fmt: skip
        parts.append(sweep(path, 1.25, strap, flat=0.22, up=(0, 0, 1)))
    return Model(tuple(parts))


def _backpack(d: Design, detail: int) -> Model:
    w, h, depth = (29.0, 42.0, 14.0)
    if d.large:
        w, h, depth = w * 1.08, h * 1.12, depth * 1.1
    parts = [_pack(d, w, h, depth, detail)]
    pocket = _pocket(d, w * 0.78, h * 0.40, detail)
    parts.append(
        pocket.moved(np.eye(3, dtype=np.float32), np.array([0, h * 0.07, depth * 0.43], np.float32))
    )
    band = Material(
        grain(
            np.full((200, 40, 3), mix(d.accent, (20, 20, 24), 0.5), np.uint8), d.rng("strap"), 0.05
        ),
        "cloth",
    )
    loop = curve([(-3.2, h * 0.97, -depth * 0.2), (-2.8, h * 1.05, -depth * 0.25), (0, h * 1.085, -depth * 0.27), (2.8, h * 1.05, -depth * 0.25), (3.2, h * 0.97, -depth * 0.2)], 26)  # fmt: skip
    parts.append(sweep(loop, 1.0, band, flat=0.35))
    for side in (-1, 1):
        path = curve([(side * w * 0.30, h * 0.93, -depth * 0.45), (side * w * 0.38, h * 0.80, -depth * 0.60), (side * w * 0.42, h * 0.45, -depth * 0.64), (side * w * 0.40, h * 0.08, -depth * 0.42)], 30)  # fmt: skip
        parts.append(sweep(path, 1.9, band, flat=0.3))
    return Model(tuple(parts))


def _rounded(
    w: float, h: float, depth: float, count: int, crown: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    t = (1 - np.cos(np.linspace(0, np.pi, count))) / 2
    top = np.sqrt(np.clip(1 - (1 - np.clip(t / crown, 0, 1)) ** 2, 0, 1))
    foot = np.sqrt(np.clip(1 - (1 - np.clip((1 - t) / 0.06, 0, 1)) ** 2, 0, 1))
    size = np.maximum(0.05, top**0.85 * (0.72 + 0.28 * foot))
    return np.stack(
        [
            h * (1 - t),
            w / 2 * size,
            depth / 2 * np.maximum(0.05, top * foot),
            np.full(count, 3.0),
            0 * t,
        ],
        1,
    )


def _pack(d: Design, w: float, h: float, depth: float, detail: int) -> Part:
    high = int(detail * 0.8)
    wide = int(high * w / h)
    image = Image.new("RGB", (wide * 2, high), d.accent)
    pen = ImageDraw.Draw(image)
    base = mix(d.accent, d.lead, 0.75) if d.pick("two", 2) else mix(d.accent, (20, 20, 24), 0.4)
    pen.rectangle((0, high * 0.86, image.width, high), fill=base)
    zip_dark: RGB = mix(d.accent, (10, 10, 14), 0.55)
    arch = [
        (wide + wide * 0.44 * np.sin(a), high * (0.34 - 0.25 * np.cos(a)))
        for a in np.linspace(-1.75, 1.75, 40)
    ]
    pen.line(arch, fill=zip_dark, width=max(4, high // 70), joint="curve")
    pen.line(
        arch, fill=mix(d.accent, (255, 255, 255), 0.3), width=max(1, high // 300), joint="curve"
    )
    x, y = arch[-1]
    pen.rectangle(
        (x - high * 0.008, y, x + high * 0.008, y + high * 0.05),
        fill=mix(d.lead, (220, 180, 90), 0.5),
    )
    ink = readable(d.accent, (246, 240, 228), (36, 36, 42))
    logo(pen, d.pick("logo", 8), wide, high * 0.245, high * 0.040, ink, d.accent)
    words = d.brand.upper() if d.brand_face != "hand" else d.brand
    size = fit(words, d.brand_face, wide * 0.60, high * 0.055, 0.08)
    write(pen, (wide, high * 0.365), words, d.brand_face, size, ink, spacing=0.08)
    sections = _rounded(w, h, depth, 48, 0.30).astype(np.float32)
    return _soft(loft(sections, Material(_canvas(image, d, 0.07), "cloth"), segments=80), d, 0.4)


def _pocket(d: Design, w: float, h: float, detail: int) -> Part:
    high = int(detail * 0.34)
    wide = int(high * w / h)
    cloth = (
        mix(d.accent, d.lead, 0.75)
        if d.pick("two", 2) and d.pick("pocket", 2)
        else mix(d.accent, (255, 255, 255), 0.07)
    )
    image = Image.new("RGB", (wide * 2, high), cloth)
    pen = ImageDraw.Draw(image)
    dark = mix(cloth, (10, 10, 14), 0.5)
    pen.rectangle((0, high * 0.17, image.width, high * 0.215), fill=dark)
    pen.line(
        (0, high * 0.19, image.width, high * 0.19), fill=mix(cloth, (255, 255, 255), 0.35), width=2
    )
    r = high * 0.15
    pen.rectangle(
        (wide - r * 1.5, high * 0.40, wide + r * 1.5, high * 0.86),
        fill=mix(d.paper, (255, 255, 255), 0.1),
    )
    motif(pen, d.motif, wide, high * 0.63, r, mix(d.accent, d.lead, 0.4))
    sections = _rounded(w, h, 7.0, 30, 0.22).astype(np.float32)
    return _soft(loft(sections, Material(_canvas(image, d, 0.05), "cloth"), segments=64), d, 0.4)
