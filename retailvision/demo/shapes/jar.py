"""Jars: glass with something good inside, a metal lid and a paper label in front and behind."""

import numpy as np
from PIL import Image

from retailvision.demo.designs import Design
from retailvision.demo.labels import back, front
from retailvision.demo.mesh import Bytes, Material, Model, Part, Run, curve, lathe
from retailvision.demo.texture import smooth_noise, tinted
from retailvision.demo.words import RGB, mix

_FORMS = ((10.5, 4.0, 3.4), (12.5, 3.7, 3.2), (8.6, 4.3, 3.9), (11.4, 4.1, 3.6))


def build(d: Design, detail: int) -> Model:
    h, r, mouth = _FORMS[d.pick("form", len(_FORMS))]
    if d.large:
        h, r, mouth = h * 1.2, r * 1.1, mouth * 1.08
    body = h * 0.83
    shoulder = curve(
        [(mouth, h * 0.86), (mouth * 1.01, body), (r * 0.96, h * 0.765), (r, h * 0.70)], 12
    )
    foot = curve([(r, h * 0.08), (r * 0.97, h * 0.025), (r * 0.85, 0.0)], 7)
    inner = np.concatenate([shoulder, [(r, h * 0.08)], foot]) - [[0.25, 0]]
    inner = inner[inner[:, 1] <= h * 0.80]
    top = [(0.0, float(inner[0, 1])), (float(inner[0, 0]), float(inner[0, 1]))]
    parts: list[Part] = [
        lathe([top, inner], Material(_filling(d), "liquid")),
        lathe([shoulder, [(r, h * 0.70), (r, h * 0.08)], foot], Material(np.full((2, 2, 3), 240, np.uint8), "glass")),
    ]  # fmt: skip
    high, low = h * 0.68, h * 0.12
    arc = 150.0
    pixels = int(detail * (high - low) / h)
    wide = int(pixels * np.radians(arc) * r / (high - low))
    for image, turn in ((_front(d, wide, pixels), 0.0), (back(d, wide, pixels), 180.0)):
        label = lathe([[(r + 0.03, high), (r + 0.03, low)]], Material(np.asarray(image), "satin"), arc=arc, segments=32, bias=0.12)  # fmt: skip
        parts.extend(Model((label,)).moved(turn=turn).parts)
    rim = mouth + 0.28
    edge = h * 0.985
    lid: list[Run] = [[(0.0, h), (rim * 0.9, h)], curve([(rim * 0.9, h), (rim * 0.985, h * 0.997), (rim, edge)], 5), [(rim, edge), (rim, h * 0.855)]]  # fmt: skip
    parts.append(lathe(lid, Material(_lid(d), "metal" if d.pick("lid", 3) == 0 else "gloss")))
    return Model(tuple(parts))


def _front(d: Design, wide: int, high: int) -> Image.Image:
    """The label's face in its middle, where it can be read from the front; its edges run on."""
    face = front(d, min(wide, int(high * 1.2)), high)
    edge = face.crop((1, 0, 3, high)).resize((wide, high))
    edge.paste(face, ((wide - face.width) // 2, 0))
    return edge


def _filling(d: Design) -> Bytes:
    rng = d.rng("filling")
    lumps = smooth_noise(rng, 200, 400, 16) * 0.10 + smooth_noise(rng, 200, 400, 6) * 0.06
    if d.title == "Honey":
        lumps = lumps * 0.25
    return tinted(mix(d.accent, (60, 20, 10), 0.22), lumps)


def _lid(d: Design) -> Bytes:
    colours: tuple[RGB, ...] = (
        mix(d.accent, (60, 40, 30), 0.3),
        d.lead,
        mix(d.accent, d.lead, 0.35),
        d.accent,
    )
    colour = colours[d.pick("lidcolour", 4)]
    if d.pick("gingham", 3) == 0:
        squares = (np.arange(480) // 10 % 2)[None, :] + (np.arange(120) // 10 % 2)[:, None]
        tones = [mix((250, 246, 238), colour, share) for share in (0.0, 0.5, 1.0)]
        return np.asarray(np.asarray(tones, np.uint8)[squares])
    return np.full((2, 2, 3), colour, np.uint8)
