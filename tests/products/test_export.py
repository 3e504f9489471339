"""What was exported and comes back changes nothing."""

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from products.exports.writers import (
    CatalogueExport,
    ExportRefused,
    csv_lines,
    xlsx_file,
    zip_chunks,
)
from products.models import Category, Product, ProductEvent, ProductImage
from products.photos import add_photo
from tests.factories import ProductFactory, with_photo
from tests.pictures import encoded, product_picture
from tests.products.importing import Folder, report, stored_files

pytestmark = pytest.mark.django_db


def export() -> CatalogueExport:
    return CatalogueExport(list(Product.objects.order_by("sku").values_list("pk", flat=True)))


def rows() -> list[dict[str, str]]:
    text = "".join(csv_lines(export())).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def catalogue() -> None:
    """Products that are hard to write down."""
    ProductFactory(sku="A-1", name="-5 °C pack", brand="=SUM(A1)", category_path="Fruit/Äpfel",
                   description='one\ntwo, "three"\r\nfour; five', price=Decimal("3.50"),
                   barcode="036000291452", attributes={"colour": "red", "=x": "@y", "n": 5,
                                                       "list": ["a", {"b": None}], "no": None,
                                                       "empty": "", "flag": True})  # fmt: skip
    ProductFactory(sku="=2+2", name="'quoted'", is_active=False, price=0, barcode="04210009")
    ProductFactory(
        sku="苹果", name="\uff1d全角", description="  blanks \x0b _x0041_ \t", brand="+49"
    )
    ProductFactory(
        sku="''=1", name="\U0001d518nicode 👍🏽 \u200b=1", attributes={" edge ": "x", "a/b": "1"}
    )
    with_photo(1, Product.objects.get(sku="A-1"))
    with_photo(2, Product.objects.get(sku="A-1"))
    # A photo that is stored as other bytes than were received.
    png = encoded(product_picture(3).convert("RGBA"), "PNG", pnginfo=None)
    add_photo(product=Product.objects.get(sku="=2+2"), data=png)


def state() -> list[object]:
    return [
        list(Product.objects.order_by("pk").values()),
        list(ProductImage.objects.order_by("pk").values()),
        list(Category.objects.order_by("pk").values()),
        stored_files(),
        ProductEvent.objects.count(),
    ]


UNCHANGED = report(unchanged=4, images=(0, 3, 0))


def test_csv_comes_back_unchanged(catalogue: None, folder: Folder) -> None:
    before = state()
    folder.write("".join(csv_lines(export())))
    assert folder.run() == UNCHANGED
    assert state() == before


def test_xlsx_comes_back_unchanged(catalogue: None, folder: Folder) -> None:
    before = state()
    with xlsx_file(export()) as file:
        (folder.path / "products.xlsx").write_bytes(file.read())
    assert folder.run_file(folder.path / "products.xlsx") == UNCHANGED
    assert state() == before


def unzipped(folder: Folder) -> Path:
    (folder.path / "export.zip").write_bytes(b"".join(zip_chunks(export())))
    with zipfile.ZipFile(folder.path / "export.zip") as archive:
        assert archive.testzip() is None
        folder.write(archive.read("catalogue.csv"))
    return folder.path / "export.zip"


def test_a_zip_comes_back_unchanged(catalogue: None, folder: Folder) -> None:
    before = state()
    archive = unzipped(folder)
    assert folder.run("--images", str(archive)) == UNCHANGED
    assert state() == before


def test_renamed_photos_of_an_export_are_known_by_their_bytes(
    catalogue: None, folder: Folder
) -> None:
    """Stored bytes count as known, though others were received."""
    archive = unzipped(folder)
    renamed = folder.path / "renamed.zip"
    names = {}
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(renamed, "w") as new:
        for number, name in enumerate(old.namelist()):
            if name.startswith("images/"):
                names[name] = f"p{number}.{name.rsplit('.', 1)[1]}"
                new.writestr(names[name], old.read(name))
    data = (folder.path / "catalogue.csv").read_bytes()
    for name, other in names.items():
        data = data.replace(name.encode(), other.encode())
    folder.write(data)
    before = state()
    assert folder.run("--images", str(renamed)) == UNCHANGED
    assert state() == before


