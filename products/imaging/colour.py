"""From whatever a decoder returns to plain 8-bit sRGB."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

# Differences that come from rounding in the profile itself, in units of 1/255.
SAME_WITHIN = 2
SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def plain(image: Image.Image, transparent_grey: int | None = None) -> Image.Image:
    """``image`` as L, LA, RGB, RGBA or CMYK with 8 bits; alpha only where it hides something."""
    grey = image.mode in ("1", "L", "I;16")
    if grey and (transparent_grey is not None or image.mode == "I;16"):
        image = _grey(image, transparent_grey)
    elif image.has_transparency_data:
        image = image.convert("LA" if image.mode in ("L", "LA", "La") else "RGBA")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    if image.mode in ("LA", "RGBA") and image.getchannel("A").getextrema()[0] == 255:
        image = image.convert(image.mode[:-1])
    return image


def _grey(image: Image.Image, transparent: int | None) -> Image.Image:
    """Grey of 1, 8 or 16 bits. Pillow's own conversion clips 16 bits: all above 255 turns white."""
    values = np.asarray(image.convert("L") if image.mode == "1" else image)
    seen = values
    if values.dtype != np.uint8:
        # Rounded division by 257, which maps 0..65535 onto 0..255, without leaving 32 bits.
        seen = ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    result = Image.fromarray(seen)
    if transparent is not None:
        alpha = np.where(values == transparent, 0, 255).astype(np.uint8)
        result = Image.merge("LA", (result, Image.fromarray(alpha)))
    return result


def on_white(image: Image.Image) -> Image.Image:
    """Without alpha: what shines through is white, the paper that packshots are made for."""
    if image.mode not in ("LA", "RGBA"):
        return image
    alpha = image.getchannel("A")
    colour = image.convert(image.mode[:-1])
    ground = Image.new(colour.mode, colour.size, "white")
    ground.paste(colour, mask=alpha)
    return ground


def conversion(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """How to get from ``profile`` to sRGB for an image of ``mode`` (as ``plain`` returns it).

    None where there is nothing to do: no profile, a broken one, one of another colour space than
    the picture's (browsers ignore these too), or one that is sRGB by what it does, whatever its
    name: pixels that would only be rounded once more are left alone.
    """
    mode = mode.removesuffix("A")
    if profile is None or mode not in SPACES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space.strip() != SPACES[mode]:
            return None
        transform = ImageCms.buildTransform(
            source, ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.PERCEPTUAL
        )
        if mode != "CMYK" and _changes_nothing(transform, mode):
            return None
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
    return transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    axes = (levels,) if mode == "L" else (levels, levels, levels)
    probe = np.stack(np.meshgrid(*axes), axis=-1).reshape(1, -1, len(axes))
    result = _applied(Image.fromarray(probe[..., 0] if mode == "L" else probe), transform)
    difference = np.asarray(result).astype(np.int16).reshape(1, -1, 3) - probe
    return bool(np.abs(difference).max() <= SAME_WITHIN)


def _applied(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    result = ImageCms.applyTransform(image, transform)
    if result is None:
        raise TypeError("only a transform in place returns nothing")
    return result


def to_srgb(image: Image.Image, transform: ImageCms.ImageCmsTransform | None) -> Image.Image:
    """L, LA, RGB or RGBA in sRGB, from ``plain``'s modes; may change ``image`` in place."""
    if transform is None:
        # Without a profile ink is turned into light as browsers do it.
        return image.convert("RGB") if image.mode == "CMYK" else image
    if image.mode in ("LA", "RGBA"):
        colour = to_srgb(image.convert(image.mode[:-1]), transform)
        return Image.merge(image.mode, (*colour.split(), image.getchannel("A")))
    if image.mode == "RGB":
        ImageCms.applyTransform(image, transform, inPlace=True)
        return image
    result = _applied(image, transform)
    # Neutral in, neutral out: one channel says it all.
    return result.getchannel("G") if image.mode == "L" else result
