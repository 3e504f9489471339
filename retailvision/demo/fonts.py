"""Letters for packs. A bare machine has no fonts, so four open ones come as packages (all SIL OFL)."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageDraw, ImageFont

FACES = {
    "sans": ("font_manrope", "Manrope-Bold.ttf"),
    "heavy": ("font_manrope", "Manrope-ExtraBold.ttf"),
    "plain": ("font_manrope", "Manrope-Medium.ttf"),
    "light": ("font_manrope", "Manrope-Light.ttf"),
    "serif": ("font_source_serif_pro", "SourceSerifPro-Bold.ttf"),
    "black": ("font_source_serif_pro", "SourceSerifPro-Black.ttf"),
    "italic": ("font_source_serif_pro", "SourceSerifPro-SemiboldIt.ttf"),
    "round": ("font_fredoka_one", "FredokaOne-Regular.ttf"),
    "hand": ("font_amatic_sc", "AmaticSC-Bold.ttf"),
}

Font = ImageFont.FreeTypeFont


@lru_cache(maxsize=32)
def _path(face: str) -> str:
    package, name = FACES[face]
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "files" / name
        if path.is_file():
            return str(path)
    raise RuntimeError(
        f"the font {name} is missing: pip install {package.replace('_', '-')} "
        "(it is listed in requirements.in)"
    )


@lru_cache(maxsize=1024)
def font(face: str, size: int) -> Font:
    """A face at a size in pixels."""
    return ImageFont.truetype(_path(face), max(4, size))


def width_of(text: str, face: str, size: int, spacing: float = 0.0) -> float:
    """Pixels; `spacing` between letters is in shares of the size."""
    return float(font(face, size).getlength(text)) + spacing * size * max(0, len(text) - 1)


def fit(text: str, face: str, width: float, height: float, spacing: float = 0.0) -> int:
    """The largest size (pixels) at which one line of text fits."""
    probe = 100
    wide = max(width_of(text, face, probe, spacing), 1.0)
    left, top, right, bottom = font(face, probe).getbbox("HÅgp" if text != text.upper() else "HÅ")
    del left, right
    return max(4, int(min(width / wide, height / (bottom - top)) * probe))


def write(  # noqa: PLR0917  what any drawing tool asks for, in its order
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    face: str,
    size: int,
    colour: tuple[int, int, int],
    *,
    anchor: str = "mm",
    spacing: float = 0.0,
) -> None:
    """Writes one line; with `spacing` (shares of the size) letter by letter."""
    if not spacing:
        draw.text(place, text, font=font(face, size), fill=colour, anchor=anchor)
        return
    x, y = place
    total = width_of(text, face, size, spacing)
    x -= {"l": 0.0, "m": total / 2, "r": total}[anchor[0]]
    for letter in text:
        draw.text((x, y), letter, font=font(face, size), fill=colour, anchor="l" + anchor[1])
        x += font(face, size).getlength(letter) + spacing * size


def lines(text: str, face: str, size: int, width: float) -> list[str]:
    """The text broken into lines no wider than `width` pixels."""
    out: list[str] = []
    for word in text.split():
        if out and width_of(f"{out[-1]} {word}", face, size) <= width:
            out[-1] = f"{out[-1]} {word}"
        else:
            out.append(word)
    return out
