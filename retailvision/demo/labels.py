"""The printed art of a pack: front panels in several layouts, back panels with small print and barcode."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.art import disc, motif, readable
from retailvision.demo.barcode import draw_barcode
from retailvision.demo.designs import Design
from retailvision.demo.fonts import fit, font, lines, width_of, write
from retailvision.demo.logos import logo
from retailvision.demo.mesh import Bytes
from retailvision.demo.words import RGB, mix

WHITE: RGB = (255, 255, 255)
Pen = ImageDraw.ImageDraw


class Sheet:
    """A panel being drawn: places and sizes are shares of its width and height."""

    def __init__(self, width: int, height: int, ground: RGB) -> None:
        self.w, self.h = width, height
        self.image = Image.new("RGB", (width, height), ground)
        self.pen = ImageDraw.Draw(self.image)

    @property
    def unit(self) -> float:
        """Pixels: what a motif's radius is measured in."""
        return min(self.w, self.h * 0.62)

    def box(self, left: float, top: float, right: float, bottom: float, fill: RGB) -> None:
        self.pen.rectangle(
            (left * self.w, top * self.h, right * self.w, bottom * self.h), fill=fill
        )

    def text(
        self,
        words: str,
        face: str,
        colour: RGB,
        *,
        y: float,
        x: float = 0.5,
        width: float = 0.84,
        height: float = 0.1,
        anchor: str = "mm",
        spacing: float = 0.0,
    ) -> None:
        """One line, or two where one would be less than half as high as allowed."""
        size = fit(words, face, width * self.w, height * self.h, spacing)
        broken = [words]
        if " " in words and size < 0.62 * fit("H", face, self.w, height * self.h, spacing):
            half = fit("H", face, self.w, height * self.h * 0.56)
            wide = lines(words, face, half, 0.52 * width_of(words, face, half))
            if len(wide) == 2:
                broken = wide
                size = min(
                    fit(t, face, width * self.w, height * self.h * 0.56, spacing) for t in wide
                )
        step = font(face, size).size * 1.02
        for i, line in enumerate(broken):
            at = (x * self.w, y * self.h + (i - (len(broken) - 1) / 2) * step)
            write(self.pen, at, line, face, size, colour, anchor=anchor, spacing=spacing)


def _brand(
    sheet: Sheet,
    d: Design,
    y: float,
    colour: RGB,
    ground: RGB,
    *,
    height: float = 0.11,
    width: float = 0.84,
) -> None:
    """Logo above, word-mark below."""
    r = min(sheet.w * 0.13, sheet.h * 0.055)
    logo(sheet.pen, d.pick("logo", 8), sheet.w / 2, y * sheet.h - r * 1.1, r, colour, ground)
    shown = d.brand.upper() if d.pick("caps", 2) and d.brand_face != "hand" else d.brand
    spacing = 0.06 if shown == d.brand.upper() else 0.0
    sheet.text(
        shown,
        d.brand_face,
        colour,
        y=y + height * 0.62,
        height=height,
        width=width,
        spacing=spacing,
    )


def _classic(sheet: Sheet, d: Design) -> None:
    ink = readable(d.paper, d.ink, d.lead)
    edge = 0.035
    pen = sheet.pen
    pen.rectangle(
        (sheet.w * edge, sheet.w * edge, sheet.w * (1 - edge), sheet.h - sheet.w * edge),
        outline=d.accent,
        width=max(2, int(sheet.w * 0.012)),
    )
    _brand(sheet, d, 0.15, ink, d.paper)
    sheet.text(d.title, d.text_face, readable(d.paper, d.lead, d.ink), y=0.37, height=0.085)
    r = sheet.unit * 0.25
    disc(pen, sheet.w / 2, sheet.h * 0.585, r * 1.22, mix(d.paper, WHITE, 0.5))
    motif(pen, d.motif, sheet.w / 2, sheet.h * 0.585, r, d.accent)
    sheet.box(0, 0.775, 1, 0.885, d.accent)
    sheet.text(d.variant, d.text_face, readable(d.accent, WHITE, (40, 30, 30)), y=0.83, height=0.07)
    sheet.text(d.size, "sans", ink, y=0.93, height=0.042)


def _block(sheet: Sheet, d: Design) -> None:
    sheet.box(0, 0, 1, 0.46, d.accent)
    r = sheet.unit * 0.24
    disc(sheet.pen, sheet.w / 2, sheet.h * 0.46, r * 1.3, d.paper)
    motif(sheet.pen, d.motif, sheet.w / 2, sheet.h * 0.46, r, d.accent)
    on = readable(d.accent, WHITE, (36, 30, 34))
    _brand(sheet, d, 0.115, on, d.accent, height=0.1)
    ink = readable(d.paper, d.ink, d.lead)
    sheet.text(d.title, d.text_face, ink, y=0.745, height=0.09)
    sheet.text(d.variant, d.text_face, readable(d.paper, d.lead, d.ink), y=0.85, height=0.06)
    sheet.text(d.size, "sans", ink, y=0.935, height=0.042)


