"""Sample photos, made here: four quarters of known colours, larger than wide is tall."""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageCms
from pillow_heif import from_pillow

from products.imaging import PhotoLimits

LIMITS = PhotoLimits()
WIDTH, HEIGHT = 96, 64
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 40), (30, 50, 190), (220, 200, 30)


def quarters(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = YELLOW
    return Image.fromarray(pixels)


def cut_out() -> Image.Image:
    """The quarters, of which the red one is transparent and the green one half so."""
    image = quarters()
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[: HEIGHT // 2, : WIDTH // 2] = 0
    alpha[: HEIGHT // 2, WIDTH // 2 :] = 128
    image.putalpha(Image.fromarray(alpha))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    if kind == "HEIF":
        from_pillow(image).save(buffer, **{"quality": 95, **options})
    else:
        image.save(buffer, kind, **options)
    return buffer.getvalue()


def every_format() -> dict[str, bytes]:
    image = quarters()
    return {
        "JPEG": saved(image, "JPEG", quality=95),
        "PNG": saved(image, "PNG"),
        "WEBP": saved(image, "WEBP", quality=95),
        "HEIF": saved(image, "HEIF"),
        "AVIF": saved(image, "AVIF", quality=95),
        "GIF": saved(image, "GIF"),
    }


def reopened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours well inside the four quarters: top left, top right, bottom left, bottom right."""
    across, down = image.width // 4, image.height // 4
    places = [(across, down), (3 * across, down), (across, 3 * down), (3 * across, 3 * down)]
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    return [tuple(pixels[y, x].tolist()) for x, y in places]


def assert_colours(
    image: Image.Image, expected: Sequence[tuple[int, ...]], *, within: int = 12
) -> None:
    difference = np.abs(np.array(corners(image)) - np.array(expected))
    assert difference.max() <= within, f"{corners(image)} is not {expected}"


def png_chunk(kind: bytes, payload: bytes = b"") -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", checksum)


def png_file(width: int, height: int, depth: int, colour: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
    return start + b"".join(chunks) + png_chunk(b"IEND")


def exif(orientation: int | None = None, **more: Any) -> Image.Exif:
    block = Image.Exif()
    if orientation is not None:
        block[0x0112] = orientation
    for tag, value in more.items():
        block[int(tag.removeprefix("tag_"), 16)] = value
    return block


def swapped_profile() -> bytes:
    """A working RGB profile that takes red for green: conversion by it cannot be overlooked."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
