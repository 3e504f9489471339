"""Places to stand a product in: seamless studio paper, tables, shelves, walls and floors, and the
shadows that things throw on them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from retailvision.demo.camera import Camera
from retailvision.demo.mesh import Bytes, Floats, Model
from retailvision.demo.shade import Light, paint
from retailvision.demo.words import RGB

_KEY, _ROOM = 7, 20  # directions that light comes from: the key lamp, and the room
_QUARTER = 4  # shadows are soft: a quarter of the resolution is enough


@dataclass
class Scene:
    """A background plane or two and what stands before it. Lengths in centimetres."""

    camera: Camera
    light: Light
    photo: Image.Image
    floor: float | None = 0.0
    models: list[Model] = field(default_factory=list)

    def shadows(self, models: Sequence[Model], strength: float = 1.0) -> None:
        """The shadows of models that stand on the floor."""
        if self.floor is None or not models:
            return
        mask = floor_shadow(models, self.camera, self.light, self.floor)
        dark = np.clip(1 - mask * strength, 0, 1)
        self._multiply(dark)

    def _multiply(self, dark: Floats) -> None:
        full = Image.fromarray(dark.astype(np.float32), "F").resize(
            self.photo.size, Image.Resampling.BILINEAR
        )
        shade = Image.fromarray((np.asarray(full) * 255).astype(np.uint8), "L")
        cool = Image.merge(
            "RGB", (shade, shade, shade.point(lambda v: min(255, int(v * 0.96 + 12))))
        )
        self.photo = ImageChops.multiply(self.photo, cool)

    def glow(self, model: Model, strength: float) -> None:
        """A lamp's light on what is behind it."""
        if model.glow is None:
            return
        x, y, depth = self.camera.project(np.asarray([model.glow], np.float32))[0]
        reach = 46.0 * self.camera.focal / float(depth)
        rows = np.arange(0, self.camera.height, _QUARTER)[:, None]
        columns = np.arange(0, self.camera.width, _QUARTER)[None, :]
        light = strength * np.exp(-np.hypot(columns - x, rows - y) / reach * 2.2)
        layer = light[..., None] * np.asarray([255, 206, 128], np.float32)
        small = Image.fromarray(np.clip(layer, 0, 255).astype(np.uint8), "RGB")
        self.photo = ImageChops.screen(
            self.photo, small.resize(self.photo.size, Image.Resampling.BILINEAR)
        )

    def blur(self, share: float) -> None:
        """What is behind goes out of focus; a share of the width."""
        radius = share * self.camera.width
        if radius > 0.4:
            self.photo = self.photo.filter(ImageFilter.GaussianBlur(radius))

    def draw(self, model: Model, scale: int = 2) -> None:
        paint(self.photo, model, self.camera, self.light, scale=scale, ground=self.floor)

    def hang_shadow(self, model: Model, depth: float) -> None:
        """The shadow of something that hangs before a wall, `depth` centimetres off it."""
        flat = replace(
            self.camera, width=self.camera.width // _QUARTER, height=self.camera.height // _QUARTER
        )
        layer = Image.new("RGB", (flat.width, flat.height), (255, 255, 255))
        black = replace(self.light, strength=0.0)
        paint(layer, model, flat, black, scale=1, ground=None)
        mask = np.asarray(layer.convert("L"), np.float32) / 255
        per = flat.focal / float(np.linalg.norm(np.subtract(self.camera.eye, self.camera.target)))
        dx, dy = int(-self.light.side * depth * 0.9 * per), int(depth * 1.1 * per)
        mask = np.roll(mask, (dy, dx), (0, 1))
        self._multiply(0.62 + 0.38 * _soften(mask, max(0.6, depth * 0.55 * per)))


