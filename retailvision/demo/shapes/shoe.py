"""Sneakers: a lofted upper with panels, a rubber sole, a padded collar and laces. The toe points to +x."""

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.art import readable
from retailvision.demo.designs import Design
from retailvision.demo.fonts import fit, font
from retailvision.demo.mesh import Bytes, Floats, Material, Model, Part, curve, shell, solid, sweep
from retailvision.demo.texture import grain
from retailvision.demo.words import RGB, mix

_BACK, _FRONT = -14.2, 14.2
_ROWS, _COLUMNS = 64, 56
_OPEN = (-11.4, -0.8)  # where the foot goes in: along the shoe,
_REACH = 0.66  # and to either side of the top (radians),
_ROUND = 3.0  # with corners that are so square


def _at(x: Floats, knots: tuple[tuple[float, float], ...]) -> Floats:
    line = curve(knots, 240)
    return np.asarray(np.interp(x, line[:, 0], line[:, 1]), np.float32)


def _half_width(x: Floats) -> Floats:
    plan = _at(x, ((-14.2, 2.9), (-11, 3.5), (-4, 3.5), (2, 4.2), (7, 4.8), (11, 4.3), (14.2, 2.7)))
    ends = np.clip((x - _BACK) / 2.6, 0, 1) * np.clip((_FRONT - x) / 3.4, 0, 1)
    round_off = np.sqrt(1 - (1 - np.clip((x - _BACK) / 2.6, 0, 1)) ** 2) * np.sqrt(
        1 - (1 - np.clip((_FRONT - x) / 3.4, 0, 1)) ** 2
    )
    return np.asarray(np.where(ends < 1, plan * np.maximum(round_off, 0.02), plan), np.float32)


def _lift(x: Floats) -> Floats:
    """The toe rises from the ground."""
    return np.asarray(np.clip((x - 7) / 7, 0, 1) ** 2 * 1.1, np.float32)


def build(d: Design, detail: int) -> Model:
    runner, canvas = d.title == "Trail Runner", d.title == "Canvas Low"
    thick = 3.2 if runner else 2.2 if canvas else 2.7
    parts = [
        *_sole(d, thick, runner),
        _upper(d, thick, detail),
        *_collar(d, thick),
        *_laces(d, thick),
    ]
    return Model(tuple(parts)).moved(turn=0)


