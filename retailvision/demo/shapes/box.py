"""Folding boxes of board: tall, square and flat."""

from PIL import Image

from retailvision.demo.art import readable
from retailvision.demo.designs import Design
from retailvision.demo.fonts import fit, write
from retailvision.demo.labels import Sheet, back_ground
from retailvision.demo.mesh import Material, Model, panel
from retailvision.demo.shapes.carton import edged, faces

_FORMS = {
    "Granola": (17.0, 24.0, 6.5),
    "Herbal Tea": (13.0, 14.5, 7.2),
    "Crackers": (14.0, 19.0, 5.6),
    "Pasta": (12.0, 22.0, 5.4),
}


def build(d: Design, detail: int) -> Model:
    w, h, depth = _FORMS[d.title]
    stretch = 0.94 + 0.04 * d.pick("stretch", 4)
    w, h = w * stretch, h / stretch
    if d.large:
        w, h, depth = w * 1.12, h * 1.15, depth * 1.2
    parts = faces(d, w, h, depth, detail)
    scale = detail / h
    ground = back_ground(d)
    top = Sheet(int(w * scale), int(depth * scale), ground)
    ink = readable(ground, d.ink, d.lead, (255, 255, 255))
    size = fit(d.brand, d.brand_face, top.w * 0.6, top.h * 0.4)
    write(top.pen, (top.w / 2, top.h / 2), d.brand, d.brand_face, size, ink)
    top.pen.line((0, top.h * 0.12, top.w, top.h * 0.12), fill=d.accent, width=max(2, top.h // 30))
    x, z = w / 2, depth / 2
    art: Image.Image = top.image
    parts.append(
        panel([(-x, h, -z), (x, h, -z), (x, h, z), (-x, h, z)], Material(edged(art), "satin"))
    )
    return Model(tuple(parts))
