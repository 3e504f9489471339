"""A retailer's logo is read once, at the start; what cannot be shown says why."""

import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from retailvision.branding.pictures import MAX_BYTES, read_picture
from tests.brands import MARK, WORDMARK
from tests.retailvision.subprocesses import settings_values

NS = 'xmlns="http://www.w3.org/2000/svg"'


def drawn(folder: Path, size: tuple[int, int], name: str = "logo.png") -> Path:
    path = folder / name
    Image.new("RGB", size, "#c8102e").save(path)
    return path


def written(folder: Path, text: str, name: str = "logo.svg") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.png", "image/png"),
        ("a.jpg", "image/jpeg"),
        ("a.webp", "image/webp"),
        ("a.PNG", "image/png"),
    ],
)
def test_what_it_is(tmp_path: Path, name: str, content_type: str) -> None:
    path = drawn(tmp_path, (300, 100), name)
    picture = read_picture(path, "logo")
    assert picture.file.content_type == content_type
    assert picture.file.body == path.read_bytes()
    assert (picture.width, picture.height) == (96, 32)
    assert re.fullmatch(r"logo-[0-9a-f]{12}\.(png|jpg|webp)", picture.file.name)


def test_it_is_taken_for_what_is_in_it(tmp_path: Path) -> None:
    path = drawn(tmp_path, (40, 40)).rename(tmp_path / "logo.jpg")
    assert read_picture(path, "logo").file.content_type == "image/png"


@pytest.mark.parametrize(("text", "width"), [(WORDMARK, 160), (MARK, 32)])
def test_an_svg_says_how_large_it_is(tmp_path: Path, text: str, width: int) -> None:
    picture = read_picture(written(tmp_path, text), "logo")
    assert (picture.width, picture.height) == (width, 32)
    assert picture.file.content_type == "image/svg+xml"


def test_as_drawing_programs_write_it(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10,-5 64 32"/>'
    )
    assert read_picture(written(tmp_path, text), "logo").width == 64


def test_whether_it_holds_the_name(tmp_path: Path) -> None:
    assert read_picture(drawn(tmp_path, (180, 100)), "logo").holds_name
    assert not read_picture(drawn(tmp_path, (150, 100)), "logo").holds_name


def test_another_picture_has_another_name(tmp_path: Path) -> None:
    first = read_picture(drawn(tmp_path, (40, 40)), "logo").file.name
    assert read_picture(drawn(tmp_path, (40, 41)), "logo").file.name != first


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no SVG that can be read"),
        ("<svg", "is no SVG that can be read"),
        ("<html/>", "begins with 'html'"),
        ("<svg {NS}/>", "give its svg element a viewBox"),
        ('<svg {NS} viewBox="0 0 0 32"/>', "give its svg element a viewBox"),
        ('<svg {NS} viewBox="0 0 nan inf"/>', "give its svg element a viewBox"),
        ('<svg {NS} width="100%" height="32"/>', "give its svg element a viewBox"),
        ('<svg {NS} viewBox="0 0 900 100"/>', "is 900 × 100; write one that is at most 8 times"),
        ('<svg {NS} viewBox="0 0 10 30"/>', "at most twice as high as wide"),
        (
            '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg {NS} viewBox="0 0 9 9">&a;</svg>',
            "declares entities; save it as a plain SVG",
        ),
        (
            '<?xml version="1.0" encoding="no-such"?><svg {NS} viewBox="0 0 9 9"/>',
            "is no SVG that can",
        ),
    ],
)
def test_an_svg_that_cannot_be_shown(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_picture(written(tmp_path, text.replace("{NS}", NS)), "logo")


@pytest.mark.parametrize(
    "text", ['<svg viewBox="0 0 9 9"/>', '<svg xmlns="urn:x" width="9" height="9"/>']
)
def test_an_svg_that_no_browser_shows(tmp_path: Path, text: str) -> None:
    """As it stands in a page of HTML, from which it may have been copied."""
    with pytest.raises(ValueError, match="lacks xmlns="):
        read_picture(written(tmp_path, text), "logo")


@pytest.mark.parametrize(
    ("sides", "width"),
    [
        ('width="200" height="50" viewBox="0 0 100 100"', 128),
        ('width="20mm" height="1cm"', 64),
        ('width="100%" height="100%" viewBox="0 0 +20 10"', 64),
        ('width="200" viewBox="0 0 20 10"', 64),
    ],
)
def test_an_svg_has_the_shape_that_browsers_give_it(tmp_path: Path, sides: str, width: int) -> None:
    assert read_picture(written(tmp_path, f"<svg {NS} {sides}/>"), "logo").width == width


def test_a_photo_that_lies_on_its_side(tmp_path: Path) -> None:
    path = tmp_path / "logo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 120)).save(path, exif=exif)
    assert read_picture(path, "logo").width == 96


def test_what_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no picture; write an SVG, PNG, WebP or JPEG"):
        read_picture(written(tmp_path, "GIF89a", "logo.png"), "logo")


def test_a_picture_that_is_cut_off(tmp_path: Path) -> None:
    path = drawn(tmp_path, (300, 300))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match="is damaged"):
        read_picture(path, "logo")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = written(tmp_path, WORDMARK + " " * MAX_BYTES)
    with pytest.raises(ValueError, match="has more than 100 kB"):
        read_picture(path, "logo")


