"""Products as a kind of import."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any, cast

from django.utils.translation import gettext_lazy, ngettext

from products.catalogue_batches import CatalogueImporter
from products.catalogue_rows import check_header
from products.imports.batches import BatchImporter
from products.imports.kinds import Column, ImportContext, ImportKind
from products.imports.photo_sources import FolderPhotos, NoPhotos, PhotoSource, ZipPhotos
from products.imports.tables import Table
from products.models import Product


class CatalogueKind(ImportKind):
    key = "products"
    label = gettext_lazy("Products")
    help = gettext_lazy(
        "Brings products to what the file says. A column that the file does not have changes"
        " nothing; an empty cell empties its field. Photos are added, never removed."
    )
    permissions = ("products.add_product", "products.change_product")
    takes_photos = True
    columns = [
        Column("sku", gettext_lazy("your number for the product; no slashes"), True, "A-100"),
        Column("name", gettext_lazy("at most 200 characters"), True, "Golden Delicious"),
        Column(
            "category",
            gettext_lazy("a path; categories that are missing are made"),
            True,
            "Fruit/Apple",
        ),
        Column("description", gettext_lazy("text"), False, "Mellow and sweet."),
        Column("brand", gettext_lazy("text"), False, "Orchard"),
        Column("price", gettext_lazy("as in 3.49: a point, no currency sign"), False, "3.49"),
        Column("barcode", gettext_lazy("GTIN of 8, 12, 13 or 14 digits"), False, "4006381333931"),
        Column(
            "images",
            gettext_lazy(
                "names of photos in the ZIP file, separated by “;”. Without this column, photos are"
                " matched by SKU: A-100.jpg, A-100-1.jpg, A-100_2.png, A-100/front.jpg"
            ),
            False,
            "",
        ),
        Column("is_active", gettext_lazy("true or false; an empty cell changes nothing"), False, "true"),
        Column(
            "attribute:NAME",
            gettext_lazy("any number of these; an empty cell removes the attribute"),
            False,
            "",
        ),
    ]  # fmt: skip

    def check_header(self, columns: list[str]) -> None:
        check_header(columns)

    def importer(self, context: ImportContext) -> BatchImporter:
        read_photo, photos_of = photo_source(context.table, context.photos)
        return CatalogueImporter(
            read_photo=read_photo, photos_of=photos_of, dry_run=context.dry_run
        )

    def notes(self, importer: BatchImporter) -> list[str]:
        photos = cast("Any", importer).read_photo
        unused = photos.unused() if isinstance(photos, ZipPhotos) else []
        if not unused:
            return []
        text = ngettext(
            "%(number)d photo of the ZIP file belongs to no good row: %(names)s",
            "%(number)d photos of the ZIP file belong to no good row: %(names)s",
            len(unused),
        )
        names = ", ".join(unused[:10]) + (" …" if len(unused) > 10 else "")
        return [text % {"number": len(unused), "names": names}]


def photo_source(
    table: Table, images: Path | None
) -> tuple[PhotoSource, Callable[[str], list[str]] | None]:
    """What reads the photos of a file, and what names those of a SKU where the file does not.

    Raises:
        RowError: the ZIP file is not accepted; says why.
        OSError: it cannot be read.
    """
    if images is None:
        return NoPhotos(), None
    if images.is_dir():
        return FolderPhotos(images), None
    photos = ZipPhotos(images)
    if "images" in table.columns:
        return photos, None
    wanted = photos.candidates()
    in_file = (str(cells.get("sku") or "").strip() for _line, cells in table.rows())
    in_catalogue = Product.objects.filter(sku__in=wanted).values_list("sku", flat=True)
    photos.match_by_sku(sku for sku in chain(in_file, in_catalogue) if sku in wanted)
    return photos, photos.of_sku
