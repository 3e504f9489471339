"""What a phone's camera does to a scene: exposure, white balance, glare, blur, noise and compression."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from retailvision.demo.mesh import Floats


@dataclass(frozen=True)
class Lens:
    """One shot's faults. Blurs are shares of the photo's width, the rest as commented."""

    exposure: float  # a factor on the light
    warmth: float  # -1 (blue) to 1 (orange)
    contrast: float  # around 1
    defocus: float
    motion: float
    motion_angle: float  # degrees
    noise: float  # standard deviation in grey levels
    glare: float  # 0..1, the strength of a reflection
    glare_at: tuple[float, float]  # shares of width and height
    quality: int  # of the JPEG


def any_lens(rng: np.random.Generator, hard: float = 1.0) -> Lens:
    """A lens such as visitors have; `hard` scales its faults."""
    blurred = rng.random()
    return Lens(
        exposure=float(np.exp(np.clip(rng.normal(0.03, 0.28 * hard), -0.75, 0.5))),
        warmth=float(np.clip(rng.normal(0.08, 0.36 * hard), -1, 1)),
        contrast=float(rng.uniform(0.82, 1.12)),
        defocus=float(rng.uniform(0.0022, 0.0050) * hard) if blurred < 0.28 else 0.0006,
        motion=float(rng.uniform(0.006, 0.017) * hard) if 0.28 <= blurred < 0.52 else 0.0,
        motion_angle=float(rng.uniform(0, 180)),
        noise=float(rng.uniform(2, 11) * hard),
        glare=float(rng.uniform(0.25, 0.75)) if rng.random() < 0.3 * hard else 0.0,
        glare_at=(float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.25, 0.7))),
        quality=int(rng.integers(48, 84)),
    )


def steady_lens() -> Lens:
    """A careful shot, as one takes of a barcode."""
    return Lens(1.0, 0.1, 1.0, 0.0, 0.0, 0.0, 2.5, 0.0, (0.5, 0.5), 84)


def _moved(photo: Image.Image, length: float, angle: float) -> Image.Image:
    """The mean of the photo shifted along a line."""
    steps = max(2, min(9, int(length / 1.5)))
    a = np.radians(angle)
    total = np.zeros((photo.height, photo.width, 3), np.uint16)
    source = np.asarray(photo)
    for t in np.linspace(-0.5, 0.5, steps):
        dx, dy = round(float(t * length * np.cos(a))), round(float(t * length * np.sin(a)))
        total += np.roll(source, (dy, dx), (0, 1))
    return Image.fromarray((total // steps).astype(np.uint8), "RGB")


@lru_cache(maxsize=6)
def _noise(height: int, width: int) -> Floats:
    return np.random.default_rng(3).standard_normal((height, width, 3)).astype(np.float32)


def _light_map(width: int, height: int, lens: Lens) -> Floats:
    """Vignette and glare, at an eighth of the resolution: (h, w, 2)."""
    y, x = np.mgrid[-1 : 1 : complex(0, height // 8), -1 : 1 : complex(0, width // 8)]
    vignette = 1 - 0.20 * (x * x + y * y) / 2
    gx, gy = lens.glare_at[0] * 2 - 1, lens.glare_at[1] * 2 - 1
    along, across = (x - gx) + 0.5 * (y - gy), (y - gy) - 0.5 * (x - gx)
    glare = lens.glare * np.exp(-((across / 0.5) ** 2) - (along / 0.13) ** 2)
    return np.stack([vignette, glare], axis=-1).astype(np.float32)


def expose(photo: Image.Image, lens: Lens, rng: np.random.Generator) -> Image.Image:
    """The photo as the phone would have stored it, before compression."""
    width, height = photo.size
    if lens.defocus * width > 0.3:
        photo = photo.filter(ImageFilter.GaussianBlur(lens.defocus * width))
    if lens.motion * width >= 2:
        photo = _moved(photo, lens.motion * width, lens.motion_angle)
    maps = _light_map(width, height, lens)
    vignette, glare = (
        np.asarray(
            Image.fromarray(maps[..., i], "F").resize((width, height), Image.Resampling.BILINEAR)
        )
        for i in range(2)
    )
    gain = lens.exposure * np.asarray(
        [1 + 0.13 * lens.warmth, 1.0, 1 - 0.17 * lens.warmth], np.float32
    )
    out = np.asarray(photo, np.float32) * gain
    out = (out - 128) * lens.contrast + 128
    out *= vignette[..., None]
    if lens.glare:
        out += (255 - out) * glare[..., None]
    dx, dy = (int(v) for v in rng.integers(0, 64, 2))
    out += lens.noise * _noise(height + 64, width + 64)[dy : dy + height, dx : dx + width]
    return Image.fromarray(np.clip(out, 0, 255).astype(np.uint8), "RGB")