def test_another_site_gets_the_same_catalogue(catalogue: None, folder: Folder) -> None:
    first = rows()
    archive = unzipped(folder)
    ProductImage.objects.all().delete()
    Product.objects.all().delete()
    Category.objects.all().delete()
    found = folder.run("--images", str(archive))
    assert (found["created"], found["failed"], found["images"]["created"]) == (4, [], 3)
    assert folder.run("--images", str(archive)) == UNCHANGED
    again = rows()
    for row in first + again:
        row["images"] = str(row["images"].count("."))
        row["description"] = row["description"].strip()
        row.pop("attribute:empty", None)  # an empty cell is no attribute
    assert again == first


def test_formulas_are_harmless_in_csv(catalogue: None) -> None:
    for row in rows():
        for cell in row.values():
            assert cell.lstrip(" \u200b")[:1] not in tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
    by_sku = {row["sku"]: row for row in rows()}
    assert set(by_sku) == {"A-1", "'=2+2", "苹果", "'''=1"}
    assert (by_sku["A-1"]["name"], by_sku["A-1"]["brand"]) == ("'-5 °C pack", "'=SUM(A1)")


def test_formulas_are_text_in_xlsx_and_numbers_are_numbers(catalogue: None) -> None:
    with xlsx_file(export()) as file:
        sheet = load_workbook(file).worksheets[0]
    header = [cell.value for cell in sheet[1]]
    cells = {
        row[0].value: dict(zip(header, row, strict=True)) for row in sheet.iter_rows(min_row=2)
    }
    assert {cell.data_type for row in cells.values() for cell in row.values()} <= {
        "s",
        "inlineStr",
        "n",
    }
    assert cells["A-1"]["brand"].value == "'=SUM(A1)"
    assert (cells["A-1"]["price"].value, cells["A-1"]["price"].data_type) == (3.5, "n")
    assert (cells["A-1"]["barcode"].value, cells["A-1"]["barcode"].data_type) == (
        "036000291452", "s",
    )  # fmt: skip


def test_the_columns_are_those_of_the_import(catalogue: None) -> None:
    header = list(rows()[0])
    assert header[:9] == [
        "sku", "name", "category", "description", "brand", "price", "barcode", "images", "is_active",
    ]  # fmt: skip
    assert header[9:] == [
        "attribute:=x", "attribute:a/b", "attribute:colour", "attribute:empty", "attribute:flag",
        "attribute:list", "attribute:n", "attribute:no",
    ]  # fmt: skip
    row = next(row for row in rows() if row["sku"] == "A-1")
    assert (row["category"], row["price"], row["is_active"]) == ("Fruit/Äpfel", "3.50", "true")
    assert (row["attribute:n"], row["attribute:list"]) == ("5", '["a", {"b": null}]')


def test_a_text_that_no_cell_can_hold_is_refused_in_xlsx(folder: Folder) -> None:
    ProductFactory(sku="L", attributes={"long": "x" * 40_000})
    with pytest.raises(ExportRefused, match="Product L has a text"):
        xlsx_file(export())
    folder.write("".join(csv_lines(export())))
    assert folder.run() == report(unchanged=1)


def test_a_photo_that_is_lost_does_not_stop_the_export(catalogue: None, folder: Folder) -> None:
    image = ProductImage.objects.all()[0]
    image.file.storage.delete(image.file.name)
    archive = unzipped(folder)
    assert folder.run("--images", str(archive)) == UNCHANGED


@pytest.mark.parametrize("number", [10, 100])
def test_the_number_of_queries_is_the_same(number: int, django_assert_num_queries: Any) -> None:
    for n in range(number):
        ProductFactory(category_path=f"Things/{n % 7}", attributes={"n": str(n)})
    ids = list(Product.objects.values_list("pk", flat=True))
    with django_assert_num_queries(5):  # names of attributes, categories (2), products, photos
        assert "".join(csv_lines(CatalogueExport(ids))).count("\n") == number + 1


def test_nothing_is_an_empty_table() -> None:
    assert "".join(csv_lines(export())).startswith("\ufeffsku,name,category,")


def test_the_command_still_finds_photos_of_an_export_beside_it(
    catalogue: None, folder: Folder
) -> None:
    unzipped(folder)
    call_command("import_catalogue", str(folder.path / "catalogue.csv"))
    assert ProductImage.objects.count() == 3
