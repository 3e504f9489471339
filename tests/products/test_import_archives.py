"""Photos in a ZIP file: found by name or by SKU; what is hostile is refused as a whole."""

import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from products.imports.archives import check_archive
from products.imports.outcomes import RowError
from products.imports.photo_sources import ZipPhotos
from products.models import Product, ProductImage
from tests.factories import ProductFactory
from tests.pictures import product_photo
from tests.products.importing import Folder, report

PLAIN = "sku,name,category"


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    def make(members: dict[str, bytes], name: str = "photos.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path

    return make


def photos(*names: str) -> dict[str, bytes]:
    return {name: product_photo(seed) for seed, name in enumerate(names, start=1)}


@pytest.mark.django_db
@pytest.mark.parametrize("top", ["", "my photos/"])
def test_photos_are_found_by_their_names(
    folder: Folder, pack: Callable[..., Path], top: str
) -> None:
    members = photos(f"{top}a.jpg", f"{top}fruit/b c.jpg")
    archive = pack({**members, "__MACOSX/._a.jpg": b"x", f"{top}.DS_Store": b"x"})
    folder.rows("A-1,Apple,Fruit,,,,,a.jpg;fruit\\b c.jpg", "B-1,Bad,Fruit,,,,,none.jpg")
    found = folder.run("--images", str(archive))
    assert found == report(
        created=1,
        images=(2, 0, 1),
        failed=[{"line": 3, "error": "Photo “none.jpg” is not in the ZIP file."}],
    )
    assert folder.run("--images", str(archive))["images"] == {
        "created": 0,
        "unchanged": 2,
        "failed": 1,
    }


@pytest.mark.django_db
def test_without_the_column_they_are_matched_by_sku(
    folder: Folder, pack: Callable[..., Path]
) -> None:
    archive = pack(
        photos("A.jpg", "A-10.jpg", "A-2.JPG", "x/A_1.png", "A-1/front.jpg", "B/1.jpg", "other.jpg")
    )
    folder.rows("A,Apple,Fruit", "A-1,Lamp,Home", "B,Pear,Fruit", "C,Plum,Fruit", header=PLAIN)
    assert folder.run("--images", str(archive)) == report(created=4, images=(6, 0, 0))
    numbers = {sku: Product.objects.get(sku=sku).images.count() for sku in ("A", "A-1", "B", "C")}
    assert numbers == {"A": 4, "A-1": 1, "B": 1, "C": 0}
    assert folder.run("--images", str(archive)) == report(unchanged=4, images=(0, 6, 0))


@pytest.mark.django_db
def test_a_product_of_that_very_sku_has_the_better_claim(
    folder: Folder, pack: Callable[..., Path]
) -> None:
    ProductFactory(sku="A-1", name="Lamp")
    folder.rows("A,Apple,Fruit", header=PLAIN)
    found = folder.run("--images", str(pack(photos("A.jpg", "A-1.jpg"))))
    assert found == report(created=1, images=(1, 0, 0))
    assert not ProductImage.objects.filter(product__sku="A-1").exists()


@pytest.mark.django_db
def test_an_empty_cell_names_no_photo(folder: Folder, pack: Callable[..., Path]) -> None:
    folder.rows("A,Apple,Fruit,", header="sku,name,category,images")
    assert folder.run("--images", str(pack(photos("A.jpg")))) == report(created=1)


@pytest.mark.django_db
def test_photos_of_a_sku_stand_in_their_order(folder: Folder, pack: Callable[..., Path]) -> None:
    members = photos("A-10.jpg", "A-2.jpg", "A.jpg")
    folder.rows("A,Apple,Fruit", header=PLAIN)
    folder.run("--images", str(pack(members)))
    from products.imaging import digest_of

    expected = [digest_of(members[name]) for name in ("A.jpg", "A-2.jpg", "A-10.jpg")]
    assert [image.source_digest for image in Product.objects.get().images.all()] == expected


def test_what_nobody_asked_for_is_known(pack: Callable[..., Path]) -> None:
    source = ZipPhotos(pack(photos("a.jpg", "b.jpg")))
    source("a.jpg")
    assert source.unused() == ["b.jpg"]


# --- hostile ----------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(RowError) as error:
        ZipPhotos(path)
    return str(error.value)


@pytest.mark.parametrize(
    "name", ["../a.jpg", "x/../../a.jpg", "/etc/a.jpg", "C:\\a.jpg", "..\\a.jpg", "\\\\host\\a.jpg"]
)
def test_a_path_out_of_the_archive_is_refused(pack: Callable[..., Path], name: str) -> None:
    assert "points outside of it" in refused(pack({name: b"x"}))


def test_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a.jpg")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "“a.jpg” in the ZIP file is a link." in refused(tmp_path / "a.zip")


def test_an_encrypted_archive_is_refused(pack: Callable[..., Path]) -> None:
    path = pack({"a.jpg": b"x"})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\1\2")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert refused(path) == "The ZIP file is encrypted. Pack it without a password."


@pytest.mark.parametrize("name", ["more.zip", "x/more.TAR.gz", "a.rar", "b.7z"])
def test_an_archive_in_an_archive_is_refused(pack: Callable[..., Path], name: str) -> None:
    assert "holds another archive" in refused(pack({name: b"PK"}))


def test_a_bomb_is_refused_before_it_is_unpacked(pack: Callable[..., Path], settings: Any) -> None:
    settings.IMPORT_MAX_UNZIPPED_BYTES = 10 * 2**20
    path = pack({f"{n}.jpg": b"\0" * 2**20 for n in range(11)})
    assert path.stat().st_size < 100_000
    assert refused(path) == "Unpacked, the file would have more than 10 MB. Cut it into several."


def test_too_many_members_are_refused(pack: Callable[..., Path], settings: Any) -> None:
    settings.IMPORT_MAX_MEMBERS = 3
    assert "more than 3 files" in refused(pack({f"{n}.jpg": b"" for n in range(4)}))
    ZipPhotos(pack({f"{n}.jpg": b"" for n in range(3)}))


def test_a_hundred_thousand_members_are_refused_before_they_are_listed(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "many.zip"
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    directory = (entry + b"a") * 300_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), 0, 0)
    path.write_bytes(directory + end)

    def never(*_args: object) -> None:
        pytest.fail("the directory was read")

    monkeypatch.setattr(zipfile.ZipFile, "_RealGetContents", never)
    assert "more than 20000 files" in refused(path)


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("a.jpg", b"1")
            archive.writestr("a.jpg", b"2")
    assert refused(tmp_path / "a.zip") == "“a.jpg” is twice in the ZIP file."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_ways_of_packing_are_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.jpg", b"1")
    assert "packed in a way that is not accepted" in refused(tmp_path / "a.zip")


