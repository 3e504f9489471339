"""The rows of a catalogue file, many by few queries."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from api.stored_files import atomic_with_files
from products.catalogue_lookup import (
    KnownPhotos,
    barcode_owners,
    category_names,
    export_name,
    find_categories,
    known_photos,
    locked_products,
)
from products.catalogue_rows import CatalogueRow, attribute_text, parse_row
from products.decoding import room_to_decode
from products.heirs import heirs_of
from products.imaging import PhotoRefused, PreparedPhoto, digest_of, prepare_photo
from products.imports.batches import BatchImporter, isolated, messages_of
from products.imports.outcomes import Row, RowError, RowOutcome
from products.imports.photo_sources import PhotoSource
from products.models import Category, Product
from products.models.category import PATH_SEPARATOR, split_path
from products.photos import photo_limits, refusal, store_photo

# Photos that are held in memory until their rows are written together.
_PHOTO_BYTES = 32 * 1024 * 1024
# What was read for longer is written, so that progress is seen and little is lost by a crash.
_PART_SECONDS = 1.0
_COLUMNS = [
    "name",
    "brand",
    "category",
    "description",
    "attributes",
    "barcode",
    "price",
    "is_active",
]
# What the database alone can say is asked for the whole batch: references and uniqueness.
_ASKED_TOGETHER = ["category", "merged_into"]


@dataclass(slots=True)
class _Prepared:
    """A row with its photos read, or its error."""

    line: int
    row: CatalogueRow | None = None
    new_photos: list[PreparedPhoto] = field(default_factory=list)
    known_photos: int = 0
    failure: RowOutcome | None = None


class CatalogueImporter(BatchImporter):
    """Products and their photos."""

    def __init__(
        self,
        *,
        read_photo: PhotoSource,
        photos_of: Callable[[str], list[str]] | None = None,
        dry_run: bool = False,
    ) -> None:
        self.read_photo = read_photo
        self._photos_of = photos_of
        self._dry_run = dry_run
        self._seen: dict[str, int] = {}
        # Barcodes that earlier batches of a dry run would have given, which were rolled back.
        self._given = _Barcodes()
        # Categories that a dry run has made once, to see that they can be made.
        self._made: set[str] | None = set() if dry_run else None

    def skip(self, row: Row) -> None:
        with suppress(RowError):
            self._parse(*row)

    def prepare(self, rows: list[Row]) -> Iterator[list[_Prepared]]:
        # Photos are read and checked before anything is locked or written: that is where rows
        # fail most, and what takes longest.
        parsed = [self._parsed(line, cells) for line, cells in rows]
        skus = [each.row.sku for each in parsed if each.row and self._names(each.row)]
        known = known_photos(skus) if skus else {}
        part: list[_Prepared] = []
        held, started = 0, perf_counter()
        for each in parsed:
            if each.row is not None:
                held += self._add_photos(each, each.row, known.get(each.row.sku, KnownPhotos()))
            part.append(each)
            if held > _PHOTO_BYTES or perf_counter() - started > _PART_SECONDS:
                yield part
                part, held, started = [], 0, perf_counter()
        if part:
            yield part

    def _parse(self, line: int, cells: dict[str | None, Any]) -> CatalogueRow:
        row = parse_row(line, cells)
        first = self._seen.setdefault(row.sku, row.line)
        if first != row.line:
            raise RowError(
                _("SKU “%(sku)s” is on line %(line)d already.") % {"sku": row.sku, "line": first}
            )
        return row

    def _parsed(self, line: int, cells: dict[str | None, Any]) -> _Prepared:
        try:
            row = self._parse(line, cells)
            split_path(row.category)
        except RowError as error:
            return _Prepared(line, failure=RowOutcome(line, "failed", error=str(error)))
        except ValidationError as error:
            return _Prepared(line, failure=RowOutcome(line, "failed", error=messages_of(error)))
        return _Prepared(line, row)

    def _names(self, row: CatalogueRow) -> list[str]:
        if row.images is not None:
            return row.images
        return self._photos_of(row.sku) if self._photos_of else []

    def _add_photos(self, each: _Prepared, row: CatalogueRow, known: KnownPhotos) -> int:
        """Reads the photos that the product does not have yet; the bytes now held."""
        new: dict[str, PreparedPhoto] = {}
        errors = []
        held = 0
        for name in self._names(row):
            try:
                prepared = self._new_photo(name, known)
            except PhotoRefused as error:
                errors.append(f"{name}: {refusal(error).messages[0]}")
            except RowError as error:
                errors.append(str(error))
            else:
                if prepared is None:
                    each.known_photos += 1
                elif prepared.source_digest not in new:
                    new[prepared.source_digest] = prepared
                    held += len(prepared.content)
        if errors:
            each.row = None
            each.failure = RowOutcome(
                row.line, "failed", row.sku, error=" ".join(errors), images_failed=len(errors)
            )
            return 0
        each.new_photos = list(new.values())
        return held

    def _new_photo(self, name: str, known: KnownPhotos) -> PreparedPhoto | None:
        """None where the product has the photo."""
        if export_name(name) in known.names or name.rsplit("/", 1)[-1] in known.names:
            if hasattr(self.read_photo, "used"):
                self.read_photo.used(name)
            return None
        data = self.read_photo(name)
        if digest_of(data) in known.digests:
            return None
        with room_to_decode(patient=True):  # a row is not refused for what others do
            return prepare_photo(data, photo_limits())

    def write(self, part: list[_Prepared]) -> list[RowOutcome]:
        good = [each for each in part if each.row is not None]
        try:
            with atomic_with_files():
                written = self._write_together(good)
        except (ValidationError, IntegrityError, DataError):
            # One of them is refused by the database; one by one it is found, and the others stay.
            written = {
                each.line: isolated(each.line, lambda: self._write_together([each])[each.line])  # noqa: B023 - called at once
                for each in good
            }
        return [each.failure or written[each.line] for each in part]

    def _write_together(self, part: list[_Prepared]) -> dict[int, RowOutcome]:
        """Outcomes by line. Rows with errors of their own are left out of what is written.

        Raises:
            ValidationError, IntegrityError, DataError: one of the rows cannot be written.
        """
        batch = _Batch(part, self._given if self._dry_run else _Barcodes(), self._made)
        changed = []
        outcomes = {}
        for each, row in batch.rows:
            outcome = batch.apply(each, row)
            outcomes[row.line] = outcome
            if outcome.state in {"created", "updated"}:
                changed.append(each)
        batch.save()
        for each in changed:
            if each.new_photos:
                self._store(each, batch, outcomes[each.line])
        return outcomes

    def _store(self, each: _Prepared, batch: "_Batch", outcome: RowOutcome) -> None:
        if self._dry_run or each.row is None:
            return
        product = batch.products[each.row.sku]
        # Fewer than were new a moment ago, where another program added some meanwhile.
        created = sum(store_photo(product=product, prepared=p).created for p in each.new_photos)
        outcome.images_unchanged += outcome.images_created - created
        outcome.images_created = created
        if not created and not outcome.changes and outcome.state == "updated":
            outcome.state = "unchanged"


class _Barcodes:
    """Who has which barcode, rows of this file that came before included."""

    def __init__(self) -> None:
        self._owner: dict[str, str] = {}
        self._of: dict[str, str] = {}

    def owner(self, barcode: str, stored: dict[str, str]) -> str | None:
        if barcode in self._owner:
            return self._owner[barcode]
        sku = stored.get(barcode)
        # It was given away by an earlier row.
        return None if sku is not None and self._of.get(sku, barcode) != barcode else sku

    def give(self, barcode: str, sku: str) -> None:
        old = self._of.get(sku)
        if old and self._owner.get(old) == sku:
            del self._owner[old]
        self._of[sku] = barcode
        if barcode:
            self._owner[barcode] = sku


class _Batch:
    """Products, categories and barcodes of the rows that are written together."""

    def __init__(self, part: list[_Prepared], given: _Barcodes, made: set[str] | None) -> None:
        self.rows = [(each, each.row) for each in part if each.row is not None]
        rows = [row for _each, row in self.rows]
        self.products = locked_products(row.sku for row in rows)
        self._categories = find_categories(row.category for row in rows)
        self._heirs = heirs_of(self.products.values())
        self._names = category_names(p.category_id for p in self.products.values())
        self._owners = barcode_owners(row.values.get("barcode", "") for row in rows)
        self._given = given
        self._made = made
        self._new: list[Product] = []
        self._changed: list[Product] = []

    def apply(self, each: _Prepared, row: CatalogueRow) -> RowOutcome:
        """Sets what the row says in memory; nothing is written before `save`."""
        product = self.products.get(row.sku)
        is_new = product is None
        if product is None:
            product = Product(sku=row.sku)
        changes = _set_fields(product, row)
        category = self._category(row, product, changes)
        if product.merged_into_id is not None:
            return self._of_merged(each, row, product, changes)
        if is_new or changes:
            try:
                self._check(product, row)
            except ValidationError as error:
                return RowOutcome(row.line, "failed", row.sku, error=messages_of(error))
            product.category = category or self._make_category(row.category)
        outcome = RowOutcome(row.line, "unchanged", row.sku, changes=changes)
        outcome.images_created = len(each.new_photos)
        outcome.images_unchanged = each.known_photos
        if is_new:
            outcome.state = "created"
            self.products[row.sku] = product
            self._new.append(product)
        elif changes or each.new_photos:
            outcome.state = "updated"
            if changes:
                self._changed.append(product)
        if (is_new or changes) and "barcode" in row.values:
            self._given.give(product.barcode, row.sku)
        return outcome

    def _of_merged(
        self, each: _Prepared, row: CatalogueRow, product: Product, changes: list[Any]
    ) -> RowOutcome:
        """An old file may still have the line; only what would wake the product is refused."""
        if not changes and not each.new_photos:
            return RowOutcome(row.line, "unchanged", row.sku, images_unchanged=each.known_photos)
        heir = self._heirs.get(product.pk)
        error = _(
            "SKU “%(sku)s” was merged into “%(heir)s”. Take this line out, and put what is new into"
            " the line of “%(heir)s”."
        ) % {"sku": row.sku, "heir": heir.sku if heir else "?"}
        return RowOutcome(row.line, "failed", row.sku, error=error)

    def _category(
        self, row: CatalogueRow, product: Product, changes: list[tuple[str, str, str]]
    ) -> Category | None:
        """The category that the row names, noting a change; None where it has to be made."""
        category = self._categories.get(row.category)
        if category is None or product.category_id != category.pk:
            old = self._names.get(product.category_id, "") if product.category_id else ""
            changes.append(("category", old, PATH_SEPARATOR.join(split_path(row.category))))
        return category

    def _make_category(self, path: str) -> Category:
        if self._made is not None:
            if path in self._made:
                # Rolled back before the database looks whether it is there.
                return Category(pk=0)
            self._made.add(path)
        category: Category = Category.objects.at_path(path)
        # What another row of this batch spells in another way is found once it is there.
        self._categories[path] = category
        return category

    def _check(self, product: Product, row: CatalogueRow) -> None:
        """`full_clean` without its queries for each row."""
        product.clean_fields(exclude=_ASKED_TOGETHER)
        product.clean()
        owner = self._given.owner(product.barcode, self._owners) if product.barcode else None
        if "barcode" in row.values and owner not in {None, row.sku}:
            raise ValidationError(_("Another product has this barcode."))

    def save(self) -> None:
        # Changed ones first: a new product may take a barcode that one of them gives up.
        if self._changed:
            Product.objects.bulk_create(
                self._changed,
                update_conflicts=True,
                unique_fields=["sku"],
                update_fields=[*_COLUMNS, "updated_at"],
            )
        if self._new:
            Product.objects.bulk_create(self._new)


def _set_fields(product: Product, row: CatalogueRow) -> list[tuple[str, str, str]]:
    changes = []
    for name, value in row.values.items():
        old = getattr(product, name)
        # Blanks at the ends of a cell do not count, so those of a stored text do not either.
        if (old.strip() if isinstance(old, str) else old) != value:
            setattr(product, name, value)
            changes.append((name, _text(old), _text(value)))
    attributes = dict(product.attributes)
    for name, cell in row.attributes.items():
        old = attribute_text(attributes[name]) if name in attributes else ""
        if old.strip() == cell:
            continue
        changes.append((f"attribute:{name}", old, cell))
        if cell:
            attributes[name] = cell
        else:
            del attributes[name]
    product.attributes = attributes
    return changes


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