def _full(sheet: Sheet, d: Design) -> None:
    ground = mix(d.accent, d.paper, 0.08)
    sheet.box(0, 0, 1, 1, ground)
    rng = d.rng("scatter")
    soft = mix(ground, WHITE, 0.22)
    for k in range(26):
        x, y = (k * 0.618 + 0.05 * rng.random()) % 1, (k + rng.random()) / 26
        disc(sheet.pen, x * sheet.w, y * sheet.h, sheet.w * (0.015 + 0.03 * rng.random()), soft)
    top, bottom = 0.12, 0.52
    sheet.pen.rounded_rectangle(
        (sheet.w * 0.08, sheet.h * top, sheet.w * 0.92, sheet.h * bottom),
        radius=sheet.w * 0.07,
        fill=d.paper,
    )
    ink = readable(d.paper, d.ink, d.lead)
    _brand(sheet, d, 0.235, ink, d.paper, height=0.1, width=0.74)
    sheet.text(
        d.title, d.text_face, readable(d.paper, d.lead, d.ink), y=0.43, height=0.085, width=0.76
    )
    on = readable(ground, WHITE, (36, 30, 34))
    r = sheet.unit * 0.2
    disc(sheet.pen, sheet.w / 2, sheet.h * 0.68, r * 1.2, mix(ground, WHITE, 0.55))
    motif(sheet.pen, d.motif, sheet.w / 2, sheet.h * 0.68, r, d.accent)
    sheet.text(d.variant, d.text_face, on, y=0.86, height=0.07)
    sheet.text(d.size, "sans", on, y=0.935, height=0.042)


def _stripes(sheet: Sheet, d: Design) -> None:
    count = 9
    pale = mix(d.paper, d.accent, 0.30)
    for k in range(count):
        if k % 2 == 0:
            sheet.box(k / count, 0, (k + 1) / count, 1, pale)
    cx, cy = sheet.w / 2, sheet.h * 0.36
    rx, ry = sheet.w * 0.45, sheet.h * 0.23
    pen = sheet.pen
    pen.ellipse((cx - rx, cy - ry, cx + rx, cy + ry), fill=d.lead)
    on = readable(d.lead, d.paper, d.ink, WHITE)
    pen.ellipse(
        (cx - rx * 0.93, cy - ry * 0.93, cx + rx * 0.93, cy + ry * 0.93),
        outline=on,
        width=max(2, int(sheet.w * 0.008)),
    )
    _brand(sheet, d, 0.275, on, d.lead, height=0.095, width=0.7)
    sheet.text(d.title, d.text_face, on, y=0.455, height=0.06, width=0.6)
    r = sheet.unit * 0.15
    disc(pen, cx, sheet.h * 0.695, r * 1.25, d.paper)
    motif(pen, d.motif, cx, sheet.h * 0.695, r, d.accent)
    sheet.box(0.0, 0.81, 1.0, 0.91, d.accent)
    sheet.text(
        d.variant, d.text_face, readable(d.accent, WHITE, (36, 30, 34)), y=0.86, height=0.066
    )
    sheet.text(d.size, "sans", readable(d.paper, d.ink, d.lead), y=0.953, height=0.04)


def _modern(sheet: Sheet, d: Design) -> None:
    pen, w, h = sheet.pen, sheet.w, sheet.h
    pen.polygon([(0, h * 0.70), (w, h * 0.50), (w, h), (0, h)], fill=d.accent)
    ink = readable(d.paper, d.ink, d.lead)
    r = w * 0.07
    logo(pen, d.pick("logo", 8), w * 0.1 + r, h * 0.08 + r * 0.6, r, ink, d.paper)
    sheet.text(d.brand, d.brand_face, ink, y=0.205, x=0.09, anchor="lm", height=0.12)
    sheet.text(
        d.title,
        d.text_face,
        readable(d.paper, d.lead, d.ink),
        y=0.345,
        x=0.09,
        anchor="lm",
        height=0.12,
        width=0.8,
    )
    m = sheet.unit * 0.26
    disc(pen, w * 0.62, h * 0.64, m * 1.1, mix(d.paper, WHITE, 0.4))
    motif(pen, d.motif, w * 0.62, h * 0.64, m * 0.92, d.accent)
    on = readable(d.accent, WHITE, (36, 30, 34))
    sheet.text(d.variant, d.text_face, on, y=0.885, x=0.09, anchor="lm", height=0.07)
    sheet.text(d.size, "sans", on, y=0.95, x=0.09, anchor="lm", height=0.04)


