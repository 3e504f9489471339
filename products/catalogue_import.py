"""Catalogue files into products and photos. The command and, later, the admin call this."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from products.catalogue_rows import CatalogueRow, RowError, messages_of, parse_row
from products.imaging import PhotoRefused, PreparedPhoto, digest_of, prepare_photo
from products.models import Category, Product, ProductImage
from products.photos import photo_limits, refusal, store_photo
from products.stored_files import atomic_with_files

PhotoReader = Callable[[str], bytes]


@dataclass(slots=True)
class ImageCounts:
    created: int = 0
    unchanged: int = 0
    failed: int = 0


@dataclass(slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    images: ImageCounts = field(default_factory=ImageCounts)


@dataclass(slots=True)
class _PhotoErrors(Exception):
    messages: list[str]


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


def import_catalogue(
    rows: Iterable[tuple[int, dict[str | None, Any]]],
    *,
    read_photo: PhotoReader,
    dry_run: bool = False,
) -> Iterator[ImportReport]:
    """Brings the catalogue to what the rows say; yields the report after each row.

    A row is written whole or, with an error in the report, not at all. Rows that are there already
    change nothing, so a file may be imported again after its mistakes were mended.
    """
    report = ImportReport()
    seen: dict[str, int] = {}
    for line, cells in rows:
        try:
            row = parse_row(line, cells)
            _check_once(row, seen)
            _import_row(row, read_photo, report, dry_run=dry_run)
        except RowError as error:
            report.failed.append({"line": line, "error": str(error)})
        except _PhotoErrors as error:
            report.images.failed += len(error.messages)
            report.failed.append({"line": line, "error": " ".join(error.messages)})
        except ValidationError as error:
            report.failed.append({"line": line, "error": messages_of(error)})
        except (IntegrityError, DataError) as error:
            report.failed.append(
                {
                    "line": line,
                    "error": _("The database refused the row: %s") % " ".join(str(error).split()),
                }
            )
        yield report


def _check_once(row: CatalogueRow, seen: dict[str, int]) -> None:
    first = seen.setdefault(row.sku, row.line)
    if first != row.line:
        raise RowError(
            _("SKU “%(sku)s” is on line %(line)d already.") % {"sku": row.sku, "line": first}
        )


def _import_row(
    row: CatalogueRow, read_photo: PhotoReader, report: ImportReport, *, dry_run: bool
) -> None:
    # Photos are read and checked before anything is written: that is where rows fail most.
    new_photos, known_photos = _photos(row, read_photo)
    created = len(new_photos)
    with atomic_with_files():
        product, state = _write_product(row)
        if dry_run:
            transaction.set_rollback(True)
        else:
            # Fewer than were new a moment ago, where another program added some meanwhile.
            created = sum(
                store_photo(product=product, prepared=prepared).created for prepared in new_photos
            )
    if state == "unchanged" and created:
        state = "updated"
    setattr(report, state, getattr(report, state) + 1)
    report.images.created += created
    report.images.unchanged += known_photos + len(new_photos) - created


def _photos(row: CatalogueRow, read_photo: PhotoReader) -> tuple[list[PreparedPhoto], int]:
    """The photos of a row that its product does not have yet, and the number that it has."""
    known = set(
        ProductImage.objects.filter(product__sku=row.sku).values_list("source_digest", flat=True)
    )
    new: dict[str, PreparedPhoto] = {}
    unchanged = 0
    errors = []
    for name in row.images:
        try:
            data = read_photo(name)
            if digest_of(data) in known:
                unchanged += 1
                continue
            prepared = prepare_photo(data, photo_limits())
        except PhotoRefused as error:
            errors.append(f"{name}: {refusal(error).messages[0]}")
        except RowError as error:
            errors.append(str(error))
        else:
            new.setdefault(prepared.source_digest, prepared)
    if errors:
        raise _PhotoErrors(errors)
    return list(new.values()), unchanged


def _write_product(row: CatalogueRow) -> tuple[Product, str]:
    category = Category.objects.at_path(row.category)
    product = Product.objects.select_for_update().filter(sku=row.sku).first()
    is_new = product is None
    if product is None:
        product = Product(sku=row.sku, category=category)
    changed = is_new or product.category_id != category.pk
    product.category = category
    for name, value in row.values.items():
        if getattr(product, name) != value:
            setattr(product, name, value)
            changed = True
    attributes = {**product.attributes, **row.attributes}
    attributes = {
        name: value
        for name, value in attributes.items()
        if value != "" or name not in row.attributes
    }
    if attributes != product.attributes:
        product.attributes = attributes
        changed = True
    if not changed:
        return product, "unchanged"
    product.full_clean(exclude=["merged_into"])
    product.save()
    return product, "created" if is_new else "updated"