def _sole(d: Design, thick: float, runner: bool) -> list[Part]:
    t = np.linspace(0, 2 * np.pi, 110)
    x = (14.2 * np.cos(t)).astype(np.float32)
    sign = np.sign(np.sin(t))
    edge = _half_width(x) * sign
    rubber: RGB = ((244, 240, 230), (236, 232, 226), (232, 214, 176), (58, 58, 62))[
        d.own("rubber", 4)
    ]
    rows = []
    for share, grow in (
        (1.0, -0.15),
        (0.98, 0.32),
        (0.75, 0.42),
        (0.3, 0.42),
        (0.04, 0.30),
        (0.0, 0.0),
    ):
        heel = 1 + 0.22 * np.clip(-x / 14, 0, 1) * (1 if runner else 0.3)
        wave = 0.25 * np.sin(x * 0.9) * (share > 0.7) * runner
        y = thick * share * heel + _lift(x) * (0.35 + 0.65 * share) + wave
        scale = 1 + grow / 9
        rows.append(np.stack([x * (1 + grow / 28), y, edge * scale + sign * grow * 0.6], axis=-1))
    points = np.stack(rows).astype(np.float32)
    v, u = np.meshgrid(np.linspace(0, 1, len(rows)), t / (2 * np.pi), indexing="ij")
    art = np.full((60, 600, 3), rubber, np.uint8)
    art[22:27] = d.accent if d.pick("line", 2) else mix(rubber, (0, 0, 0), 0.18)
    art[52:] = (196, 150, 96) if d.pick("gum", 3) == 0 else mix(rubber, (60, 60, 64), 0.5)
    if runner:
        art[30:52, ::14] = mix(rubber, (0, 0, 0), 0.25)
        art[46:, (np.arange(600) // 9) % 2 == 0] = mix(d.accent, (0, 0, 0), 0.25)
    return [
        shell(
            points, np.stack([u, v], -1).astype(np.float32), Material(art, "satin", two_sided=True)
        )
    ]


def _surface(x: Floats, phi: Floats, thick: float) -> Floats:
    """Points of the upper: phi runs from 0 (near side) over the top to pi."""
    half = _half_width(x) * 0.98
    crown = _at(x, ((-14.2, 8.8), (-12.4, 9.6), (-9, 8.0), (-5, 7.5), (-1.5, 9.4), (1, 8.9), (5, 6.9), (9, 5.2), (12, 4.4), (14.2, 3.3)))  # fmt: skip
    low = thick * 0.8 + _lift(x)
    sin, cos = np.maximum(np.sin(phi), 0), np.cos(phi)
    narrow = 1 - 0.20 * np.clip((crown - 5) / 5, 0, 1) * sin**1.3
    z = half * np.sign(cos) * np.abs(cos) ** 0.72 * narrow
    y = low + (crown - low) * np.abs(sin) ** 0.86
    inside = _opening(x, phi)
    y = y - inside * (y - low) * 0.62
    return np.stack([x + 0 * phi, y, z], axis=-1).astype(np.float32)


def _opening(x: Floats, phi: Floats) -> Floats:
    """1 well inside the collar, 0 outside."""
    along = np.abs((x - sum(_OPEN) / 2) / ((_OPEN[1] - _OPEN[0]) / 2))
    across = np.abs((phi - np.pi / 2) / _REACH)
    return np.asarray(np.clip((1 - along**_ROUND - across**_ROUND) * 4, 0, 1), np.float32)


def _upper(d: Design, thick: float, detail: int) -> Part:
    spread = (1 - np.cos(np.linspace(0, np.pi, _ROWS))) / 2
    x = (_BACK + (_FRONT - _BACK) * (0.6 * spread + 0.4 * np.linspace(0, 1, _ROWS)))[:, None]
    phi = np.linspace(0, np.pi, _COLUMNS)[None, :]
    points = _surface(x.astype(np.float32), phi.astype(np.float32), thick)
    u, v = np.broadcast_arrays(phi / np.pi, (x - _BACK) / (_FRONT - _BACK))
    uv = np.stack([u, v], axis=-1)
    return shell(
        points, uv.astype(np.float32), Material(_panels(d, detail), "cloth", two_sided=True)
    )


def _panels(d: Design, detail: int) -> Bytes:
    """The upper's cloth and leather, unrolled: across is over the foot, down is heel to toe."""
    wide, high = int(detail * 1.1), int(detail * 1.6)
    image = Image.new("RGB", (wide, high), d.accent)
    pen = ImageDraw.Draw(image)
    second = (
        mix(d.lead, d.accent, 0.2) if d.pick("two", 2) else mix(d.accent, (255, 255, 255), 0.28)
    )
    trim = readable(d.accent, (246, 242, 232), (36, 38, 44))
    seam = mix(d.accent, (0, 0, 0), 0.35)
    line = max(2, high // 260)

    def area(points: list[tuple[float, float]], fill: RGB) -> None:
        """Both sides: u (0 ground, 0.5 top) and v (0 heel, 1 toe), then mirrored."""
        for mirrored in (False, True):
            place = [((1 - u if mirrored else u) * wide, v * high) for u, v in points]
            pen.polygon(place, fill=fill, outline=seam, width=line)
            inner = [(x, y + line * 3) for x, y in place]
            pen.line(inner, fill=mix(fill, (255, 255, 255), 0.35), width=max(1, line // 2))

    area([(0, 0), (0.34, 0), (0.30, 0.10), (0.14, 0.19), (0, 0.24)], second)  # heel counter
    toe = second if d.title != "Canvas Low" else (240, 236, 226)
    edge = [(u, 0.80 + 0.10 * (1 - (2 * u - 1) ** 2)) for u in np.linspace(0, 1, 24)]
    pen.polygon(
        [(u * wide, v * high) for u, v in [*edge, (1, 1), (0, 1)]],
        fill=toe,
        outline=seam,
        width=line,
    )
    area([(0.24, 0.44), (0.43, 0.47), (0.43, 0.74), (0.34, 0.75), (0.26, 0.62)], second)  # eyestay
    if d.title == "Trail Runner":
        for k in range(4):
            v = 0.26 + 0.085 * k
            area([(0.0, v), (0.03, v), (0.27, v + 0.12), (0.25, v + 0.15)], trim)
    elif d.title == "Court Sneaker":
        style = d.pick("mark", 3)
        if style == 0:
            area(
                [
                    (0.04, 0.34),
                    (0.10, 0.30),
                    (0.26, 0.56),
                    (0.22, 0.60),
                    (0.13, 0.46),
                    (0.05, 0.44),
                ],
                trim,
            )
        elif style == 1:
            for k in range(3):
                area([(0.04, 0.36 + 0.07 * k), (0.25, 0.46 + 0.07 * k), (0.25, 0.485 + 0.07 * k), (0.04, 0.385 + 0.07 * k)], trim)  # fmt: skip
        else:
            area([(0.06, 0.30), (0.16, 0.36), (0.16, 0.56), (0.06, 0.60), (0.11, 0.45)], trim)
    pen.rectangle(
        (wide * 0.455, high * 0.44, wide * 0.545, high * 0.75),
        fill=mix(d.accent, (255, 255, 255), 0.16),
    )
    _wordmark(image, d, trim, wide, high)
    phi = (np.arange(wide) + 0.5) / wide * np.pi
    x = (_BACK + (np.arange(high) + 0.5) / high * (_FRONT - _BACK)).astype(np.float32)
    hole = _opening(x[:, None], phi[None, :].astype(np.float32))[..., None]
    art: Floats = np.asarray(image, np.float32)
    lining = np.asarray(mix(d.lead, (30, 30, 34), 0.6), np.float32)
    art = (art * (1 - hole) + lining * hole * (1.1 - 0.55 * hole)).astype(np.float32)
    return grain(art.astype(np.uint8), d.rng("cloth"), 0.03)


def _wordmark(image: Image.Image, d: Design, colour: RGB, wide: int, high: int) -> None:
    """The brand along the heel, on both sides, upright."""
    size = fit(d.brand, "heavy", high * 0.26, wide * 0.055)
    face = font("heavy", size)
    box = face.getbbox(d.brand)
    tag = Image.new("L", (int(box[2]) + 4, int(box[3]) + 4), 0)
    ImageDraw.Draw(tag).text((2, 2), d.brand, font=face, fill=255)
    at = 0.115
    near, far = tag.rotate(90, expand=True), tag.rotate(-90, expand=True)
    del near
    # On the near side u grows upwards and v to the right; on the far side both turn round.
    image.paste(
        colour,
        (int(wide * at), int(high * 0.60)),
        tag.transpose(Image.Transpose.TRANSPOSE).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    )
    image.paste(
        colour,
        (int(wide * (1 - at)) - far.width, int(high * 0.60)),
        far.transpose(Image.Transpose.ROTATE_180),
    )


def _collar(d: Design, thick: float) -> list[Part]:
    """A padded edge around the opening, just outside it, where the upper has not begun to sink."""
    t = np.linspace(0, 2 * np.pi, 72)
    cos, sin = np.cos(t), np.sin(t)
    reach = 1.02 * (_OPEN[1] - _OPEN[0]) / 2
    x = sum(_OPEN) / 2 + reach * np.sign(cos) * np.abs(cos) ** (2 / _ROUND)
    phi = np.pi / 2 + 1.02 * _REACH * np.sign(sin) * np.abs(sin) ** (2 / _ROUND)
    cloth = Material(solid(mix(d.lead, (40, 40, 44), 0.35)), "cloth")
    return [sweep(_surface(x, phi, thick), 0.40, cloth, up=(0, 1, 0), segments=12)]


def _laces(d: Design, thick: float) -> list[Part]:
    colour = (
        readable(d.accent, (248, 245, 238), (44, 44, 50)) if d.pick("lace", 2) else (248, 245, 238)
    )
    cord = Material(solid(colour), "cloth")
    parts = []
    for k, x in enumerate(np.linspace(0.2, 6.4, 6)):
        phi = np.linspace(0.40 * np.pi, 0.60 * np.pi, 12).astype(np.float32)
        slant = np.linspace(-0.45, 0.45, 12) * (1 if k % 2 else -1)
        path = _surface((x + slant).astype(np.float32), phi, thick)
        path[:, 1] += 0.16 + 0.12 * np.sin(np.linspace(0, np.pi, 12))
        parts.append(sweep(path, 0.30, cord, flat=0.5, segments=10, up=(0, 1, 0)))
    for side in (-1, 1):
        loop = curve([(0.0, 9.35, 0), (0.9, 9.9, side * 1.0), (1.8, 9.3, side * 2.2), (1.9, 8.5, side * 2.0), (0.6, 9.2, side * 0.6)], 26)  # fmt: skip
        parts.append(sweep(loop, 0.22, cord, segments=10, up=(0, 1, 0)))
    return parts
