"""T-shirts on a hanger: a sheet of cloth with folds, a collar, seams and a print."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from retailvision.demo.art import motif, readable
from retailvision.demo.designs import Design
from retailvision.demo.fonts import fit, write
from retailvision.demo.mesh import Bytes, Material, Model, curve, panel, solid, sweep
from retailvision.demo.texture import folds, grain
from retailvision.demo.words import RGB, mix

_WIDE, _HIGH = 66.0, 74.0
_SIDE = ((8.5, 0.6), (15, 2.8), (22.5, 5.6), (27, 13), (31.5, 24.5), (24.6, 28.6), (20.6, 22.5), (19.8, 34),
         (19.9, 50), (20.8, 70.4))  # fmt: skip
_SLEEVE = ((22.5, 5.6), (27, 13), (31.5, 24.5), (24.6, 28.6), (20.6, 22.5), (20.9, 13.0))


def build(d: Design, detail: int) -> Model:
    art = _cloth(d, int(detail * 0.9))
    x, top = _WIDE / 2, _HIGH
    sheet = panel(
        [(-x, top, 0), (x, top, 0), (x, 0, 0), (-x, 0, 0)],
        Material(art, "cloth"),
        cells=26,
        bulge=5.0,
    )
    wood = Material(solid((176, 128, 82)), "satin")
    steel = Material(solid((170, 172, 176)), "metal")
    bar = curve([(-17, top - 4.5, 0.4), (-8, top - 1.2, 0.6), (0, top + 0.4, 0.7), (8, top - 1.2, 0.6), (17, top - 4.5, 0.4)], 24)  # fmt: skip
    hook = curve([(0, top, 0.7), (0, top + 4.0, 0.7), (1.6, top + 5.4, 0.7), (2.6, top + 7.4, 0.7), (0.2, top + 9.4, 0.7), (-2.4, top + 7.6, 0.7)], 30)  # fmt: skip
    return Model((sweep(bar, 0.8, wood, flat=0.6), sweep(hook, 0.22, steel), sheet), hangs=True)


def _points(
    half: tuple[tuple[float, float], ...], scale: float, side: int
) -> list[tuple[float, float]]:
    return [((_WIDE / 2 + side * x) * scale, y * scale) for x, y in half]


def _outline(scale: float) -> list[tuple[float, float]]:
    right = _points(_SIDE, scale, 1)
    left = _points(_SIDE, scale, -1)
    hem = [((_WIDE / 2 + x) * scale, (70.4 + 1.1 * np.cos(x / 20.8 * np.pi / 2)) * scale) for x in np.linspace(20.8, -20.8, 20)]  # fmt: skip
    return [*right, *hem, *left[::-1], *_scoop(scale, 6.6)]


def _scoop(scale: float, depth: float) -> list[tuple[float, float]]:
    t = np.linspace(-1, 1, 24)
    return [
        ((_WIDE / 2 + 8.5 * a) * scale, (0.6 + depth * (1 - a * a) ** 0.62) * scale)
        for a in map(float, t)
    ]


def _cloth(d: Design, high: int) -> Bytes:
    scale = high / _HIGH
    wide = int(_WIDE * scale)
    cloth = d.accent
    dark = mix(cloth, (0, 0, 0), 0.22)
    rgb = Image.new("RGB", (wide, high), cloth)
    pen = ImageDraw.Draw(rgb)
    if d.title == "Striped Tee":
        _stripes(pen, d, scale, wide, high)
    seam = max(1, int(scale * 0.22))
    for side in (1, -1):
        sleeve = _points(_SLEEVE, scale, side)
        if d.pick("raglan", 3) == 0:
            pen.polygon(sleeve, fill=mix(cloth, d.lead, 0.85))
        pen.line([sleeve[0], *sleeve[:-4:-1]][:3], fill=dark, width=seam)
        pen.line([sleeve[-1], sleeve[0]], fill=dark, width=seam)
        cuff = [(a[0], a[1]) for a in (sleeve[2], sleeve[3])]
        pen.line(
            [(p[0] - side * scale * 0.5, p[1] - scale * 1.6) for p in cuff], fill=dark, width=seam
        )
    pen.line([(0, high * 0.933), (wide, high * 0.933)], fill=dark, width=seam)
    _print(pen, d, scale, wide)
    mask = Image.new("L", (wide, high), 0)
    ImageDraw.Draw(mask).polygon(_outline(scale), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(scale * 0.12))
    # Seen through the neck: the inside of the back, and the label sewn into it.
    back = Image.new("L", (wide, high), 0)
    ImageDraw.Draw(back).polygon(
        [*_scoop(scale, 6.7), *[(x, y) for x, y in _scoop(scale, 1.9)[::-1]]], fill=255
    )
    rgb.paste(mix(cloth, (0, 0, 0), 0.42), (0, 0), back)
    label = (wide / 2 - 1.9 * scale, 2.5 * scale, wide / 2 + 1.9 * scale, 4.6 * scale)
    pen.rectangle(label, fill=(240, 236, 228))
    size = fit(d.brand, "sans", 3.3 * scale, 1.2 * scale)
    write(pen, (wide / 2, 3.55 * scale), d.brand, "sans", size, (50, 50, 54))
    rib = mix(cloth, d.lead, 0.85) if d.pick("ringer", 3) == 0 else mix(cloth, (0, 0, 0), 0.10)
    pen.line(_scoop(scale, 7.4), fill=rib, width=int(scale * 1.6), joint="curve")
    pen.line(_scoop(scale, 8.3), fill=dark, width=seam, joint="curve")
    alpha = np.maximum(np.asarray(mask), np.asarray(back))
    art = _shaded(np.asarray(rgb), alpha, d, scale)
    return np.dstack([art, alpha])


def _stripes(pen: ImageDraw.ImageDraw, d: Design, scale: float, wide: int, high: int) -> None:
    other: RGB = (242, 236, 224)
    step = (2.4, 3.6, 5.6)[d.pick("stripe", 3)] * scale
    share = (0.5, 0.35, 0.7)[d.pick("share", 3)]
    first = int(high * (0.16 if d.pick("yoke", 2) else 0.0))
    for k in range(int((high - first) / step) + 1):
        y = first + k * step
        pen.rectangle((0, y, wide, y + step * share), fill=other)


def _print(pen: ImageDraw.ImageDraw, d: Design, scale: float, wide: int) -> None:
    if d.title == "Striped Tee":
        x, y = wide / 2 + 10.5 * scale, 20 * scale
        pen.rectangle(
            (x - 2.6 * scale, y - 1.4 * scale, x + 2.6 * scale, y + 1.4 * scale), fill=d.lead
        )
        size = fit(d.brand, "sans", 4.6 * scale, 1.6 * scale)
        write(pen, (x, y), d.brand, "sans", size, readable(d.lead, (250, 246, 238), (30, 30, 34)))
        return
    ink = readable(d.accent, (248, 242, 230), (40, 44, 52))
    x, y = wide / 2, (26.5 if d.title == "Graphic Tee" else 24.5) * scale
    r = (9.0 if d.title == "Graphic Tee" else 6.2) * scale
    if d.pick("frame", 3) != 1 or d.title == "Graphic Tee":
        pen.ellipse(
            (x - r * 1.22, y - r * 1.22, x + r * 1.22, y + r * 1.22),
            fill=mix(d.paper, (255, 255, 255), 0.2),
        )
    motif(pen, d.motif, x, y, r, mix(d.accent, d.lead, 0.5))
    words = d.brand.upper() if d.brand_face != "hand" else d.brand
    size = fit(words, d.brand_face, 25 * scale, 4.4 * scale, 0.06)
    write(pen, (x, y + r * 1.22 + 3.2 * scale), words, d.brand_face, size, ink, spacing=0.06)


def _shaded(rgb: Bytes, alpha: Bytes, d: Design, scale: float) -> Bytes:
    """Folds, and the roundness that cloth has towards its edges."""
    high, wide = alpha.shape
    half = (wide // 2, high // 2)
    soft = Image.fromarray(alpha).resize(half, Image.Resampling.BOX)
    soft = soft.filter(ImageFilter.GaussianBlur(scale * 0.9))
    body = np.asarray(soft, np.float32) / 255
    rng = np.random.default_rng([d.look, d.number])  # no two shirts hang the same
    crease = folds(rng, half[1], half[0], 0.13)
    height = np.linspace(0, 1, half[1], dtype=np.float32)[:, None]
    light = 0.82 + 0.20 * np.clip(body * 2 - 1, 0, 1) + crease * (0.35 + 0.65 * height)
    light -= 0.10 * np.gradient(body, axis=1) * scale * 6
    full = Image.fromarray(light.astype(np.float32), "F").resize(
        (wide, high), Image.Resampling.BILINEAR
    )
    out = np.clip(rgb * np.asarray(full)[..., None], 0, 255).astype(np.uint8)
    return grain(out, rng, 0.03)