def _arch(sheet: Sheet, d: Design) -> None:
    pen, w, h = sheet.pen, sheet.w, sheet.h
    sheet.box(0, 0, 1, 1, d.lead)
    on = readable(d.lead, d.paper, d.ink, WHITE)
    left, right, top, bottom = w * 0.12, w * 0.88, h * 0.30, h * 0.80
    radius = (right - left) / 2
    rise = min(radius, (bottom - top) * 0.6)  # a wide label has a flat arch
    sky = mix(d.accent, WHITE, 0.55)
    pen.pieslice((left, top, right, top + 2 * rise), 180, 360, fill=sky)
    pen.rectangle((left, top + rise, right, bottom), fill=sky)
    for k, share in enumerate((0.62, 0.80)):
        t = np.linspace(0, 1, 24)
        crest = top + (bottom - top) * (share + 0.07 * np.sin(t * 5 + 2.1 * k + d.pick("hill", 6)))
        hill = [(left + (right - left) * float(a), float(b)) for a, b in zip(t, crest, strict=True)]
        pen.polygon(
            [*hill, (right, bottom), (left, bottom)],
            fill=mix(d.accent, (30, 40, 40), 0.1 + 0.2 * k),
        )
    motif(pen, d.motif, w / 2, top + (bottom - top) * 0.46, min(radius * 0.62, h * 0.15), d.accent)
    _brand(sheet, d, 0.105, on, d.lead, height=0.09)
    sheet.text(d.title, d.text_face, on, y=0.262, height=0.05, width=0.8)
    sheet.text(d.variant, d.text_face, on, y=0.865, height=0.07)
    sheet.text(d.size, "sans", on, y=0.94, height=0.042)


_LAYOUTS: tuple[Callable[[Sheet, Design], None], ...] = (
    _classic, _block, _full, _stripes, _modern, _arch,
)  # fmt: skip


def layout(d: Design) -> int:
    """Which layout the pack has; a large pack beside small ones gets another."""
    return (d.pick("layout", len(_LAYOUTS)) + d.large) % len(_LAYOUTS)


def front(d: Design, width: int, height: int) -> Image.Image:
    """The face of the pack, in pixels."""
    sheet = Sheet(width, height, d.paper)
    _LAYOUTS[layout(d)](sheet, d)
    return sheet.image


def back_ground(d: Design) -> RGB:
    """The colour of the sides, which continues the front's."""
    return (d.paper, d.paper, mix(d.accent, d.paper, 0.08), d.paper, d.paper, d.lead)[layout(d)]


def back(d: Design, width: int, height: int, *, barcode: bool = True) -> Image.Image:
    """A side of the pack: a few lines of text, a table, and the barcode."""
    ground = back_ground(d)
    ink = readable(ground, d.ink, d.lead, WHITE)
    sheet = Sheet(width, height, ground)
    sheet.box(0, 0, 1, 0.17, d.accent)
    on = readable(d.accent, WHITE, (36, 30, 34))
    r = min(width * 0.10, height * 0.065)
    disc(sheet.pen, width * 0.17, height * 0.085, r * 1.15, mix(d.accent, WHITE, 0.75))
    motif(sheet.pen, d.motif, width * 0.17, height * 0.085, r * 0.9, d.accent)
    sheet.text(d.brand, d.brand_face, on, y=0.062, height=0.055, width=0.6, x=0.33, anchor="lm")
    sheet.text(d.variant, d.text_face, on, y=0.125, height=0.042, width=0.6, x=0.33, anchor="lm")
    size = max(5, int(min(width * 0.062, height * 0.032)))
    y = height * 0.21
    for line in lines(d.description, "plain", size, width * 0.84)[:7]:
        write(sheet.pen, (width * 0.08, y), line, "plain", size, ink, anchor="lm")
        y += size * 1.3
    y += size * 0.5
    rows = (
        ("Per 100 g", "", ""),
        ("Energy", "184 kJ", ""),
        ("Fat", "1.2 g", ""),
        ("Sugars", "4.8 g", ""),
        ("Salt", "0.1 g", ""),
    )
    for name, value, _ in rows:
        write(sheet.pen, (width * 0.08, y), name, "sans", size, ink, anchor="lm")
        write(sheet.pen, (width * 0.92, y), value, "sans", size, ink, anchor="rm")
        sheet.pen.line(
            (width * 0.08, y + size * 0.68, width * 0.92, y + size * 0.68),
            fill=mix(ground, ink, 0.5),
            width=max(1, size // 12),
        )
        y += size * 1.36
    if barcode:
        room = height * 0.96 - y
        bars = draw_barcode(d.barcode, int(width * 0.9), int(min(room, width * 0.62)))
        sheet.image.paste(bars, (int((width - bars.width) / 2), int(height * 0.965 - bars.height)))
    return sheet.image


def wrap(d: Design, around: int, height: int, *, front_share: float = 0.36) -> Bytes:
    """A label that goes once around: front in the middle, back behind, plain sides. Pixels."""
    image = Image.new("RGB", (around, height), back_ground(d))
    face = front(d, int(around * front_share), height)
    if layout(d) in (0, 1, 3):
        # Bands of the front run on around the pack.
        column = face.crop((1, 0, 3, height)).resize((around, height))
        image.paste(column, (0, 0))
    image.paste(face, ((around - face.width) // 2, 0))
    rear = back(d, int(around * 0.34), height)
    half = rear.width // 2
    image.paste(rear.crop((half, 0, rear.width, height)), (0, 0))
    image.paste(rear.crop((0, 0, half, height)), (around - half, 0))
    return np.asarray(image)