def test_a_picture_of_too_many_pixels(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a side of more than 4000 pixels"):
        read_picture(drawn(tmp_path, (4001, 4001)), "logo")


def test_a_picture_of_far_too_many_pixels(tmp_path: Path) -> None:
    """Of which Pillow itself reads not even the size."""
    path = drawn(tmp_path, (1, 1))
    head = b"IHDR" + struct.pack(">II", 30_000, 30_000) + path.read_bytes()[24:29]
    path.write_bytes(
        path.read_bytes()[:12] + head + struct.pack(">I", zlib.crc32(head)) + path.read_bytes()[33:]
    )
    with pytest.raises(ValueError, match="a side of more than 4000 pixels"):
        read_picture(path, "logo")


def test_what_stands_beside_the_picture_may_be_too_large(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    info = PngInfo()
    info.add_text("a", "x" * 5_000_000, zip=True)
    Image.new("RGB", (40, 40)).save(path, pnginfo=info)
    with pytest.raises(ValueError, match=re.escape(f"{path} is damaged: Decompressed data too")):
        read_picture(path, "logo")


def test_an_icon_is_square(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="an icon is as wide as it is high"):
        read_picture(drawn(tmp_path, (40, 50)), "icon", square=True)
    assert read_picture(drawn(tmp_path, (40, 40)), "icon", square=True).is_square


def test_what_is_not_there_stops_the_start(tmp_path: Path) -> None:
    for name in ("RETAILVISION_LOGO", "RETAILVISION_ICON"):
        answer = settings_values("BRAND", **{name: str(tmp_path / "no.svg")})
        assert answer.returncode == 1
        said = answer.stderr.strip().splitlines()[-1]
        assert said.endswith(
            f"{name}: {tmp_path}/no.svg cannot be read: No such file or directory."
        )


def test_a_colour_that_is_none_stops_the_start() -> None:
    answer = settings_values("BRAND", RETAILVISION_COLOR="red")
    assert answer.stderr.strip().endswith("RETAILVISION_COLOR='red': write a colour like #c8102e.")


def test_the_settings_read_them(tmp_path: Path) -> None:
    logo = drawn(tmp_path, (80, 40))
    icon = written(tmp_path, MARK, "icon.svg")
    answer = settings_values(
        "BRAND.logo.width", "BRAND.icon.file.suffix", "BRAND.sheet.stem", "PARTNERS_LINK",
        RETAILVISION_LOGO=str(logo), RETAILVISION_ICON=str(icon), RETAILVISION_COLOR="#C8102E",
        RETAILVISION_PARTNERS_LINK="false",
    )  # fmt: skip
    assert answer.stdout.split() == ["64", "'.svg'", "'colors'", "False"], answer.stderr
