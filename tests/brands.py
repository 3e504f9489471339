"""A retailer's own logo and colour, for tests."""

from pathlib import Path

from retailvision.branding import Brand, brand_of
from retailvision.branding.pictures import read_picture

WORDMARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40">
  <rect width="40" height="40" rx="20" fill="#c8102e"/>
  <text x="50" y="29" font-family="serif" font-size="28" fill="#222">Moorbrook</text>
</svg>"""
MARK = """<svg xmlns="http://www.w3.org/2000/svg" width="40px" height="40">
  <circle cx="20" cy="20" r="20" fill="#c8102e"/>
</svg>"""


def a_brand(folder: Path, logo: str = WORDMARK, icon: str = "", color: str = "#ffd500") -> Brand:
    """`logo`, `icon`: SVG, or "" for ours."""
    pictures = []
    for stem, text in (("logo", logo), ("icon", icon)):
        path = folder / f"{stem}.svg"
        path.write_text(text)
        pictures.append(read_picture(path, stem) if text else None)
    return brand_of(*pictures, color)
