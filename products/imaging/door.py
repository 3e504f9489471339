"""The one door through which photos come in.

Bytes from anybody go in; a checked, upright, plain sRGB picture comes out, or PhotoRefused.
Everything here may be called from many threads at once; nothing global is changed.
"""

from dataclasses import dataclass
from hashlib import sha256

from PIL import Image

from products.imaging.colour import conversion, on_white, plain, to_srgb
from products.imaging.decode import decode, read_header
from products.imaging.encode import encoded
from products.imaging.limits import PhotoLimits
from products.imaging.sniff import Format

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFacts:
    """What the header of a photo tells."""

    format: Format
    width: int  # pixels, upright
    height: int
    source_digest: str  # SHA-256 of the bytes as received, hexadecimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPhoto:
    """A photo ready for storage: a file that every browser shows, with nothing private in it."""

    content: bytes
    extension: str  # "jpg", "png" or "webp"
    media_type: str
    width: int  # pixels, upright
    height: int
    source_digest: str  # SHA-256 of the bytes as received, hexadecimal
    digest: str  # SHA-256 of ``content``, hexadecimal


def digest_of(data: bytes) -> str:
    """SHA-256, 64 hexadecimal digits: how a file is known by its content."""
    return sha256(data).hexdigest()


def inspect_photo(data: bytes, limits: PhotoLimits) -> PhotoFacts:
    """Check all that can be checked without decoding pixels; raises PhotoRefused."""
    header = read_header(data, limits)
    width, height = header.upright_size
    return PhotoFacts(
        format=header.format,
        width=width,
        height=height,
        source_digest=digest_of(data),
    )


def open_photo(data: bytes, limits: PhotoLimits, *, at_least: int | None = None) -> Image.Image:
    """The photo as RGB: upright, sRGB, alpha over white, first frame; raises PhotoRefused.

    ``at_least`` (pixels) allows a smaller picture for speed; its shorter side is never shorter
    than that, except where the photo's own is. Twice the input side of an encoder is a good value.
    """
    if at_least is not None and at_least < 1:
        raise ValueError("at_least must be positive")
    header = read_header(data, limits)
    image = decode(header, limits, at_least=at_least)
    image = on_white(plain(image, header.transparent_grey))
    if at_least is not None and (factor := min(image.size) // at_least) > 1:
        # Averaging whole blocks of pixels is what the reduced JPEG transform does; colour is
        # converted afterwards, on a fraction of the pixels.
        image = image.reduce(factor)
    image = to_srgb(image, conversion(header.profile, image.mode)).convert("RGB")
    turn = UPRIGHT.get(header.orientation)
    image = image if turn is None else image.transpose(turn)
    image.info = {}
    return image


def prepare_photo(data: bytes, limits: PhotoLimits) -> PreparedPhoto:
    """The photo as it is stored; raises PhotoRefused. The same bytes give the same result.

    - JPEG and still WebP that are upright and sRGB keep their pixels to the bit: the file is
      rebuilt from the parts that make pixels (after these were decoded once, to be sure), which
      costs no quality, and a stored photo that is stored again does not change.
    - All else is encoded anew: PNG and GIF as PNG; HEIF and AVIF, which not every browser shows,
      as JPEG, or as WebP where they have alpha; JPEG and WebP as themselves.
    - Alpha is kept: a cut-out product can be set on any page, and white can always be put
      behind it later, but never be taken away.
    - EXIF, GPS, XMP, IPTC, comments, previews, further pictures and trailing bytes are left out.
    """
    header = read_header(data, limits)
    pixels = decode(header, limits)
    transform = conversion(header.profile, _mode_for_profile(pixels))
    turn = UPRIGHT.get(header.orientation)
    if header.clean is not None and transform is None and turn is None:
        content, stored_as, (width, height) = header.clean, header.format, pixels.size
    else:
        image, keeps_mode = pixels, transform is None and header.transparent_grey is None
        if not (keeps_mode and header.format in ("PNG", "GIF") and image.mode in ("1", "P")):
            image = to_srgb(plain(image, header.transparent_grey), transform)
        if turn is not None:
            image = image.transpose(turn)
        content, stored_as = encoded(image, header)
        width, height = image.size
    return PreparedPhoto(
        content=content,
        extension=EXTENSIONS[stored_as],
        media_type=f"image/{stored_as.lower()}",
        width=width,
        height=height,
        source_digest=digest_of(data),
        digest=digest_of(content),
    )


def _mode_for_profile(image: Image.Image) -> str:
    """The mode that ``plain`` will give, without alpha."""
    if image.mode in ("1", "L", "LA", "La", "I;16"):
        return "L"
    return "CMYK" if image.mode == "CMYK" else "RGB"
