"""Pouches of foil: coffee with a valve, nuts and crisps; they stand on a wide bottom and end in a seal."""

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.designs import Design
from retailvision.demo.labels import back, back_ground, front
from retailvision.demo.mesh import Bytes, Material, Model, Part, loft, unit
from retailvision.demo.texture import smooth_noise
from retailvision.demo.words import mix


def build(d: Design, detail: int) -> Model:
    w, h, depth = ((13.0, 21.0, 8.0), (15.0, 20.0, 6.5), (12.0, 22.5, 7.0))[d.pick("form", 3)]
    if d.large:
        w, h, depth = w * 1.25, h * 1.2, depth * 1.3
    t = np.linspace(0, 1, 40)
    belly = np.where(t < 0.10, 0.02, np.sin(np.clip((t - 0.10) / 0.9, 0, 1) * np.pi * 0.62) ** 0.75)
    half_depth = np.maximum(0.12, depth / 2 * belly / max(belly.max(), 1e-6))
    half_width = w / 2 * (1 - 0.05 * np.clip((t - 0.1) / 0.9, 0, 1) ** 1.5)
    square = 2.6 + 1.6 * t
    sections = np.stack([h * (1 - t), half_width, half_depth, square, np.zeros_like(t)], axis=1)
    part = loft(sections.astype(np.float32), Material(_print(d, w, h, detail), "gloss" if d.pick("foil", 3) == 0 else "satin"), segments=88)  # fmt: skip
    return Model((_crumpled(part, d),))


def _print(d: Design, w: float, h: float, detail: int) -> Bytes:
    scale = detail / h
    wide, high = int(w * scale), int(h * scale)
    seal = int(high * 0.10)
    image = Image.new("RGB", (wide * 2, high), back_ground(d))
    art = front(d, wide, high - seal)
    rear = back(d, int(wide * 0.86), high - seal)
    image.paste(art, (wide // 2, seal))
    half = rear.width // 2
    image.paste(rear.crop((half, 0, rear.width, rear.height)), (0, seal))
    image.paste(rear.crop((0, 0, half, rear.height)), (image.width - half, seal))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width, seal), fill=mix(d.accent, d.lead, 0.3))
    for k in range(7):
        y = seal * (0.18 + 0.1 * k)
        pen.line(
            (0, y, image.width, y),
            fill=mix(d.accent, (255, 255, 255), 0.25),
            width=max(1, high // 400),
        )
    if d.title == "Coffee":
        r = wide * 0.035
        x, y = wide * 0.5 + wide * 0.85, seal + high * 0.07
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(226, 224, 220), outline=(150, 148, 144))
        pen.ellipse((x - r / 4, y - r / 4, x + r / 4, y + r / 4), fill=(110, 108, 104))
    return np.asarray(image)


def _crumpled(part: Part, d: Design) -> Part:
    rng = d.rng("crumple")
    rows, columns = part.points.shape[:2]
    fine = smooth_noise(rng, rows, columns, 7) + 0.6 * smooth_noise(rng, rows, columns, 3.5)
    fine[:, -1] = fine[:, 0]
    lean = np.stack([np.gradient(fine, axis=1), np.gradient(fine, axis=0), np.zeros_like(fine)], -1)
    normals = unit((part.normals + 0.55 * lean).astype(np.float32))
    return Part(part.points, normals, part.uv, part.material, part.bias)
