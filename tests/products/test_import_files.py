"""Reading catalogue files as spreadsheets and exports write them."""

import pytest
from django.core.management import CommandError

from products.imports.tables import open_table
from products.models import Product
from tests.products.importing import HEADER, Folder, errors_of, report

pytestmark = pytest.mark.django_db

ROW = "A-1,Apple,Fruit,,,3.49,,"
PLAIN = f"{HEADER}\n{ROW}\n"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
        PLAIN.rstrip("\n").encode(),
        PLAIN.replace(",", " , ").encode(),
        (PLAIN + "\n\n,,,,,,,\n \n").encode(),
        b'"sku","name","category","price"\n"A-1","Apple","Fruit","3.49"\n',
        b"price,category,name,sku\n3.49,Fruit,Apple,A-1\n",
    ],
)
def test_every_usual_form_of_csv_is_read(folder: Folder, data: bytes) -> None:
    folder.write(data)
    assert folder.run() == report(created=1)
    product = Product.objects.get()
    assert (product.sku, product.name, str(product.price)) == ("A-1", "Apple", "3.49")


def test_separators_and_newlines_in_quotation_marks_are_text(folder: Folder) -> None:
    folder.import_rows('A-1,"Apple, ""red""",Fruit,"one\ntwo",,,,')
    product = Product.objects.get()
    assert (product.name, product.description) == ('Apple, "red"', "one\ntwo")


def test_semicolons_between_photos_do_not_hide_the_commas(folder: Folder) -> None:
    assert folder.errors("A-1,Apple,Fruit,,,,,a.jpg;b.jpg;c.jpg;d.jpg;e.jpg;f.jpg;g.jpg;h.jpg")[0][
        1
    ].startswith("Photo “a.jpg” is not in the photo folder")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_are_counted_as_an_editor_shows_them(folder: Folder, newline: str) -> None:
    lines = [
        HEADER,
        "A-1,Apple,Fruit,,,x,,",  # 2
        'A-2,Apple,Fruit,"one',  # 3
        "",
        'four",,,,',
        "A-3,Apple,Fruit,,,x,,",  # 6
        "",
        "",
        "A-4,Apple,Fruit,,,x,,",  # 9
        ",,,,,,,",
        'A-5,"Ap',  # 11
        'ple",Fruit,,,x,,',
    ]
    folder.write(newline.join(lines))
    found = folder.run()
    assert [line for line, _ in errors_of(found)] == [2, 6, 9, 11]
    assert found["created"] == 1


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("name,category", "The file has no column sku; its first line must name: sku, name, category,"),
        ("", "The file has no column sku, name, category; its first line must name"),
        ("SKU,name,category", "The file has no column sku;"),
        ("sku,name,category,colour", "Unknown column 'colour'. Known: sku, name, category, description,"),
        ("sku,name,category,", "Unknown column ''. Known:"),
        ("sku,name,category,attribute:", "Unknown column 'attribute:'. Known:"),
        ("sku,name,category,name", "A column is named twice in the first line."),
        ("sku,name,category,attribute:a,attribute:a", "A column is named twice in the first line."),
        ("sku,name,category,attribute:a,attribute: a", "A column is named twice in the first line."),
    ],
)  # fmt: skip
def test_a_bad_first_line_is_refused(folder: Folder, header: str, message: str) -> None:
    folder.rows(ROW, header=header)
    with pytest.raises(CommandError) as refused:
        folder.run()
    assert str(refused.value).startswith(message)
    assert not Product.objects.exists()


def test_an_empty_file_is_refused(folder: Folder) -> None:
    folder.write(b"")
    with pytest.raises(CommandError, match="The file has no column sku, name, category"):
        folder.run()


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16", "latin-1"])
def test_another_encoding_is_refused_with_its_line(folder: Folder, encoding: str) -> None:
    text = f"{HEADER}\n{ROW}\n" + ("A-2,Яблоко,Fruit,,,,," if encoding == "cp1251" else "A-2,Äpfel,Fruit,,,,,")  # fmt: skip
    folder.write(text.encode(encoding))
    line = 1 if encoding == "utf-16" else 3
    with pytest.raises(CommandError) as refused:
        folder.run()
    assert str(refused.value) == f"Line {line} is not UTF-8 text. Save the file as “CSV UTF-8”."
    assert not Product.objects.exists()


def test_a_huge_cell_is_refused_with_its_line(folder: Folder) -> None:
    folder.rows(ROW, f"A-2,Apple,Fruit,{'x' * 200_001},,,,")
    with pytest.raises(CommandError) as refused:
        folder.run()
    assert str(refused.value) == "Line 3 cannot be read: field larger than field limit (200000)."
    assert not Product.objects.exists()


def test_a_quotation_mark_that_never_ends_is_refused(folder: Folder) -> None:
    folder.rows(ROW, 'A-2,"Apple,Fruit,,,,,')
    with pytest.raises(CommandError, match=r"Line \d cannot be read: unexpected end of data\."):
        folder.run()
    assert not Product.objects.exists()


def test_text_behind_a_quotation_mark_is_refused(folder: Folder) -> None:
    folder.rows('A-2,"Apple"pie,Fruit,,,,,')
    with pytest.raises(CommandError, match=r"Line 2 cannot be read: ',' expected after '\"'"):
        folder.run()


def test_ten_thousand_rows_are_read_with_their_lines(folder: Folder) -> None:
    folder.write(HEADER + "\n" + f"{ROW}\n" * 10_000)
    table = open_table(folder.path / "catalogue.csv")
    assert table.check() == 10_000
    assert [line for line, _ in table.rows()] == list(range(2, 10_002))
