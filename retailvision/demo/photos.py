"""The catalogue photos of a product: in the studio, turned, and in use."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from retailvision.demo.camera import frame
from retailvision.demo.designs import FAMILY_ORDER, SIBLINGS, Design
from retailvision.demo.mesh import Model
from retailvision.demo.props import PROPS
from retailvision.demo.scenes import Scene, Surface, room, seamless
from retailvision.demo.shade import Light
from retailvision.demo.shapes import build
from retailvision.demo.texture import speckle, stone, tiles, weave, wood
from retailvision.demo.words import RGB, mix

PAPERS: tuple[RGB, ...] = ((243, 241, 237), (236, 238, 241), (245, 240, 232))
COLOURS: tuple[RGB, ...] = ((236, 216, 202), (206, 220, 214), (214, 218, 232), (240, 226, 188), (226, 208, 216),
                            (200, 208, 200), (222, 206, 186), (190, 206, 220))  # fmt: skip
WOODS: tuple[RGB, ...] = ((188, 142, 96), (150, 104, 66), (214, 178, 134), (110, 80, 60))
WALLS: tuple[RGB, ...] = (
    (226, 222, 212),
    (198, 208, 204),
    (212, 196, 184),
    (182, 194, 208),
    (234, 228, 214),
)
PACKS = ("bottle", "can", "carton", "jar", "box", "pouch", "tube")


HUNG = 45.0  # centimetres from the floor to the hem of a shirt on its hanger
BARCODED = ("box", "pouch", "jar")


def shows_back(d: Design) -> bool:
    """Whether the second catalogue photo shows the back with the barcode: in every other range."""
    return d.family in BARCODED and d.number // (SIBLINGS * len(FAMILY_ORDER)) % 2 == 0


@dataclass(frozen=True)
class Place:
    """The surfaces of a room."""

    ground: Surface
    wall: Surface


def place(family: str, rng: np.random.Generator) -> Place:
    """A room in which the family is at home."""
    grain = int(rng.integers(3))
    boards = Surface(
        wood(WOODS[int(rng.integers(len(WOODS)))], grain), 62.0, turned=bool(rng.integers(2))
    )
    plaster = Surface(speckle(WALLS[int(rng.integers(len(WALLS)))], 3, specks=0.0), 160.0)
    tiled = Surface(
        tiles(((240, 238, 232), (206, 220, 218), (232, 222, 206))[int(rng.integers(3))], 2), 60.0
    )
    marble = Surface(stone((236, 234, 230), grain), 90.0)
    concrete = Surface(speckle((188, 186, 182), 5), 80.0)
    cloth = Surface(weave((226, 216, 198), 4, check=bool(rng.integers(2))), 42.0)
    if family in ("shoe", "bag"):
        return Place((boards, concrete)[int(rng.integers(2))], plaster)
    if family in ("lamp", "tshirt"):
        return Place(boards, plaster)
    if family == "tube":
        return Place((marble, concrete)[int(rng.integers(2))], tiled)
    grounds = (boards, marble, cloth, boards)
    return Place(grounds[int(rng.integers(4))], (tiled, plaster)[int(rng.integers(2))])


def catalogue_photo(d: Design, view: int, rng: np.random.Generator, size: int) -> Image.Image:
    """Photo 0 is from the front on studio paper, 1 turned on a coloured ground, 2 at home; further views
    repeat these from elsewhere. `size` is the side of the photo in pixels."""
    model = build(d, int(size * 1.45))
    kind = view % 3
    if model.hangs:
        return _hanging(model, d, kind, rng, size)
    if kind == 0:
        return _studio(model, d, rng, size)
    if kind == 1:
        return _turned(model, d, rng, size)
    return _at_home(model, d, rng, size)


def _light(rng: np.random.Generator) -> Light:
    return Light(side=-1.0 if rng.random() < 0.6 else 1.0)


def _studio(model: Model, d: Design, rng: np.random.Generator, size: int) -> Image.Image:
    turn = {
        "shoe": -8.0,
        "mug": -6.0,
        "box": -20.0,
        "carton": -22.0,
        "bag": -12.0,
        "lamp": 0.0,
    }.get(d.family, 0.0)
    light = _light(rng)
    standing = model.moved(turn=turn + float(rng.uniform(-3, 3)))
    pitch = {"shoe": 16.0, "mug": 14.0, "can": 12.0}.get(d.family, 8.0)
    camera = frame([standing], width=size, height=size, pitch=pitch, fill=0.76, shift=(0, 0.015))
    paper = PAPERS[d.pick("paper0", len(PAPERS))]
    scene = Scene(camera, light, seamless(size, size, paper, light))
    return _finish(scene, standing)


def _finish(scene: Scene, model: Model) -> Image.Image:
    scene.glow(model, 0.42)
    scene.shadows([model])
    scene.draw(model)
    return scene.photo


def _turned(model: Model, d: Design, rng: np.random.Generator, size: int) -> Image.Image:
    behind = shows_back(d)
    turn = (
        180 + float(rng.uniform(-16, 16))
        if behind
        else float(rng.choice([-1, 1]) * rng.uniform(24, 38))
    )
    if d.family == "shoe":
        turn = 180 + float(rng.uniform(-32, 32))
    light = _light(rng)
    standing = model.moved(turn=turn)
    camera = frame([standing], width=size, height=size, pitch=float(rng.uniform(9, 20)), fill=0.74, fov=28, shift=(0, 0.015))  # fmt: skip
    colour = COLOURS[int(rng.integers(len(COLOURS)))]
    scene = Scene(camera, light, seamless(size, size, colour, light))
    return _finish(scene, standing)


def _at_home(model: Model, d: Design, rng: np.random.Generator, size: int) -> Image.Image:
    light = replace(
        _light(rng), tint=(1.0, 0.985, 0.955) if rng.random() < 0.5 else (0.985, 0.99, 1.0)
    )
    # Boxes show the studio one side, and the home the other.
    turn = float(rng.uniform(6, 26) if d.family in ("box", "carton") else rng.uniform(-24, 24))
    standing = model.moved(turn=turn + (180 if d.family == "shoe" and rng.random() < 0.3 else 0))
    camera = frame([standing], width=size, height=size, pitch=float(rng.uniform(10, 18)), fill=float(rng.uniform(0.62, 0.72)), fov=30, shift=(float(rng.uniform(-0.09, 0.09)), 0.05))  # fmt: skip
    low, high = standing.bounds()
    tall = float(high[1] - low[1])
    where = place(d.family, rng)
    dark = 0.80 if d.family == "lamp" else 1.0
    light = replace(light, strength=dark)
    depth = max(22.0, tall * 1.1)
    scene = Scene(camera, light, room(camera, light, where.ground, where.wall, depth=depth, skirting=9.0 if d.family == "shoe" else 0.0))  # fmt: skip
    others = _props(d.family, rng, tall, depth, float(high[0] - low[0]))
    scene.glow(standing, 0.5)
    scene.shadows(others)
    for other in sorted(others, key=lambda m: float(m.bounds()[0][2])):
        scene.draw(other, scale=1)
    scene.blur(0.006)
    return _finish(scene, standing)


def _props(
    family: str, rng: np.random.Generator, tall: float, depth: float, wide: float
) -> list[Model]:
    """One or two things behind and beside, out of the product's way."""
    names = {"lamp": ("books", "plant", "vase"), "shoe": ("plant", "books"), "bag": ("plant", "books"),
             "mug": ("books", "fruit", "cloth"), "tube": ("plant", "cloth", "vase")}.get(
        family, ("plant", "fruit", "board", "vase", "glass", "cloth"))  # fmt: skip
    side = 1.0 if rng.random() < 0.5 else -1.0
    out = []
    for k, name in enumerate(rng.permutation(names)[: int(rng.integers(1, 3))]):
        prop = PROPS[str(name)](rng)
        low, high = prop.bounds()
        room_for = wide / 2 + float(high[0] - low[0]) / 2
        x = side * (1 if k == 0 else -1) * (room_for * float(rng.uniform(1.0, 1.35)))
        z = -depth + 1.8 if name == "board" else -float(rng.uniform(0.35, 0.6)) * depth
        out.append(prop.moved(offset=(x, 0.0, z), scale=1.0 if tall < 35 else 1.25))
    return out


