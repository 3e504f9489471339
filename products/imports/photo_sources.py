"""Where the photos of a file come from: a folder beside it, or a ZIP file."""

import errno
import os
import re
import stat
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol
from zipfile import BadZipFile, ZipFile

from django.conf import settings
from django.utils.translation import gettext as _

from products.imports.archives import check_archive
from products.imports.outcomes import RowError
from products.photos import photo_limits

_NUMBERED = re.compile(r"^(?P<sku>.+)[-_ ](?P<number>\d{1,4})$", re.DOTALL)
_DAMAGED = (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
# What file managers leave behind.
_RUBBISH = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}


class PhotoSource(Protocol):
    def __call__(self, name: str) -> bytes:
        """The bytes of a photo by the name that the column `images` gives it.

        Raises:
            RowError: there is none that could be read.
        """


@dataclass(frozen=True, slots=True)
class FolderPhotos:
    """Photos by their names below a folder; nothing outside it can be named."""

    folder: Path

    def __call__(self, name: str) -> bytes:
        """Raises:
        RowError: there is no such file below the folder, or it is too large to be read.
        """
        try:
            root = self.folder.resolve()
            path = (root / name).resolve()
            if path.is_relative_to(root):
                return _read_file(path)
        except (OSError, ValueError, RuntimeError) as error:  # the last: links in a circle
            raise RowError(
                _("Photo “%(name)s” is not in the photo folder or cannot be read.") % {"name": name}
            ) from error
        raise RowError(_("Photo “%(name)s” lies outside the photo folder.") % {"name": name})


def _read_file(path: Path) -> bytes:
    """A regular file, as far as the door needs to refuse it by its size.

    Raises:
        OSError: it cannot be read, or is a pipe, a device or a folder.
    """
    # A pipe that nobody writes to would otherwise hold the import for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a file")
        return file.read(photo_limits().max_bytes + 1)


class NoPhotos:
    """The file came alone."""

    def __call__(self, name: str) -> bytes:
        raise RowError(
            _("Photo “%(name)s” is not there: no ZIP file of photos came with the file.")
            % {"name": name}
        )


class ZipPhotos:
    """Photos in a ZIP file, by their names in it or by SKU. Not for several threads."""

    def __init__(self, path: Path) -> None:
        """Raises:
        RowError: the archive is not accepted; says why.
        """
        check_archive(
            path, members=settings.IMPORT_MAX_MEMBERS, total=settings.IMPORT_MAX_UNZIPPED_BYTES
        )
        self._zip = ZipFile(path)
        members = [
            member.filename
            for member in self._zip.infolist()
            if not member.is_dir() and not _RUBBISH & set(PurePosixPath(member.filename).parts)
            and not PurePosixPath(member.filename).name.startswith("._")
        ]  # fmt: skip
        self._members = {_plain(name): name for name in members}
        # Who packs a folder gets its name in front of every file's.
        tops = {name.split("/", 1)[0] if "/" in name else "" for name in self._members}
        self._top = f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""
        self._unused = set(self._members)
        self._of_sku: dict[str, list[str]] | None = None

    def close(self) -> None:
        self._zip.close()

    def __call__(self, name: str) -> bytes:
        plain = _plain(name)
        if plain not in self._members:
            plain = self._top + plain
        if plain not in self._members:
            raise RowError(_("Photo “%(name)s” is not in the ZIP file.") % {"name": name})
        self._unused.discard(plain)
        try:
            return self._read(self._members[plain])
        except _DAMAGED as error:
            raise RowError(
                _("Photo “%(name)s” in the ZIP file is damaged. Pack it again.") % {"name": name}
            ) from error

    def _read(self, member: str) -> bytes:
        """As `zipfile` unpacks it: as far as is read, and no further than the size announced."""
        most = photo_limits().max_bytes + 1
        with self._zip.open(member) as file:
            data = file.read(most)
        if len(data) < min(self._zip.getinfo(member).file_size, most):
            raise BadZipFile
        return data

    def match_by_sku(self, skus: Iterable[str]) -> None:
        """Hands each photo to a SKU by its name: `SKU.jpg`, `SKU-1.jpg`, `SKU_2.png`, `SKU/….jpg`.

        `A-1.jpg` belongs to the product A-1 where there is one, else to A.
        """
        known = {_plain(sku): sku for sku in skus}
        found: dict[str, list[tuple[int, str]]] = {}
        for name in sorted(self._members, key=_natural):
            path = PurePosixPath(name)
            number = 0
            sku = known.get(path.stem)
            if sku is None and (match := _NUMBERED.match(path.stem)):
                sku, number = known.get(match["sku"]), int(match["number"])
            if sku is None and len(path.parts) > 1:
                sku, number = known.get(path.parts[-2]), 0
            if sku is not None:
                found.setdefault(sku, []).append((number, name))
        self._of_sku = {
            sku: [name for _number, name in sorted(names, key=lambda each: each[0])]
            for sku, names in found.items()
        }

    def candidates(self) -> set[str]:
        """What may be a SKU, by the names of the photos."""
        paths = [PurePosixPath(name) for name in self._members]
        stems = {path.stem for path in paths}
        folders = {path.parts[-2] for path in paths if len(path.parts) > 1}
        numbered = {match["sku"] for stem in stems if (match := _NUMBERED.match(stem))}
        return stems | folders | numbered

    def of_sku(self, sku: str) -> list[str]:
        return (self._of_sku or {}).get(sku, [])

    def unused(self) -> list[str]:
        """Photos that nobody has asked for so far."""
        return sorted(self._unused)

    def used(self, name: str) -> None:
        """Notes a photo that was known without being read."""
        plain = _plain(name)
        self._unused -= {plain, self._top + plain}


def _plain(name: str) -> str:
    """One way to write a name: systems differ in slashes and in how they write “é”."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    return name.removeprefix("./")


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `2.jpg` before `10.jpg`."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]
