"""Tubes of cream and paste: they stand on their cap, round below and flat at the top."""

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.art import readable
from retailvision.demo.designs import Design
from retailvision.demo.labels import back, back_ground, front, layout
from retailvision.demo.mesh import Bytes, Material, Model, curve, lathe, loft, solid
from retailvision.demo.words import mix


def build(d: Design, detail: int) -> Model:
    h, r, cap = ((16.0, 2.3, 2.6), (14.5, 2.6, 2.2), (17.5, 2.1, 3.0))[d.pick("form", 3)]
    if d.large:
        h, r = h * 1.12, r * 1.1
    t = np.linspace(0, 1, 36)
    closing = np.clip(1 - t, 0, 1)
    half_width = r * (1 + 0.34 * closing**1.3)
    half_depth = np.maximum(0.10, r * (1 - closing**1.7))
    y = h - (h - cap) * t
    sections = np.stack(
        [y, half_width, half_depth, np.full_like(t, 2.05), np.zeros_like(t)], axis=1
    )
    finish = "gloss" if d.pick("finish", 2) else "satin"
    body = loft(
        sections.astype(np.float32), Material(_print(d, h - cap, 2 * r * 1.34, detail), finish)
    )
    colour = (d.accent, d.lead, (244, 242, 238), mix(d.accent, (255, 255, 255), 0.4))[
        d.pick("cap", 4)
    ]
    shoulder = curve([(r * 0.99, cap), (r * 0.985, cap * 0.97), (r * 0.96, cap * 0.95)], 4)
    foot = [(r * 0.96, cap * 0.95), (r * 0.94, cap * 0.06), (r * 0.90, 0.0)]
    lid = lathe([shoulder, foot], Material(solid(colour), "gloss"))
    return Model((lid, body))


def _print(d: Design, height: float, width: float, detail: int) -> Bytes:
    high = int(detail * 0.86)
    wide = int(high * width / height)
    seal = int(high * 0.07)
    ground = back_ground(d)
    image = Image.new("RGB", (wide * 2, high), ground)
    narrow = int(wide * 0.60)
    face = front(d, narrow, int((high - seal) * 0.97))
    edge = face.crop((1, 0, 3, face.height)).resize((wide * 2, face.height))
    if layout(d) in (1, 2, 3):
        image.paste(edge, (0, seal))
    image.paste(face, (wide - narrow // 2, seal))
    rear = back(d, narrow, int((high - seal) * 0.97))
    half = rear.width // 2
    image.paste(rear.crop((half, 0, rear.width, rear.height)), (0, seal))
    image.paste(rear.crop((0, 0, half, rear.height)), (image.width - half, seal))
    pen = ImageDraw.Draw(image)
    pen.rectangle(
        (0, 0, image.width, seal),
        fill=mix(ground, readable(ground, (255, 255, 255), (30, 30, 30)), 0.12),
    )
    for k in range(wide // 6):
        pen.line((k * 12, 0, k * 12, seal), fill=mix(ground, (0, 0, 0), 0.12), width=3)
    return np.asarray(image)
