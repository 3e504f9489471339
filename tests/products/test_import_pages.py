"""The pages of imports in the admin: who may see them, and what they do."""

import io
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from products.imports.kinds import ImportKind, _kinds, register
from products.models import ImportRun, Product
from tests.factories import UserFactory
from tests.products.import_runs import begun, upload, worked, zipped

pytestmark = pytest.mark.django_db

ROWS = ("A-1,Apple,Fruit,,,3.49,,", "B-1,<b>Bad</b>,Fruit,,,=x<script>,,")
POLLS = 'hx-trigger="every 1s"'
ADD = "/admin/products/importrun/add/"


def client_of(*permissions: str) -> Client:
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    return client_of("add_product", "change_product", "view_product")


def page(client: Client, run: ImportRun) -> str:
    return client.get(reverse("admin:products_importrun_change", args=[run.pk])).content.decode()


def test_from_upload_to_report(editor: Client) -> None:
    assert 'enctype="multipart/form-data"' in editor.get(ADD).content.decode()
    answer = editor.post(ADD, {"kind": "products", "file": upload(*ROWS)})
    run = ImportRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/products/importrun/{run.pk}/change/")  # fmt: skip
    assert run.created_by is not None

    waiting = page(editor, run)
    assert POLLS in waiting
    assert "Load this page again" in waiting
    run = worked(run)
    checked = page(editor, run)
    assert POLLS not in checked
    assert "Import the good row" in checked
    assert "Nothing is written yet" in checked
    assert "&lt;script&gt;" in checked
    assert "=x<script>" not in checked
    status = editor.get(f"/admin/products/importrun/{run.pk}/status/")
    assert "<html" not in status.content.decode()
    assert status["Cache-Control"].startswith("max-age=0, no-cache")

    start = f"/admin/products/importrun/{run.pk}/start/"
    assert editor.get(start).status_code == 405
    assert editor.post(start)["Location"] == answer["Location"]
    assert "started or cancelled before" in editor.post(start, follow=True).content.decode()
    done = page(editor, worked(run))
    assert "Rows with errors" in done
    assert "Import another file" in done
    assert list(Product.objects.values_list("sku", flat=True)) == ["A-1"]

    report = editor.get(f"/admin/products/importrun/{run.pk}/errors.csv")
    text = b"".join(report.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines()[0] == "line,error"
    assert text.splitlines()[1].startswith('3,"Price “=x<script>” is not a number')
    assert "1 new, 0 changed, 0 same, 1 errors" in editor.get("/admin/products/importrun/").content.decode()  # fmt: skip


def test_cancelling(editor: Client) -> None:
    run = worked(begun(*ROWS))
    cancel = f"/admin/products/importrun/{run.pk}/cancel/"
    assert editor.get(cancel).status_code == 405
    editor.post(cancel)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert "too late to cancel" in editor.post(cancel, follow=True).content.decode()


def test_photos_come_in_a_zip(editor: Client) -> None:
    editor.post(ADD, {"kind": "products", "file": upload(*ROWS), "photos": zipped({"a.jpg": b"x"})})
    run = ImportRun.objects.get()
    assert (run.photos_name, bool(run.photos)) == ("photos.zip", True)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "This field is required."),
        ({"file": upload(name="a.exe")}, "is none of .csv, .tsv"),
        ({"file": upload(), "kind": "stars"}, "is not one of the available choices"),
        ({"file": upload(), "photos": upload(name="a.csv")}, "is none of .zip"),
    ],
)
def test_a_wrong_upload_is_an_error_of_the_form(
    editor: Client, data: dict[str, Any], error: str
) -> None:
    for file in data.values():
        if hasattr(file, "seek"):
            file.seek(0)
    answer = editor.post(ADD, {"kind": "products", **data})
    assert answer.status_code == 200
    assert error in answer.content.decode()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    "permissions", [(), ("view_product",), ("add_product",), ("change_product", "view_product")]
)
def test_who_may_not_change_the_catalogue_sees_no_import(permissions: tuple[str, ...]) -> None:
    run = worked(begun(*ROWS))
    client = client_of(*permissions)
    base = f"/admin/products/importrun/{run.pk}"
    for url in (ADD, "/admin/products/importrun/", f"{base}/status/", f"{base}/errors.csv"):
        assert client.get(url).status_code == 403, url
    assert client.get(f"{base}/change/").status_code in {302, 403}
    for url in (ADD, f"{base}/start/", f"{base}/cancel/"):
        assert client.post(url, {"kind": "products", "file": upload(*ROWS)}).status_code == 403, url
    assert client.get("/admin/products/importrun/template/products.csv").status_code == 404
    run.refresh_from_db()
    assert run.state == "checked"
    assert ImportRun.objects.count() == 1


