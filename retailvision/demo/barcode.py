"""EAN-13: numbers of the in-store range, and their bars."""

import numpy as np
from PIL import Image, ImageDraw

from retailvision.demo.fonts import fit, write

_LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011",
         "0110111", "0001011")  # fmt: skip
_PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG",
           "LGLGGL", "LGGLGL")  # fmt: skip
_QUIET = 10  # modules of white on either side, without which readers do not see the code


def check_digit(first_twelve: str) -> int:
    total = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(first_twelve))
    return -total % 10


def in_store_number(serial: int) -> str:
    """An EAN-13 of the range 200-299, which shops give out themselves."""
    if not 0 <= serial < 10**10:
        raise ValueError("serial must have at most ten digits")
    digits = f"20{serial:010d}"
    return f"{digits}{check_digit(digits)}"


def modules(code: str) -> str:
    """The 95 modules of a code: 1 is a bar."""
    first, left, right = int(code[0]), code[1:7], code[7:]
    out = ["101"]
    for kind, c in zip(_PARITY[first], left, strict=True):
        odd = _LEFT[int(c)]
        even = "".join("1" if m == "0" else "0" for m in odd)[::-1]
        out.append(odd if kind == "L" else even)
    out.append("01010")
    out.extend("".join("1" if m == "0" else "0" for m in _LEFT[int(c)]) for c in right)
    out.append("101")
    return "".join(out)


def draw_barcode(code: str, width: int, height: int) -> Image.Image:
    """Bars on white with quiet zones and the digits below, in a box of this size (pixels)."""
    height = max(24, height)
    module = max(1, width // (95 + 2 * _QUIET))
    bars = np.array([m == "1" for m in modules(code)], bool)
    line = np.pad(bars.repeat(module), _QUIET * module)
    text = max(6, int(height * 0.16))
    image = Image.fromarray(
        np.where(np.tile(line, (height - text - 2, 1)), 20, 255).astype(np.uint8), "L"
    ).convert("RGB")
    full = Image.new("RGB", (len(line), height), (255, 255, 255))
    full.paste(image, (0, max(2, int(height * 0.04))))
    draw = ImageDraw.Draw(full)
    draw.rectangle((0, height - text - 2, len(line), height), fill=(255, 255, 255))
    label = f"{code[0]} {code[1:7]} {code[7:]}"
    size = fit(label, "plain", len(line) * 0.9, text)
    write(draw, (len(line) / 2, height - text / 2 - 1), label, "plain", size, (20, 20, 20))
    return full
