"""ZIP files from strangers: looked at from the outside before anything is unpacked."""

import stat
import struct
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from products.imports.outcomes import RowError

_END = b"PK\5\6"
_END_SIZE = 22
_LOCATOR_SIZE = 20
_END64_SIZE = 56
_LONGEST_COMMENT = 65_535
# An entry of the directory has 46 bytes, a name and some more; on average not beyond this.
_ENTRY_BYTES = 256
_ARCHIVES = {".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".jar"}
_MB = 2**20


def check_archive(
    path: Path, *, members: int, total: int, largest: Callable[[str], int] | None = None
) -> None:
    """Refuses what could not be unpacked safely, by what the archive says of itself. `largest` says
    for the name of a member how large it may be.

    What it says may be a lie: members are read by `zipfile`, which gives no more bytes than were
    announced and compares their checksum.

    Raises:
        RowError: it is no archive, or not one that is accepted; says why.
    """
    with path.open("rb") as file:
        size = _directory_size(file)
    # `zipfile` reads the whole directory at once: 100,000 members have to be seen before.
    if size > members * _ENTRY_BYTES:
        raise _too_many(members)
    try:
        with ZipFile(path) as archive:
            found = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise _damaged() from error
    if len(found) > members:
        raise _too_many(members)
    names: set[str] = set()
    for member in found:
        _check_member(member)
        if member.filename in names:
            raise RowError(_("“%(name)s” is twice in the ZIP file.") % {"name": member.filename})
        names.add(member.filename)
        most = largest(member.filename) if largest else total
        if member.file_size > most:
            raise _too_large(most)
    if sum(member.file_size for member in found) > total:
        raise _too_large(total)


def _check_member(member: ZipInfo) -> None:
    name = member.filename
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0:1] or name[1:2] == ":":
        raise RowError(
            _("“%(name)s” in the ZIP file points outside of it. Pack the folder anew.")
            % {"name": name[:200]}
        )
    mode = member.external_attr >> 16
    if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))):
        raise RowError(
            _("“%(name)s” in the ZIP file is a link. Pack the photos themselves.") % {"name": name}
        )
    if member.flag_bits & 0x1:
        raise RowError(_("The ZIP file is encrypted. Pack it without a password."))
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise RowError(
            _("“%(name)s” is packed in a way that is not accepted. Use an ordinary ZIP.")
            % {"name": name}
        )
    if path.suffix.lower() in _ARCHIVES:
        raise RowError(
            _("The ZIP file holds another archive, “%(name)s”. Pack the photos themselves.")
            % {"name": name}
        )


def _directory_size(file: BinaryIO) -> int:
    """Bytes of the list of members, found as `zipfile` finds it, without reading that list."""
    file.seek(0, 2)
    length = file.tell()
    if length < _END_SIZE:
        raise _damaged()
    start = max(0, length - _END_SIZE - _LONGEST_COMMENT)
    file.seek(start)
    tail = file.read()
    at = len(tail) - _END_SIZE
    if not (tail.startswith(_END, at) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise _damaged()
    size: int = struct.unpack_from("<L", tail, at + 12)[0]
    locator = start + at - _LOCATOR_SIZE
    if locator >= _END64_SIZE:
        file.seek(locator - _END64_SIZE)
        large = file.read(_END64_SIZE + 4)
        if large[_END64_SIZE:] == b"PK\6\7" and large.startswith(b"PK\6\6"):
            size = struct.unpack_from("<Q", large, 40)[0]
    if size > length:
        raise _damaged()
    return size


def _damaged() -> RowError:
    return RowError(_("The ZIP file is damaged or is none. Pack it again."))


def _too_many(most: int) -> RowError:
    return RowError(
        _("The ZIP file holds more than %(most)d files. Cut it into several.") % {"most": most}
    )


def _too_large(most: int) -> RowError:
    return RowError(
        _("Unpacked, the file would have more than %(most)d MB. Cut it into several.")
        % {"most": most // _MB}
    )