def test_editors_see_the_imports_of_others(editor: Client) -> None:
    run = worked(begun(*ROWS))
    assert "catalogue.csv" in page(editor, run)


def test_customers_are_asked_to_log_in(client: Client) -> None:
    run = begun(*ROWS)
    for url in (ADD, f"/admin/products/importrun/{run.pk}/errors.csv"):
        assert client.get(url)["Location"].startswith("/admin/login/")


def test_a_run_that_is_not_there(editor: Client) -> None:
    assert editor.get("/admin/products/importrun/987654/status/").status_code == 404
    assert editor.post("/admin/products/importrun/987654/start/").status_code == 404
    assert editor.get("/admin/products/importrun/987654/change/").status_code == 302


class StarsKind(ImportKind):
    key = "stars"
    label = "Stars"
    columns = []
    permissions = ("products.delete_product",)

    def check_header(self, columns: list[str]) -> None: ...

    def importer(self, context: Any) -> Any: ...


@pytest.fixture
def stars() -> Any:
    kind = StarsKind()
    register(kind)
    yield kind
    del _kinds["stars"]


def test_a_kind_of_another_app_has_its_own_permission(editor: Client, stars: ImportKind) -> None:
    run = begun(*ROWS)
    ImportRun.objects.update(kind="stars")
    assert "Stars" not in editor.get(ADD).content.decode()
    assert editor.get(f"/admin/products/importrun/{run.pk}/status/").status_code == 403
    assert "catalogue.csv" not in editor.get("/admin/products/importrun/").content.decode()
    other = client_of("delete_product")
    assert "Stars" in other.get(ADD).content.decode()
    assert 'name="photos"' not in other.get(ADD).content.decode()
    assert "catalogue.csv" in page(other, run)


def test_two_kinds_of_one_name_are_a_mistake(stars: ImportKind) -> None:
    with pytest.raises(Exception, match="two kinds"):
        register(StarsKind())


def test_a_kind_without_photos_takes_none(admin_client: Client, stars: ImportKind) -> None:
    data = {"kind": "stars", "file": upload(*ROWS), "photos": zipped({"a.jpg": b"x"})}
    assert "takes no photos" in admin_client.post(ADD, data).content.decode()


def test_the_template_can_be_imported_as_it_is(editor: Client) -> None:
    answer = editor.get("/admin/products/importrun/template/products.csv")
    content = answer.content.decode("utf-8-sig")
    header, row = content.splitlines()
    run = worked(begun(row, header=header))
    assert (run.state, run.counts["created"]) == ("checked", 1)
    book = load_workbook(
        io.BytesIO(editor.get("/admin/products/importrun/template/products.xlsx").content)
    )
    assert [cell.value for cell in book.worksheets[0][1]] == header.split(",")
    assert editor.get("/admin/products/importrun/template/products.doc").status_code == 404
    assert editor.get("/admin/products/importrun/template/none.csv").status_code == 404


@pytest.mark.parametrize("number", [10, 100])
def test_the_list_asks_the_same_number_of_queries(
    admin_client: Client, number: int, django_assert_max_num_queries: Any
) -> None:
    user = UserFactory()
    ImportRun.objects.bulk_create(
        ImportRun(kind="products", file_name=f"{n}.csv", created_by=user) for n in range(number)
    )
    with django_assert_max_num_queries(9):
        admin_client.get("/admin/products/importrun/")


# --- sizes ------------------------------------------------------------------------------------


def post_of(client: Client, size: int) -> Any:
    return client.generic(
        "POST", ADD, b"", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(size), **{"wsgi.input": io.BytesIO(b"--x--")},
    )  # fmt: skip


def test_staff_may_upload_more_than_a_photo_and_nobody_else(editor: Client, client: Client) -> None:
    more = django_settings.REQUEST_MAX_BYTES + 1
    assert post_of(editor, more).status_code == 200
    assert post_of(client, more).status_code == 413
    customer = Client()
    customer.force_login(UserFactory())
    assert post_of(customer, more).status_code == 413


def test_no_upload_is_larger_than_both_files_may_be(editor: Client) -> None:
    most = django_settings.IMPORT_MAX_BYTES + django_settings.IMPORT_MAX_ZIP_BYTES
    answer = post_of(editor, most + 2**22)
    assert answer.status_code == 413
    assert "the table may have 100 MB, the photos 1024 MB" in answer.content.decode()


def test_uploads_stream_to_the_disk(editor: Client, settings: Any) -> None:
    """Beyond FILE_UPLOAD_MAX_MEMORY_SIZE Django keeps a file, which is then moved, not copied."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    editor.post(ADD, {"kind": "products", "file": upload(*ROWS)})
    assert worked(ImportRun.objects.get()).state == "checked"
