"""Pictures that differ by content, for tests."""

import io

import numpy as np
from PIL import Image, ImageDraw


def product_picture(seed: int, side: int = 160) -> Image.Image:
    """A picture that is a function of its seed: coloured shapes on a coloured ground."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (side, side), tuple(rng.integers(0, 256, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = rng.integers(0, side, 2).tolist()
        w, h = rng.integers(side // 8, side // 2, 2).tolist()
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((x, y, x + w, y + h), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return image


def encoded(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:  # noqa: A002
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def product_photo(seed: int, side: int = 160) -> bytes:
    return encoded(product_picture(seed, side), quality=92)


def phone_photo(seed: int, side: int = 160) -> bytes:
    """The same product again: shifted, darker, smaller and recompressed."""
    image = product_picture(seed, side).rotate(2).resize((side - 20, side - 20))
    return encoded(image.point(lambda value: int(value * 0.9)), quality=70)