def _directions(light: Light) -> tuple[Floats, Floats]:
    """Where light comes from, and how much from there: a large lamp, and the room."""
    spiral = np.arange(_KEY, dtype=np.float32)
    ring = (
        np.stack([np.cos(spiral * 2.4), np.sin(spiral * 2.4)], 1) * np.sqrt(spiral / _KEY)[:, None]
    )
    key = np.stack(
        [light.side * 0.62 + 0.16 * ring[:, 0], np.ones(_KEY), 0.42 + 0.16 * ring[:, 1]], 1
    )
    spiral = np.arange(_ROOM, dtype=np.float32) + 0.5
    ring = (
        np.stack([np.cos(spiral * 2.4), np.sin(spiral * 2.4)], 1) * np.sqrt(spiral / _ROOM)[:, None]
    )
    room = np.stack([1.15 * ring[:, 0], np.ones(_ROOM), 1.15 * ring[:, 1]], 1)
    weight = np.concatenate([np.full(_KEY, 0.30 / _KEY), np.full(_ROOM, 0.46 / _ROOM)])
    return np.concatenate([key, room]).astype(np.float32), weight.astype(np.float32)


def floor_shadow(models: Sequence[Model], camera: Camera, light: Light, floor: float) -> Floats:
    """How much light is kept off, 0..1, at a quarter of the camera's resolution."""
    size = (camera.width // _QUARTER, camera.height // _QUARTER)
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    fan = np.stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
    ways, weights = _directions(light)
    outlines: list[Floats] = []
    for model in models:
        for part in model.parts:
            rows, columns = part.points.shape[:2]
            across = part.points[:, :: max(1, columns // 24)]
            for r in range(0, max(1, rows - 1), 6):
                points = across[r : r + 7].reshape(-1, 3)
                drop = (points[:, 1:2] - floor).clip(0, None)
                landed = points[None] - drop[None] * ways[:, None, :]
                landed[..., 1] = floor
                screen = camera.project(landed)
                if float(screen[..., 2].min()) > 1:
                    outlines.append(_hull(screen[..., :2] / _QUARTER, fan))
    total = np.zeros((2, size[1], size[0]), np.float32)
    for k, weight in enumerate(weights):
        mask = Image.new("L", size, 0)
        pen = ImageDraw.Draw(mask)
        for outline in outlines:
            pen.polygon(outline[k].ravel().tolist(), fill=255)
        total[int(k >= _KEY)] += np.asarray(mask, np.float32) * (float(weight) / 255)
    # The room is lit from everywhere, not from so many points: its shadows blend.
    return _soften(total[0], camera.width / 600) + _soften(total[1], camera.width / 180)


def _hull(points: Floats, fan: Floats) -> Floats:
    """Of each set of points (sets, n, 2), those that lie farthest in each direction of the fan: in order,
    since the directions are."""
    farthest = np.argmax(points @ fan, axis=1)
    return np.asarray(np.take_along_axis(points, farthest[..., None], axis=1), np.float32)


def _soften(mask: Floats, radius: float) -> Floats:
    grey = Image.fromarray(np.clip(mask * 255, 0, 255).astype(np.uint8), "L")
    return np.asarray(grey.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255


def seamless(
    width: int, height: int, colour: RGB, light: Light, horizon: float = 0.62
) -> Image.Image:
    """Studio paper that bends from wall to floor, lit from the key's side."""
    rows = np.linspace(0, 1, height // 6)[:, None]
    columns = np.linspace(0, 1, width // 6)[None, :]
    bend = 1 / (1 + np.exp(-(rows - horizon) * 14))
    pool = np.exp(
        -(((columns - 0.5 - 0.16 * light.side) / 0.55) ** 2) - ((rows - 0.46) / 0.55) ** 2
    )
    value = (0.86 + 0.14 * pool) * (1 - bend) + (0.90 + 0.14 * pool) * bend
    value = value - 0.05 * bend * np.clip(rows - 0.85, 0, 1) * 4
    image = value[..., None] * np.asarray(colour, np.float32)
    small = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8), "RGB")
    smooth = small.resize((width, height), Image.Resampling.BICUBIC)
    return Image.blend(smooth, Image.fromarray(_dither(width, height), "RGB"), 0.012)


@lru_cache(maxsize=8)
def _dither(width: int, height: int) -> Bytes:
    rng = np.random.default_rng(9)
    grey = rng.integers(0, 256, (height, width, 1), dtype=np.uint8)
    return np.repeat(grey, 3, axis=2)


@dataclass(frozen=True)
class Surface:
    """A texture laid on a plane: `size` centimetres across one repeat."""

    texture: Bytes
    size: float
    turned: bool = False

    def at(self, a: Floats, b: Floats) -> Floats:
        if self.turned:
            a, b = b, a
        rows, columns = self.texture.shape[:2]
        i = ((b / self.size) * rows).astype(np.int64) % rows
        j = ((a / self.size) * columns).astype(np.int64) % columns
        return np.asarray(self.texture[i, j], np.float32)


def room(
    camera: Camera,
    light: Light,
    ground: Surface,
    wall: Surface,
    *,
    depth: float,
    edge: float | None = None,
    lip: Surface | None = None,
    skirting: float = 0.0,
) -> Image.Image:
    """A table, floor or shelf board at y = 0 before a wall at z = -depth. With an `edge` the board ends
    at that z, and its front (`lip`, 3 cm high) and the dark below are seen."""
    ray = camera.rays()
    eye = np.asarray(camera.eye, np.float32)
    dx, dy, dz = ray[..., 0], ray[..., 1], ray[..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        to_floor = np.where(dy < -1e-5, -eye[1] / dy, np.inf)
        to_wall = np.where(dz < -1e-5, (-depth - eye[2]) / dz, np.inf)
    on_floor = to_floor < to_wall
    t = np.where(on_floor, to_floor, np.minimum(to_wall, 5000)).astype(np.float32)
    x, y, z = eye[0] + t * dx, eye[1] + t * dy, eye[2] + t * dz
    photo = np.empty((*t.shape, 3), np.float32)
    photo[on_floor] = ground.at(x[on_floor], z[on_floor])
    off = ~on_floor
    photo[off] = wall.at(x[off], -y[off])
    if skirting:
        board = off & (y < skirting)
        photo[board] = (
            np.asarray([232, 230, 224], np.float32)
            * np.where(y[board] > skirting - 0.8, 0.9, 1.0)[:, None]
        )
    corner = np.where(on_floor, z + depth, y)
    shade = 1 - 0.30 * np.exp(-np.clip(corner, 0, None) / 7.0)
    shade *= 1.02 - 0.0022 * np.abs(x - light.side * 26)
    shade = np.where(off, shade * (0.86 if edge is not None else 0.93), shade)
    if edge is not None:
        _shelf_edge(photo, shade, ray, eye, edge=edge, lip=lip or ground)
    photo *= (
        np.clip(shade, 0.25, 1.15)[..., None] * np.asarray(light.tint, np.float32) * light.strength
    )
    return Image.fromarray(np.clip(photo, 0, 255).astype(np.uint8), "RGB")


def _shelf_edge(
    photo: Floats, shade: Floats, ray: Floats, eye: Floats, *, edge: float, lip: Surface
) -> None:
    t = (edge - eye[2]) / np.minimum(ray[..., 2], -1e-5)
    x, y = eye[0] + t * ray[..., 0], eye[1] + t * ray[..., 1]
    front = (y < 0) & (y >= -3.6)
    photo[front] = lip.at(x[front] + lip.size / 2, -y[front] / 3.6 * lip.size)
    shade[front] = 0.98
    below = y < -3.6
    photo[below] = np.asarray([92, 88, 84], np.float32)
    shade[below] = np.clip(0.34 + 0.03 * (-y[below] - 3.6), 0.3, 0.95)
