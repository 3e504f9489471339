"""Phone photos of products: on kitchen tables, shop shelves, floors and rails, among other things."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.camera import Camera, frame
from retailvision.demo.designs import Design
from retailvision.demo.fonts import fit, write
from retailvision.demo.mesh import Bytes, Model
from retailvision.demo.phone import Lens, any_lens, expose, steady_lens
from retailvision.demo.photos import HUNG, PACKS, WALLS, WOODS, place
from retailvision.demo.props import PROPS
from retailvision.demo.scenes import Scene, Surface, room
from retailvision.demo.shade import Light
from retailvision.demo.shapes import build
from retailvision.demo.texture import speckle, weave, wood


@dataclass(frozen=True)
class Aim:
    """How far a visitor strays from the perfect shot: degrees, and shares of the photo's width."""

    yaw: float = 15.0
    roll: float = 3.5
    shift: float = 0.04
    fill: float = 1.0
    lens: float = 0.4
    others: float = 1.0


AIM = Aim()


def _phone_light(rng: np.random.Generator) -> Light:
    return Light(
        side=-1.0 if rng.random() < 0.5 else 1.0,
        contrast=float(rng.uniform(0.8, 1.35)),
        strength=float(rng.uniform(0.94, 1.06)),
    )


def phone_photo(
    d: Design,
    neighbours: Sequence[Design],
    rng: np.random.Generator,
    size: int,
    *,
    barcode: bool = False,
) -> tuple[Image.Image, int]:
    """A photo (3:4, `size` pixels wide) of the design among its neighbours, and its JPEG quality. With
    `barcode` it is a close shot of the printed code."""
    detail = int(size * 1.3)
    model = build(d, detail)
    lens: Lens
    if barcode:
        lens, photo = steady_lens(), _barcode_shot(model, d, rng, size)
    elif model.hangs:
        lens, photo = any_lens(rng, AIM.lens), _rail(model, neighbours, rng, size)
    elif d.family in PACKS and rng.random() < 0.22:
        lens, photo = any_lens(rng, AIM.lens), _shelf(model, d, neighbours, rng, size)
    else:
        lens, photo = any_lens(rng, AIM.lens), _table(model, d, neighbours, rng, size)
    return expose(photo, lens, rng), lens.quality


def _aim(
    model: Model,
    rng: np.random.Generator,
    size: int,
    pitch: tuple[float, float],
    fill: tuple[float, float],
) -> Camera:
    """A hand-held camera: the product is so large a share of the photo's width, about the middle."""
    high = size * 4 // 3
    square = frame(
        [model],
        width=size,
        height=size,
        yaw=float(rng.uniform(-AIM.yaw, AIM.yaw)),
        pitch=float(rng.uniform(*pitch)),
        fov=float(rng.uniform(38, 52)),
        fill=float(np.clip(rng.uniform(*fill) * AIM.fill, 0.3, 0.95)),
        roll=float(np.clip(rng.normal(0, AIM.roll), -14, 14)),
        shift=(
            float(rng.uniform(-AIM.shift, AIM.shift)),
            float(rng.uniform(-AIM.shift, AIM.shift)),
        ),
    )
    fov = 2 * np.degrees(np.arctan(np.tan(np.radians(square.fov) / 2) * high / size))
    return replace(
        square, height=high, fov=float(fov), shift=(square.shift[0], square.shift[1] * size / high)
    )


def _table(model: Model, d: Design, neighbours: Sequence[Design], rng: np.random.Generator, size: int) -> Image.Image:  # fmt: skip
    light = _phone_light(rng)
    back = 180.0 if d.family == "shoe" and rng.random() < 0.5 else 0.0
    standing = model.moved(turn=back + float(rng.uniform(-18, 18)))
    camera = _aim(standing, rng, size, (8, 26), (0.66, 0.88))
    where = place(d.family, rng)
    low, high = standing.bounds()
    tall, wide = float(high[1]), float(high[0] - low[0])
    depth = float(max(26.0, tall * 1.3) * rng.uniform(0.8, 1.4))
    scene = Scene(camera, light, room(camera, light, where.ground, where.wall, depth=depth))
    others = _around(neighbours, rng, size=size, tall=tall, wide=wide, depth=depth)
    before = _in_front(rng, wide, high[2]) if rng.random() < 0.16 * AIM.others else []
    scene.glow(standing, 0.45)
    scene.shadows([*others, standing, *before])
    for other in sorted(others, key=lambda m: float(m.bounds()[1][2])):
        scene.draw(other, scale=1)
    scene.blur(0.0055)
    scene.draw(standing)
    for other in before:
        scene.draw(other, scale=1)
    return scene.photo