@pytest.mark.parametrize("data", [b"", b"x", b"PK\3\4 and no more", b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    assert refused(tmp_path / "a.zip") == "The ZIP file is damaged or is none. Pack it again."


@pytest.mark.parametrize("claimed", [10, 10**6])
def test_a_size_that_is_a_lie_is_an_error_of_the_photo(
    pack: Callable[..., Path], claimed: int
) -> None:
    path = pack({"a.jpg": b"\0" * 100_000})
    data = bytearray(path.read_bytes())
    data[22:26] = struct.pack("<L", claimed)
    at = data.rfind(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<L", claimed)
    path.write_bytes(data)
    source = ZipPhotos(path)
    with pytest.raises(RowError, match="is damaged"):
        source("a.jpg")


def test_a_member_larger_than_a_photo_is_not_read_whole(
    pack: Callable[..., Path], settings: Any
) -> None:
    settings.PHOTO_MAX_BYTES = 1000
    assert len(ZipPhotos(pack({"a.jpg": b"\0" * 100_000}))("a.jpg")) == 1001


@pytest.mark.django_db
def test_the_command_says_why(folder: Folder, pack: Callable[..., Path]) -> None:
    folder.rows("A-1,Apple,Fruit,,,,,a.jpg")
    with pytest.raises(CommandError, match="points outside of it"):
        folder.run("--images", str(pack({"../a.jpg": b"x"})))
    assert not Product.objects.exists()


def test_an_archive_of_just_the_limits_is_accepted(pack: Callable[..., Path]) -> None:
    check_archive(pack({"a": b"12345", "b": b"67890"}), members=2, total=10)
