"""The small renderer below the demo shop: perspective, depth, light."""

import numpy as np
import pytest
from PIL import Image

from retailvision.demo.camera import Camera, frame
from retailvision.demo.designs import design
from retailvision.demo.mesh import Material, Model, lathe, panel, solid
from retailvision.demo.phone import any_lens, expose
from retailvision.demo.photos import catalogue_photo
from retailvision.demo.raster import rasterise
from retailvision.demo.scenes import floor_shadow
from retailvision.demo.shade import Light, paint
from retailvision.demo.shapes import build

RED, BLUE = Material(solid((220, 20, 20)), "glow"), Material(solid((20, 20, 220)), "glow")


def wall(z: float, material: Material, half: float = 10.0) -> Model:
    corners = [(-half, half, z), (half, half, z), (half, -half, z), (-half, -half, z)]
    return Model((panel(corners, material),))


def ahead(distance: float = 100.0) -> Camera:
    return Camera((0, 0, distance), (0, 0, 0), 120, 120, fov=30)


def test_a_pinhole_camera_projects_as_it_should() -> None:
    camera = ahead()
    x, y, depth = camera.project(np.array([[5.0, 5.0, 0.0]], np.float32))[0]
    assert depth == pytest.approx(100, abs=0.01)
    assert x == pytest.approx(60 + camera.focal * 0.05, abs=0.01)
    assert y == pytest.approx(60 - camera.focal * 0.05, abs=0.01)


def test_a_flat_face_is_filled_without_holes() -> None:
    layer = rasterise(wall(0, RED).parts, ahead(), 2)
    assert layer is not None
    seen = layer.part.reshape(layer.height, layer.width)
    assert (seen[4:-4, 4:-4] == 0).all()
    u = layer.fields[:, 0].reshape(layer.height, layer.width)
    assert (np.diff(u[layer.height // 2, 4:-4]) > 0).all()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_nearer_surface_wins_whatever_the_order(order: tuple[int, int]) -> None:
    parts = [wall(0, RED).parts[0], wall(20, BLUE, half=5).parts[0]]
    photo = Image.new("RGB", (120, 120), (255, 255, 255))
    paint(photo, Model(tuple(parts[i] for i in order)), ahead(), Light())
    seen = np.asarray(photo)
    assert seen[60, 60, 2] > 150
    assert seen[45, 45, 0] > 150


def test_what_lies_behind_the_camera_is_not_drawn() -> None:
    assert rasterise(wall(300, RED).parts, ahead(), 1) is None


@pytest.mark.parametrize("fill", [0.4, 0.8])
def test_framing_gives_the_product_its_share_of_the_photo(fill: float) -> None:
    model = build(design(2026, 0), 200)
    camera = frame([model], width=300, height=400, pitch=15, fill=fill)
    points = np.concatenate([p.points.reshape(-1, 3) for p in model.parts])
    screen = camera.project(points)[:, :2]
    extent = (screen.max(axis=0) - screen.min(axis=0)) / [300, 400]
    assert extent.max() == pytest.approx(fill, rel=0.05)


def test_a_cylinder_is_lighter_on_the_side_of_the_key() -> None:
    grey = Material(solid((128, 128, 128)), "satin")
    post = Model((lathe([[(10.0, 20.0), (10.0, -20.0)]], grey),))
    brightness = {}
    for side in (-1.0, 1.0):
        photo = Image.new("L", (120, 120)).convert("RGB")
        paint(photo, post, ahead(), Light(side=side), ground=None)
        row = np.asarray(photo.convert("L"), float)[60]
        brightness[side] = row[40:55].mean() - row[65:80].mean()
    assert brightness[-1.0] > 5
    assert brightness[1.0] < -5


def test_a_shadow_falls_away_from_the_light_and_touches_the_foot() -> None:
    model = build(design(2026, 0), 100)
    camera = frame([model], width=240, height=240, pitch=25, fill=0.5)
    shadow = floor_shadow([model], camera, Light(side=-1.0), 0.0)
    foot = camera.project(np.zeros((1, 3), np.float32))[0] / 4
    x, y = int(foot[0]), int(foot[1])
    assert shadow[y, x] > 0.4
    assert shadow[:, x + 8 :].sum() > shadow[:, : x - 8].sum()
    assert shadow.max() <= 1


@pytest.mark.parametrize("number", range(0, 36, 3))
def test_every_family_stands_on_the_ground_and_faces_the_camera(number: int) -> None:
    d = design(2026, number)
    model = build(d, 160)
    low, high = model.bounds()
    assert np.isfinite(low).all()
    assert np.isfinite(high).all()
    assert abs(float(low[1])) < 0.6
    assert 5 < float(high[1]) < 100
    photo = np.asarray(catalogue_photo(d, 0, np.random.default_rng(1), 96), float)
    edge = np.concatenate([photo[:4].reshape(-1, 3), photo[:, :4].reshape(-1, 3)])
    middle = photo[24:72, 24:72].reshape(-1, 3)
    assert middle.std() > edge.std()


def test_a_phone_changes_the_light_and_keeps_the_size() -> None:
    photo = Image.new("RGB", (90, 120), (120, 130, 140))
    for seed in range(6):
        rng = np.random.default_rng(seed)
        shot = expose(photo, any_lens(rng), rng)
        assert shot.size == photo.size
        assert shot.tobytes() != photo.tobytes()
        assert 30 < np.asarray(shot).mean() < 235