def _around(
    neighbours: Sequence[Design],
    rng: np.random.Generator,
    *,
    size: int,
    tall: float,
    wide: float,
    depth: float,
) -> list[Model]:
    """Other products and things, beside and behind."""
    out: list[Model] = []
    side = 1.0 if rng.random() < 0.5 else -1.0
    for k in range(int(rng.integers(0, 3) * AIM.others)):
        if neighbours and rng.random() < 0.30:
            other = build(neighbours[k % len(neighbours)], max(160, size // 2))
            if other.hangs:
                continue
            other = other.moved(turn=float(rng.uniform(-60, 60)))
        else:
            names = ("plant", "fruit", "glass", "cloth", "books", "vase")
            other = PROPS[names[int(rng.integers(len(names)))]](rng)
        low, high = other.bounds()
        if float(high[1]) > 2.2 * tall + 12:
            continue
        reach = wide / 2 + float(high[0] - low[0]) / 2
        x = side * (reach * float(rng.uniform(1.05, 1.4)) + 0.12 * wide)
        z = -float(rng.uniform(0.30, 0.75)) * (depth - float(high[2] - low[2]) / 2)
        out.append(other.moved(offset=(x, 0.0, z)))
        side = -side
    return out


def _in_front(rng: np.random.Generator, wide: float, near: float) -> list[Model]:
    """Something that hides a corner of the product."""
    prop = PROPS[("glass", "cloth")[int(rng.integers(2))]](rng)
    low, high = prop.bounds()
    side = 1.0 if rng.random() < 0.5 else -1.0
    x = side * (wide / 2 + float(high[0] - low[0]) * float(rng.uniform(0.28, 0.55)))
    return [prop.moved(offset=(x, 0.0, float(near) + float(high[2] - low[2]) / 2 + 1.5))]


def _shelf(model: Model, d: Design, neighbours: Sequence[Design], rng: np.random.Generator, size: int) -> Image.Image:  # fmt: skip
    light = replace(_phone_light(rng), contrast=float(rng.uniform(0.8, 1.1)))
    standing = model.moved(turn=float(rng.uniform(-14, 14)))
    camera = _aim(standing, rng, size, (3, 16), (0.80, 0.94))
    low, high = standing.bounds()
    wide = float(high[0] - low[0])
    edge = float(high[2]) + float(rng.uniform(1.0, 4.0))
    tone = WALLS[int(rng.integers(len(WALLS)))]
    board = Surface(wood(WOODS[int(rng.integers(4))], int(rng.integers(3))), 70.0, turned=True) if rng.random() < 0.5 else Surface(speckle((226, 226, 224), 8), 60.0)  # fmt: skip
    rail = Surface(_price_rail(d, neighbours, rng), 36.0)
    back = Surface(speckle(tone, 9, specks=0.0), 120.0)
    depth = edge + 30
    scene = Scene(camera, light, room(camera, light, board, back, depth=depth, edge=edge, lip=rail))
    others = _row(neighbours, rng, size, wide, edge)
    scene.shadows([*others, standing], 0.9)
    for other in sorted(others, key=lambda m: float(m.bounds()[1][2])):
        scene.draw(other, scale=1)
    scene.blur(0.0042)
    scene.draw(standing)
    return scene.photo


def _row(neighbours: Sequence[Design], rng: np.random.Generator, size: int, wide: float, edge: float) -> list[Model]:  # fmt: skip
    """A shelf row: neighbours to the left and right of a gap for the product, two deep."""
    out: list[Model] = []
    gap = wide * rng.uniform(0.10, 0.34, 2)
    reach = [wide / 2 + float(gap[0]), wide / 2 + float(gap[1])]
    for k, other in enumerate(neighbours[: int(4 * AIM.others)]):
        if other.family not in PACKS:
            continue
        stood = build(other, max(160, size // 2)).moved(turn=float(rng.uniform(-12, 12)))
        low, high = stood.bounds()
        half = float(high[0] - low[0]) / 2
        side = k % 2
        x = (reach[side] + half) * (1 if side else -1)
        reach[side] += 2 * half + float(rng.uniform(0.4, 1.6))
        z = edge - float(high[2]) - float(rng.uniform(3.0, 7.0))
        out.append(stood.moved(offset=(x, 0, z)))
        out.append(
            stood.moved(offset=(x + float(rng.uniform(-0.6, 0.6)), 0, z - 2.2 * float(high[2]) - 1))
        )
    return out


def _price_rail(d: Design, neighbours: Sequence[Design], rng: np.random.Generator) -> Bytes:
    """The strip with price tags along a shelf, 36 x 3.6 cm a repeat."""
    image = Image.new("RGB", (1080, 108), ((222, 60, 52), (240, 240, 238), (44, 62, 96), (246, 204, 70))[int(rng.integers(4))])  # fmt: skip
    pen = ImageDraw.Draw(image)
    for k, item in enumerate([d, *neighbours][:3]):
        x = 60 + k * 360
        pen.rectangle((x, 8, x + 240, 100), fill=(252, 252, 248))
        size = fit(item.brand, "plain", 130, 26)
        write(pen, (x + 10, 26), item.brand, "plain", size, (60, 60, 62), anchor="lm")
        write(pen, (x + 10, 70), item.size, "plain", 20, (60, 60, 62), anchor="lm")
        write(pen, (x + 230, 62), item.price, "heavy", 46, (30, 30, 32), anchor="rm")
    return np.asarray(image)


def _rail(
    model: Model, neighbours: Sequence[Design], rng: np.random.Generator, size: int
) -> Image.Image:
    """A shirt on a rail between others, or laid on a bed or table."""
    light = _phone_light(rng)
    if rng.random() < 0.45:
        return _laid(model, light, rng, size)
    turned = model.moved(turn=float(rng.uniform(-26, 26)), offset=(0, HUNG, 0))
    camera = _aim(turned, rng, size, (-4, 10), (0.74, 0.92))
    where = place("tshirt", rng)
    scene = Scene(
        camera, light, room(camera, light, where.ground, where.wall, depth=16.0), floor=None
    )
    others = [build(n, max(160, size // 2)) for n in neighbours if n.family == "tshirt"][:2]
    for k, other in enumerate(others):
        side = 1 if k % 2 else -1
        scene.draw(other.moved(turn=float(rng.uniform(-30, 30)), offset=(side * float(rng.uniform(54, 66)), HUNG + float(rng.uniform(-3, 3)), -9.0)), scale=1)  # fmt: skip
    scene.hang_shadow(turned, 9.0)
    scene.draw(turned)
    return scene.photo


def _laid(model: Model, light: Light, rng: np.random.Generator, size: int) -> Image.Image:
    lying = model.moved(tilt=-90).moved(turn=float(rng.uniform(-35, 35)), offset=(0, 0.6, 0))
    camera = _aim(lying, rng, size, (62, 84), (0.74, 0.92))
    tones = ((224, 214, 196), (120, 134, 150), (196, 176, 160), (232, 228, 222))
    grounds = (
        Surface(weave(tones[int(rng.integers(4))], 6, check=bool(rng.integers(2))), 46.0),
        Surface(wood(WOODS[int(rng.integers(4))], 1), 90.0),
    )
    ground = grounds[int(rng.integers(2))]
    scene = Scene(camera, light, room(camera, light, ground, ground, depth=400.0), floor=None)
    scene.hang_shadow(lying, 1.6)
    scene.draw(lying)
    return scene.photo


def _barcode_shot(model: Model, d: Design, rng: np.random.Generator, size: int) -> Image.Image:
    """The back of the pack, filling the frame."""
    light = _phone_light(rng)
    standing = model.moved(turn=180 + float(rng.uniform(-5, 5)))
    camera = frame([standing], width=size, height=size * 4 // 3, pitch=float(rng.uniform(2, 8)), fov=44, fill=0.92, roll=float(rng.uniform(-4, 4)))  # fmt: skip
    where = place(d.family, rng)
    scene = Scene(camera, light, room(camera, light, where.ground, where.wall, depth=40.0))
    scene.shadows([standing])
    scene.draw(standing)
    return scene.photo