def _hanging(
    model: Model, d: Design, kind: int, rng: np.random.Generator, size: int
) -> Image.Image:
    light = _light(rng)
    if kind == 1:
        return flat_lay(model, d, rng, size)
    turned = model.moved(
        turn=float(rng.uniform(-4, 4)) if kind == 0 else float(rng.uniform(-18, 18)),
        offset=(0, HUNG, 0),
    )
    camera = frame([turned], width=size, height=size, pitch=0 if kind == 0 else 4, fill=0.84 if kind == 0 else 0.74, fov=26)  # fmt: skip
    if kind == 0:
        photo = seamless(size, size, PAPERS[d.pick("paper0", 3)], light, horizon=1.6)
    else:
        where = place("tshirt", rng)
        photo = room(
            camera, light, where.ground, (where.wall, where.ground)[int(rng.integers(2))], depth=7.0
        )
    scene = Scene(camera, light, photo, floor=None)
    scene.hang_shadow(turned, 3.0 if kind == 0 else 6.0)
    scene.draw(turned)
    return scene.photo


def flat_lay(model: Model, d: Design, rng: np.random.Generator, size: int) -> Image.Image:
    """Lying on wood, cloth or stone, photographed from above."""
    light = _light(rng)
    lying = model.moved(tilt=-90).moved(turn=float(rng.uniform(-14, 14)), offset=(0, 0.6, 0))
    camera = frame([lying], width=size, height=size, pitch=84, fill=0.80, fov=26)
    tone = mix((224, 214, 196), d.paper, 0.15)
    grounds = (Surface(wood(WOODS[int(rng.integers(4))], 1), 90.0), Surface(weave(tone, 6), 40.0), Surface(speckle((206, 204, 200), 5), 90.0))  # fmt: skip
    ground = grounds[int(rng.integers(3))]
    scene = Scene(camera, light, room(camera, light, ground, ground, depth=400.0), floor=None)
    scene.hang_shadow(lying, 1.4)
    scene.draw(lying)
    return scene.photo
