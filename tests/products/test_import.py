"""Importing a catalogue: what the report says, and what is in the database afterwards."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from products.catalogue_import import FolderPhotos, import_catalogue
from products.imaging import digest_of
from products.models import Category, Product, ProductImage
from products.models.category import full_names
from products.photos import add_photo
from tests.factories import ProductFactory
from tests.pictures import product_photo
from tests.products.importing import HEADER, NOTHING, Folder, errors_of, report, stored_files

pytestmark = pytest.mark.django_db

APPLE = "A-1,Apple,Fruit/Apple,Crisp,Orchard,3.49,4006381333931,a.jpg;b.jpg"
ROW_WITH_FLAG = ["A-1", "Apple", "Fruit", "d", "b", "1.00", "4006381333931", "yes"]
LAMP = "L-1,Lamp,Home/Lamps,,,,,c.jpg"
PHOTOS = {"a.jpg": product_photo(1), "b.jpg": product_photo(2), "c.jpg": product_photo(3)}


def state() -> list[object]:
    """Everything that an import may write."""
    return [
        list(Product.objects.order_by("pk").values()),
        list(ProductImage.objects.order_by("pk").values()),
        list(Category.objects.order_by("pk").values()),
        stored_files(),
    ]


def test_rows_become_products_with_photos(folder: Folder) -> None:
    folder.photos(PHOTOS)
    assert folder.import_rows(APPLE, LAMP) == report(created=2, images=(3, 0, 0))
    apple = Product.objects.get(sku="A-1")
    assert apple.name == "Apple"
    assert apple.category.full_name == "Fruit/Apple"
    assert (apple.description, apple.brand) == ("Crisp", "Orchard")
    assert (apple.price, apple.barcode) == (Decimal("3.49"), "4006381333931")
    assert apple.is_active
    assert [image.source_digest for image in apple.images.all()] == [
        digest_of(PHOTOS["a.jpg"]),
        digest_of(PHOTOS["b.jpg"]),
    ]
    lamp = Product.objects.get(sku="L-1")
    assert (lamp.description, lamp.brand, lamp.price, lamp.barcode) == ("", "", None, "")
    assert len(stored_files()) == 3


def test_a_second_run_changes_nothing(folder: Folder) -> None:
    folder.photos(PHOTOS)
    folder.rows(APPLE, LAMP)
    folder.run()
    before = state()
    assert folder.run() == report(unchanged=2, images=(0, 3, 0))
    assert state() == before


def test_what_changed_is_updated(folder: Folder) -> None:
    folder.photos(PHOTOS)
    folder.import_rows(APPLE, LAMP)
    changed = "A-1,Red apple,Fruit/Red,,Orchard,3.5,4006381333931,b.jpg;a.jpg"
    assert folder.import_rows(changed, LAMP) == report(updated=1, unchanged=1, images=(0, 3, 0))
    apple = Product.objects.get(sku="A-1")
    assert (apple.name, apple.category.full_name, apple.description, apple.price) == (
        "Red apple", "Fruit/Red", "", Decimal("3.50"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "stored"),
    [
        ("name", "Pear", "Pear"),
        ("description", "", ""),
        ("brand", "Acme", "Acme"),
        ("price", "", None),
        ("price", "0", Decimal("0.00")),
        ("barcode", "", ""),
        ("barcode", "0036000291452", "036000291452"),
        ("is_active", "no", False),
    ],
)
def test_each_column_alone_makes_an_update(
    folder: Folder, column: str, value: str, stored: object
) -> None:
    header = "sku,name,category,description,brand,price,barcode,is_active"
    cells = dict(zip(header.split(","), ROW_WITH_FLAG, strict=True))
    folder.import_rows(",".join(cells.values()), header=header)
    cells[column] = value
    row = ",".join(cells.values())
    assert folder.import_rows(row, header=header) == report(updated=1)
    assert getattr(Product.objects.get(), column) == stored
    assert folder.import_rows(row, header=header) == report(unchanged=1)


def test_a_column_that_is_not_there_changes_nothing(folder: Folder) -> None:
    product = ProductFactory(sku="A-1", name="Apple", category_path="Fruit", brand="Acme", price=1)
    assert folder.import_rows("A-1,Apple,fruit", header="sku,name,category") == report(unchanged=1)
    product.refresh_from_db()
    assert (product.brand, product.price) == ("Acme", 1)


def test_a_photo_that_is_named_no_more_stays(folder: Folder) -> None:
    folder.photos(PHOTOS)
    folder.import_rows(APPLE)
    assert folder.import_rows(APPLE.replace("a.jpg;b.jpg", "a.jpg;c.jpg")) == report(
        updated=1, images=(1, 1, 0)
    )
    assert ProductImage.objects.count() == 3


def test_names_and_copies_of_one_photo_are_one(folder: Folder) -> None:
    folder.photos({"a.jpg": product_photo(1), "copy.jpg": product_photo(1)})
    row = "A-1,Apple,Fruit,,,,, a.jpg ;copy.jpg;a.jpg;; "
    assert folder.import_rows(row) == report(created=1, images=(1, 0, 0))
    assert folder.import_rows(row)["images"]["created"] == 0
    assert ProductImage.objects.count() == 1


def test_photos_in_folders_are_found(folder: Folder) -> None:
    (folder.path / "fruit").mkdir()
    folder.photos({"fruit/a b.jpg": product_photo(1)})
    assert folder.import_rows("A-1,Apple,Fruit,,,,,fruit/a b.jpg")["images"]["created"] == 1


def test_another_folder_of_photos_can_be_named(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(product_photo(1))
    folder.rows("A-1,Apple,Fruit,,,,,a.jpg")
    assert folder.run("--images", str(tmp_path)) == report(created=1, images=(1, 0, 0))


def test_a_dry_run_reports_the_same_and_writes_nothing(folder: Folder) -> None:
    ProductFactory(sku="A-1", name="Old", category_path="Fruit")
    ProductFactory(sku="S-1", name="Same", category_path="Fruit")
    folder.photos(PHOTOS)
    folder.rows(
        APPLE, LAMP, "S-1,Same,Fruit,,,,,", "B-1,Bad,Fruit,,,x,,", "B-2,Bad,Fruit,,,,,no.jpg"
    )
    before = state()
    dry = folder.run("--dry-run")
    assert state() == before
    assert dry == folder.run()
    assert (dry["created"], dry["updated"], dry["unchanged"]) == (1, 1, 1)
    assert [row["line"] for row in dry["failed"]] == [5, 6]
    assert dry["images"] == {"created": 3, "unchanged": 0, "failed": 1}


def test_a_bad_row_is_not_written_and_the_others_are(folder: Folder) -> None:
    folder.photos(PHOTOS)
    found = folder.import_rows(LAMP, APPLE.replace("3.49", "cheap"), "P-1,Pear,Fruit,,,,,")
    assert found == report(
        created=2,
        images=(1, 0, 0),
        failed=[
            {
                "line": 3,
                "error": "Price “cheap” is not a number like 3.49 (with a point, no currency sign).",
            }
        ],
    )
    assert set(Product.objects.values_list("sku", flat=True)) == {"L-1", "P-1"}
    assert "Apple" not in " ".join(full_names(Category.objects.all()).values())


PRICE = "Price “{}” is not a number like 3.49 (with a point, no currency sign)."
LARGE = "Price “{}” is too large or has more than two decimals."


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (",Apple,Fruit,,,,,", "Column sku is empty."),
        ("A-1, ,Fruit,,,,,", "Column name is empty."),
        ("A-1,Apple,,,,,,", "Column category is empty."),
        ("A/1,Apple,Fruit,,,,,", "sku: A SKU has no slashes and no blanks at its ends."),
        (
            f"{'A' * 65},Apple,Fruit,,,,,",
            "sku: Ensure this value has at most 64 characters (it has 65).",
        ),
        (
            f"A-1,{'n' * 201},Fruit,,,,,",
            "name: Ensure this value has at most 200 characters (it has 201).",
        ),
        (
            "A-1,Apple,Fruit//Red,,,,,",
            "Category path “Fruit//Red” has an empty name; write it like Fruit/Apple.",
        ),
        (
            "A-1,Apple,1/2/3/4/5/6/7/8/9,,,,,",
            "Category path “1/2/3/4/5/6/7/8/9” is deeper than 8 levels.",
        ),
        (
            f"A-1,Apple,{'c' * 121},,,,,",
            "A category's name has at most 120 characters; one here has 121.",
        ),
        ("A-1,Apple,Fruit,,,3.49 €,,", PRICE.format("3.49 €")),
        ("A-1,Apple,Fruit,,,-1,,", PRICE.format("-1")),
        ("A-1,Apple,Fruit,,,NaN,,", PRICE.format("NaN")),
        ("A-1,Apple,Fruit,,,Infinity,,", PRICE.format("Infinity")),
        ('A-1,Apple,Fruit,,,"3,49",,', PRICE.format("3,49")),
        ("A-1,Apple,Fruit,,,3.499,,", LARGE.format("3.499")),
        ("A-1,Apple,Fruit,,,10000000000,,", LARGE.format("10000000000")),
        ("A-1,Apple,Fruit,,,1e999999,,", LARGE.format("1e999999")),
        ("A-1,Apple,Fruit,,,1e-999999,,", LARGE.format("1e-999999")),
        (
            "A-1,Apple,Fruit,,,,4006381333930,",
            "Barcode “4006381333930” is not a GTIN: 8, 12, 13 or 14 digits, the last a check digit.",
        ),
        (
            "A-1,Apple,Fruit,,,,4.00638E+12,",
            "Barcode “4.00638E+12” is not a GTIN: 8, 12, 13 or 14 digits, the last a check digit.",
        ),
        (
            "A-1,Apple,Fruit,,,,,,x",
            "More cells than columns. Put cells that hold a separator into quotation marks.",
        ),
        ("A-1,Apple,Fruit", "Fewer cells than columns."),
        ("A-1,Ap\0ple,Fruit,,,,,", "A cell holds a NUL character."),
        (
            "A-1,Apple,Fr\x07uit,,,,,",
            "A category's name holds a control character; type it anew.",
        ),
    ],
)
def test_a_bad_cell_is_an_error_of_its_line(folder: Folder, row: str, error: str) -> None:
    assert folder.errors("S-1,Same,Good,,,,,", row) == [(3, error)]
    assert list(Product.objects.values_list("sku", flat=True)) == ["S-1"]
    assert list(Category.objects.values_list("name", flat=True)) == ["Good"]


@pytest.mark.parametrize(
    ("cell", "active"), [("TRUE", True), ("0", False), ("Нет", False), ("", True)]
)
def test_is_active_is_read(folder: Folder, cell: str, active: bool) -> None:
    folder.import_rows(f"A-1,Apple,Fruit,{cell}", header="sku,name,category,is_active")
    assert Product.objects.get().is_active is active


def test_is_active_that_is_neither_is_an_error(folder: Folder) -> None:
    assert folder.errors("A-1,Apple,Fruit,maybe", header="sku,name,category,is_active") == [
        (2, "is_active “maybe” is neither true nor false.")
    ]


def test_an_empty_is_active_leaves_a_product_as_it_is(folder: Folder) -> None:
    ProductFactory(sku="A-1", name="Apple", category_path="Fruit", is_active=False)
    folder.import_rows("A-1,Apple,Fruit,", header="sku,name,category,is_active")
    assert not Product.objects.get().is_active


def test_a_sku_stands_once_in_a_file(folder: Folder) -> None:
    found = folder.import_rows("A-1,Apple,Fruit,,,,,", "A-1,Pear,Fruit,,,,,")
    assert found == report(
        created=1, failed=[{"line": 3, "error": "SKU “A-1” is on line 2 already."}]
    )
    assert Product.objects.get().name == "Apple"


def test_a_barcode_of_another_product_is_an_error(folder: Folder) -> None:
    ProductFactory(barcode="036000291452")
    assert folder.errors("A-1,Apple,Fruit,,,,0036000291452,") == [
        (2, "Another product has this barcode.")
    ]


def test_attributes_are_set_changed_and_removed(folder: Folder) -> None:
    ProductFactory(sku="A-1", name="Apple", category_path="Fruit", attributes={"size": "XL"})
    header = "sku,name,category,attribute:colour,attribute: weight "
    assert folder.import_rows("A-1,Apple,Fruit,red,1 kg", header=header) == report(updated=1)
    assert Product.objects.get().attributes == {"size": "XL", "colour": "red", "weight": "1 kg"}
    assert folder.import_rows("A-1,Apple,Fruit,red,1 kg", header=header) == report(unchanged=1)
    assert folder.import_rows("A-1,Apple,Fruit,green,", header=header) == report(updated=1)
    assert Product.objects.get().attributes == {"size": "XL", "colour": "green"}
    assert folder.import_rows("A-1,Apple,Fruit,green,", header=header) == report(unchanged=1)


def test_a_photo_that_somebody_added_meanwhile_is_not_added_again(folder: Folder) -> None:
    product = ProductFactory(sku="A-1", name="Apple", category_path="Fruit")
    folder.photos(PHOTOS)
    photos = FolderPhotos(folder.path)

    def read(name: str) -> bytes:
        data = photos(name)
        if name == "b.jpg":  # after the import looked which photos are there
            add_photo(product=product, data=PHOTOS["a.jpg"])
        return data

    rows = [(2, dict(zip(HEADER.split(","), ["A-1", "Apple", "Fruit", "", "", "", "", "a.jpg;b.jpg"], strict=True)))]  # fmt: skip
    *_, found = import_catalogue(rows, read_photo=read)  # type: ignore[arg-type]
    assert (found.updated, found.images.created, found.images.unchanged) == (1, 1, 1)
    assert ProductImage.objects.count() == len(stored_files()) == 2


def test_a_photo_that_somebody_added_meanwhile_survives_the_failure_of_the_row(
    folder: Folder,
) -> None:
    product = ProductFactory(sku="A-1", name="Apple", category_path="Fruit")
    ProductFactory(barcode="4006381333931")
    folder.photos(PHOTOS)
    photos = FolderPhotos(folder.path)

    def read(name: str) -> bytes:
        add_photo(product=product, data=photos(name))
        return photos(name)

    cells = ["A-1", "Apple", "Fruit", "", "", "", "4006381333931", "a.jpg"]
    rows = [(2, dict(zip(HEADER.split(","), cells, strict=True)))]
    *_, found = import_catalogue(rows, read_photo=read)  # type: ignore[arg-type]
    assert errors_of({"failed": found.failed}) == [(2, "Another product has this barcode.")]
    assert stored_files() == [ProductImage.objects.get().file.name]


def test_a_product_that_was_changed_meanwhile_is_brought_to_what_the_row_says(
    folder: Folder,
) -> None:
    ProductFactory(sku="A-1", name="Apple", category_path="Fruit")
    folder.photos(PHOTOS)
    photos = FolderPhotos(folder.path)

    def read(name: str) -> bytes:
        Product.objects.update(name="Changed", brand="Kept")
        return photos(name)

    rows = [(2, {"sku": "A-1", "name": "Apple", "category": "Fruit", "images": "a.jpg"})]
    *_, found = import_catalogue(rows, read_photo=read)  # type: ignore[arg-type]
    assert found.updated == 1
    assert Product.objects.values_list("name", "brand").get() == ("Apple", "Kept")


def test_an_empty_catalogue_is_no_error(folder: Folder) -> None:
    assert folder.import_rows() == NOTHING


def test_the_report_is_json_that_people_can_read(folder: Folder) -> None:
    folder.import_rows("A-1,Яблоко,Фрукты,,,дёшево,,")
    text = (folder.path / "report.json").read_text(encoding="utf-8")
    assert "дёшево" in text
    assert json.loads(text)["failed"][0]["line"] == 2


def test_the_command_says_what_it_did(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.photos(PHOTOS)
    folder.import_rows(APPLE, "B-1,Bad,Fruit,,,x,,", "B-2,Bad,Fruit,,,,,no.jpg")
    out, err = capsys.readouterr()
    assert out == (
        "products: 1 created, 0 updated, 0 unchanged, 2 rows with errors\n"
        "photos: 2 created, 0 unchanged, 1 refused\n"
    )
    assert "line 3: Price “x” is not a number" in err
    assert "line 4: Photo “no.jpg” is not in the photo folder or cannot be read." in err
    folder.run("--dry-run")
    assert capsys.readouterr().out.startswith("Dry run: nothing was written. It would be:\n")


def test_what_is_not_there_is_said_before_anything_is_done(folder: Folder, tmp_path: Path) -> None:
    folder.rows(APPLE)
    file = str(folder.path / "catalogue.csv")
    with pytest.raises(CommandError, match=r"no-file\.csv cannot be read: No such file"):
        call_command("import_catalogue", str(folder.path / "no-file.csv"))
    with pytest.raises(CommandError, match="nowhere is not a folder; name the photos"):
        call_command("import_catalogue", file, "--images", str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="nowhere is not a folder to write the report to"):
        call_command("import_catalogue", file, "--json", str(tmp_path / "nowhere" / "out.json"))
    assert not Product.objects.exists()
