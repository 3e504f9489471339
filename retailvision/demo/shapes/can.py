"""Drink cans: printed aluminium with a shining lid and a ring to pull."""

import numpy as np

from retailvision.demo.designs import Design
from retailvision.demo.labels import back_ground, wrap
from retailvision.demo.mesh import Material, Model, curve, lathe, solid, sweep
from retailvision.demo.words import mix

_SIZES = {"250 ml": (13.4, 2.65), "330 ml": (12.0, 3.3), "440 ml": (15.6, 3.3)}
_METAL = (206, 209, 212)


def build(d: Design, detail: int) -> Model:
    h, r = _SIZES[d.size]
    if d.size == "330 ml" and d.pick("sleek", 2):
        h, r = 14.6, 2.9
    lid = r * 0.83
    shoulder, foot = h * 0.90, h * 0.055
    pixels = int(detail * 0.9)
    art = wrap(d, int(pixels * 2 * np.pi * r / h), pixels, front_share=0.40)
    finish = "gloss" if d.pick("finish", 3) else "satin"
    taper = curve(
        [(lid, h * 0.965), (lid * 1.03, h * 0.955), (r * 0.96, h * 0.915), (r, shoulder)], 10
    )
    body = lathe([[(r, shoulder), (r, foot)]], Material(art, finish))
    collar = lathe([taper], Material(solid(back_ground(d)), finish))
    base = lathe(
        [curve([(r, foot), (r * 0.97, foot * 0.45), (r * 0.80, 0.0)], 7)],
        Material(solid(_METAL), "metal"),
    )
    seam = curve([(lid * 0.93, h * 0.985), (lid * 0.97, h * 0.998), (lid + 0.10, h * 0.994), (lid + 0.10, h * 0.972), (lid, h * 0.965)], 12)  # fmt: skip
    rim = lathe([seam], Material(solid(_METAL), "metal"))
    well = lathe([[(0.0, h * 0.972), (lid * 0.92, h * 0.972)], [(lid * 0.92, h * 0.972), (lid * 0.93, h * 0.985)]], Material(solid(mix(_METAL, (90, 90, 94), 0.25)), "metal", two_sided=True))  # fmt: skip
    t = np.linspace(0, 2 * np.pi, 28)
    ring = np.stack([0.5 * np.cos(t), np.full_like(t, h * 0.982), 0.25 + 0.75 * np.sin(t)], axis=1)
    pull = sweep(
        ring.astype(np.float32), 0.13, Material(solid((178, 180, 184)), "metal"), up=(0, 1, 0)
    )
    return Model((base, body, collar, well, rim, pull))
