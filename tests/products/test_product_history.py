"""Who changed which field of a product when: what the database records, and its page."""

import importlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse
from rest_framework.authentication import BasicAuthentication
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from products.history import acting
from products.merging import merge_product
from products.models import Category, Product, ProductEvent, ProductImage, ProductImageEvent
from products.thumbnails import thumbnail_url
from products.timeline import Entry, entries, excerpts, references
from recognition.models import Encoder
from recognition.vector_index import drop_index, ensure_index, index_is_valid
from tests.factories import ProductFactory, StaffFactory, UserFactory, with_photo
from tests.pictures import phone_photo, product_photo
from tests.products.importing import Folder

pytestmark = pytest.mark.django_db

BASELINE_SQL = importlib.import_module("products.migrations.0003_product_history").BASELINE


def history_url(product: int) -> str:
    return reverse("admin:products_product_history", args=[product])


def labels(product: int) -> list[str]:
    return list(
        ProductEvent.objects.filter(pgh_obj=product)
        .order_by("pgh_id")
        .values_list("pgh_label", flat=True)
    )


def photo_labels(product: int) -> list[str]:
    return list(
        ProductImageEvent.objects.filter(product=product)
        .order_by("pgh_id")
        .values_list("pgh_label", flat=True)
    )


def last() -> ProductEvent:
    return ProductEvent.objects.latest("pgh_id")


def timeline(product: int) -> list[Entry]:
    return entries(references(product))


def admin_form(product: Product, photos: list[dict[str, Any]] | None = None, **fields: Any) -> Any:
    """What a browser sends for a product's page."""
    images = list(product.images.all())
    rows: list[dict[str, Any]] = [
        {"id": image.pk, "product": product.pk, "position": image.position} for image in images
    ]
    for number, photo in enumerate(photos or []):
        if number < len(rows):
            rows[number].update(photo)
        else:
            rows.append(photo)
    data: dict[str, Any] = {
        "sku": product.sku,
        "name": product.name,
        "category": product.category_id,
        "attributes": "{}",
        "is_active": "on",
        "images-TOTAL_FORMS": len(rows),
        "images-INITIAL_FORMS": len(images),
        **fields,
    }
    for number, row in enumerate(rows):
        data.update({f"images-{number}-{name}": value for name, value in row.items()})
    return data


def change(client: Client, product: Product, *args: Any, **fields: Any) -> None:
    url = reverse("admin:products_product_change", args=[product.pk])
    assert client.post(url, admin_form(product, *args, **fields)).status_code == 302


# --- every way of writing ---------------------------------------------------------------------


def _save(product: Product) -> None:
    product.price = Decimal(5)
    product.save()


def _bulk_update(product: Product) -> None:
    product.price = Decimal(5)
    Product.objects.bulk_update([product], ["price"])


def _sql(product: Product) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE products_product SET price = 5 WHERE id = %s", [product.pk])


@pytest.mark.parametrize(
    "write",
    [
        _save,
        _bulk_update,
        _sql,
        lambda product: Product.objects.filter(pk=product.pk).update(price=5),
        lambda product: Product.objects.update_or_create(pk=product.pk, defaults={"price": 5}),
    ],
    ids=["save", "bulk_update", "SQL", "update", "update_or_create"],
)
def test_every_way_of_writing_is_recorded(write: Callable[[Product], object]) -> None:
    product = ProductFactory(price=Decimal(3))
    write(product)
    assert labels(product.pk) == ["insert", "update"]
    assert last().price == 5
    change = timeline(product.pk)[0].changes
    assert [(each.label, each.old, each.new) for each in change] == [("Price", "€3.00", "€5.00")]


def test_rows_made_in_bulk_and_by_copy_are_recorded() -> None:
    category = Category.objects.at_path("Bulk")
    rows = [Product(sku=f"B-{n}", name="Bulk", category=category) for n in range(3)]
    Product.objects.bulk_create(rows)
    with acting(source="load"), connection.cursor() as cursor:
        statement = (
            "COPY products_product (sku, name, brand, category_id, description, attributes,"
            " barcode, is_active, created_at, updated_at) FROM STDIN"
        )
        with cursor.copy(statement) as copy:
            copy.write_row(
                ["C-1", "Copied", "", category.pk, "", "{}", "", True, "2026-01-01", "2026-01-01"]
            )
    assert sorted(ProductEvent.objects.values_list("sku", flat=True)) == [
        "B-0", "B-1", "B-2", "C-1",
    ]  # fmt: skip


def test_nothing_is_recorded_where_nothing_changed() -> None:
    image = with_photo(1, price=Decimal(3), attributes={"a": [1]})
    product = Product.objects.get(pk=image.product_id)
    before = product.updated_at
    product.save()
    image.save()
    Product.objects.update(name=product.name)
    product.refresh_from_db()
    assert product.updated_at > before
    assert labels(product.pk) == ["insert"]
    assert photo_labels(product.pk) == ["added"]


def test_what_is_rolled_back_is_not_recorded() -> None:
    product = ProductFactory()
    with transaction.atomic():
        Product.objects.update(price=5)
        transaction.set_rollback(True)
    assert labels(product.pk) == ["insert"]


def test_an_import_names_its_command(folder: Folder) -> None:
    header = "sku,name,category,price"
    folder.import_rows("A-1,Apple,Fruit,1", "B-1,Pear,Fruit,1", header=header)
    folder.import_rows("A-1,Apple,Fruit,2", "B-1,Pear,Fruit,1", header=header)
    apple, pear = Product.objects.order_by("sku")
    assert labels(apple.pk) == ["insert", "update"]
    assert labels(pear.pk) == ["insert"]
    assert [(each.source, each.who) for each in timeline(apple.pk)] == [
        ("import_catalogue", "")
    ] * 2


# --- photos -----------------------------------------------------------------------------------


def test_photos_that_come_go_and_change_are_in_the_products_history(encoder: Encoder) -> None:
    image = with_photo(1, sku="A-1")
    other = ProductFactory(sku="B-1")
    ProductImage.objects.update(position=4)
    ProductImage.objects.update(digest="0" * 64)
    ProductImage.objects.update(product=other)
    image.refresh_from_db()
    image.delete()
    assert photo_labels(Product.objects.get(sku="A-1").pk) == [
        "added", "reordered", "replaced", "moved_away",
    ]  # fmt: skip
    assert photo_labels(other.pk) == ["moved_here", "removed"]


def test_a_merge_is_in_the_history_of_both_products() -> None:
    image, heir = with_photo(1, name="Twin"), ProductFactory(name="Heir", sku="H-1")
    product = image.product
    merge_product(product=product, into=heir, actor=StaffFactory())
    assert photo_labels(product.pk) == ["added", "moved_away"]
    assert photo_labels(heir.pk) == ["moved_here"]
    merged = timeline(product.pk)[0].changes
    assert [(each.label, each.new) for each in merged] == [("Merged into", "Heir (H-1)")]


def test_a_photo_is_shown_while_it_exists(admin_client: Client) -> None:
    kept = with_photo(1, sku="A-1")
    gone = with_photo(2, kept.product)
    replaced = with_photo(3, kept.product)
    gone_number = gone.pk
    gone.delete()
    ProductImage.objects.filter(pk=replaced.pk).update(digest="0" * 64)
    shown = [
        (photo.text, photo.detail.split(",")[0], photo.url)
        for entry in reversed(timeline(kept.product_id))
        for photo in entry.photos
    ]
    url, new_url = (thumbnail_url(image.file, "small") for image in (kept, replaced))
    assert shown == [
        ("Photo added", f"no. {kept.pk}", url),
        ("Photo added", f"no. {gone_number}", ""),
        ("Photo added", f"no. {replaced.pk}", ""),
        ("Photo removed", f"no. {gone_number}", ""),
        ("Photo replaced", f"no. {replaced.pk}", new_url),
    ]
    page = admin_client.get(history_url(kept.product_id)).content.decode()
    assert f'src="{url}"' in page


# --- who --------------------------------------------------------------------------------------


def test_the_admin_names_its_user_once_for_the_product_and_its_photos(
    client: Client, encoder: Encoder
) -> None:
    anna = StaffFactory(username="anna")
    client.force_login(anna)
    product = with_photo(1, price=Decimal(3)).product
    upload = SimpleUploadedFile("b.jpg", product_photo(2), "image/jpeg")
    change(client, product, [{"DELETE": "on"}, {"file": upload, "position": ""}], price="4")
    url = reverse("admin:products_product_change", args=[product.pk])
    assert last().pgh_context == {"user": anna.pk, "url": url}
    entry = timeline(product.pk)[0]
    assert (entry.who, entry.address) == ("anna", url)
    assert [(each.label, each.old, each.new) for each in entry.changes] == [
        ("Price", "€3.00", "€4.00")
    ]
    assert sorted(photo.text for photo in entry.photos) == ["Photo added", "Photo removed"]


class PriceView(APIView):
    """A view of a partner's program: its user is known to the view only, not to the middleware."""

    authentication_classes = [BasicAuthentication]

    def post(self, _request: HttpRequest) -> Response:
        Product.objects.update(price=7)
        return Response({})


urlpatterns = [path("price/", PriceView.as_view()), path("", include("retailvision.urls"))]


@pytest.mark.urls(__name__)
def test_the_api_names_its_user() -> None:
    ProductFactory()
    partner = UserFactory(username="partner")
    client = APIClient()
    assert client.post("/price/").status_code == 401
    client.credentials(HTTP_AUTHORIZATION="Basic cGFydG5lcjpzZWNyZXQ=")
    assert client.post("/price/").status_code == 200
    assert last().pgh_context == {"user": partner.pk, "url": "/price/"}


def test_work_in_the_background_names_its_source_and_for_whom() -> None:
    product = ProductFactory()
    anna = UserFactory(username="anna")
    with acting(source="import 7", user=anna):
        product.name = "Other"
        product.save()
    entry = timeline(product.pk)[0]
    assert (entry.who, entry.source) == ("anna", "import 7")


def test_a_deleted_user_stays_named_by_number() -> None:
    anna = UserFactory()
    with acting(source="shell", user=anna):
        product = ProductFactory()
    number = anna.pk
    anna.delete()
    assert timeline(product.pk)[0].who == f"user {number} (deleted)"


@pytest.mark.django_db(transaction=True)
def test_a_name_does_not_stay_on_the_connection(client: Client) -> None:
    client.force_login(StaffFactory())
    product = ProductFactory()
    change(client, product, name="By anna")
    Product.objects.update(name="By nobody")
    with acting(source="one"):
        Product.objects.update(name="By one")
    Product.objects.update(name="By nobody again")
    recorded = ProductEvent.objects.order_by("pgh_id").values_list("name", "pgh_context")
    assert [name for name, context in recorded if context] == ["By anna", "By one"]
    assert timeline(product.pk)[0].who == "unknown, not through the site"


def test_what_else_the_site_says_to_the_database_passes_under_a_name(encoder: Encoder) -> None:
    with acting(source="everything"):
        drop_index(encoder)
        ensure_index(encoder)  # composed by psycopg, not text
        with_photo(1)  # a job of the queue, and savepoints
        assert [each.sku for each in Product.objects.iterator(chunk_size=1)]  # a named cursor
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("UPDATE products_product SET name = %(name)s", {"name": "100 %"})
    assert index_is_valid(encoder)
    assert set(Product.objects.values_list("name", flat=True)) == {"100 %"}


@pytest.mark.parametrize("method", ["get", "post"])
def test_visitors_cost_no_query_and_no_row(
    client: Client, encoder: Encoder, settings: Any, method: str
) -> None:
    with_photo(1)
    rows = ProductEvent.objects.count() + ProductImageEvent.objects.count()

    def statements() -> list[str]:
        data = {"photo": SimpleUploadedFile("q.jpg", phone_photo(1), "image/jpeg")}
        with CaptureQueriesContext(connection) as captured:
            answer = getattr(client, method)("/", data if method == "post" else {"q": "product"})
        assert answer.status_code == 200
        return [query["sql"] for query in captured]

    statements()  # what is made at the first showing
    with_history = statements()
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "pghistory" not in name]
    assert len(settings.MIDDLEWARE) > 10
    client.handler.load_middleware()
    assert len(with_history) == len(statements())
    if method == "get":
        assert not any("pghistory" in statement for statement in with_history)
    assert ProductEvent.objects.count() + ProductImageEvent.objects.count() == rows


# --- what stays -------------------------------------------------------------------------------


def test_a_deleted_product_keeps_its_history(admin_client: Client) -> None:
    product = with_photo(1, sku="A-1", name="Apple").product
    number = product.pk
    answer = admin_client.post(
        reverse("admin:products_product_delete", args=[number]), {"post": "yes"}
    )
    assert answer.status_code == 302
    assert not Product.objects.exists()
    assert labels(number) == ["insert", "delete"]
    assert photo_labels(number) == ["added", "removed"]
    page = admin_client.get(history_url(number)).content.decode()
    assert "Apple (A-1) was deleted; its history is kept." in page
    entry = timeline(number)[0]
    assert (entry.who, entry.titles) == ("admin", ["Deleted"])
    assert [photo.text for photo in entry.photos] == ["Photo removed"]


@pytest.mark.parametrize("number", ["1", "0", "9" * 30, "x", "_00"])
def test_a_product_that_never_was_has_no_history(admin_client: Client, number: str) -> None:
    url = reverse("admin:products_product_changelist") + number + "/history/"
    assert admin_client.get(url).status_code == 302


@pytest.mark.parametrize("model", [ProductEvent, ProductImageEvent])
def test_the_history_is_not_rewritten(model: Any) -> None:
    with_photo(1)
    for write in (
        lambda: model.objects.update(pgh_label="x"),
        lambda: model.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            write()
    assert model.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_is_flushed_with_its_history() -> None:
    with_photo(1)
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    assert not ProductEvent.objects.exists()
    assert not ProductImageEvent.objects.exists()


def test_products_that_were_there_before_the_history_have_something_to_differ_from() -> None:
    product = ProductFactory(name="Old")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE products_productevent")
        cursor.execute(BASELINE_SQL)
    Product.objects.update(name="New")
    newest, oldest = timeline(product.pk)
    assert [(each.old, each.new) for each in newest.changes] == [("Old", "New")]
    assert (oldest.titles, oldest.who, oldest.changes) == (["The history begins here"], "", [])


def test_a_new_product_is_shown_with_its_fields() -> None:
    product = ProductFactory(
        sku="A-1", name="Apple", category_path="Fruit", attributes={"colour": "red"}
    )
    (entry,) = timeline(product.pk)
    assert entry.titles == ["Added"]
    assert [(each.label, each.old, each.new) for each in entry.changes] == [
        ("SKU", None, "A-1"),
        ("Name", None, "Apple"),
        ("Attribute colour", None, "red"),
        ("Active", None, "Yes"),
        ("Category", None, "Fruit"),
    ]


# --- the page ---------------------------------------------------------------------------------


def test_values_are_shown_as_people_write_them(admin_client: Client) -> None:
    heir = ProductFactory(name="Heir", sku="H-1")
    product = ProductFactory(
        category_path="Fruit/Apple", brand="Acme", attributes={"colour": "red", "kind": ["a", "b"]}
    )
    product.category = Category.objects.at_path("Home/Lamps")
    product.merged_into = heir
    product.is_active = False
    product.brand = ""
    product.price = Decimal("3.5")
    product.attributes = {"colour": "green", "size": 4, "kind": ["a", "b"]}
    product.save()
    shown = {each.label: (each.old, each.new) for each in timeline(product.pk)[0].changes}
    assert shown == {
        "Brand": ("Acme", ""),
        "Category": ("Fruit/Apple", "Home/Lamps"),
        "Attribute colour": ("red", "green"),
        "Attribute size": ("", "4"),
        "Price": ("", "€3.50"),
        "Active": ("Yes", "No"),
        "Merged into": ("", "Heir (H-1)"),
    }
    page = admin_client.get(history_url(product.pk)).content.decode()
    for text in ("Fruit/Apple", "Home/Lamps", "€3.50", "Heir (H-1)", "Attribute colour"):
        assert text in page


def test_what_a_change_named_may_be_gone() -> None:
    old = Category.objects.at_path("Old")
    product = ProductFactory(category_path="New")
    heir = ProductFactory(category_path="New")
    Product.objects.filter(pk=product.pk).update(category=old, merged_into=heir)
    Product.objects.filter(pk=product.pk).update(
        category=Category.objects.at_path("New"), merged_into=None
    )
    heir_number, category_number = heir.pk, old.pk
    heir.delete()
    old.delete()
    shown = {each.label: each.old for each in timeline(product.pk)[0].changes}
    assert shown == {
        "Category": f"category {category_number} (deleted)",
        "Merged into": f"product {heir_number} (deleted)",
    }


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ({"size": 1}, {"size": "1"}, ('{"size": 1}', '{"size": "1"}')),
        ([1], {}, ("[1]", "{}")),
    ],
    ids=["reads the same", "no names"],
)
def test_attributes_that_are_no_rows_are_shown_as_they_are_stored(
    old: Any, new: Any, shown: tuple[str, str]
) -> None:
    product = ProductFactory(attributes=old)
    Product.objects.update(attributes=new)
    changes = timeline(product.pk)[0].changes
    assert [(each.label, each.old, each.new) for each in changes] == [("Attributes", *shown)]


def test_of_long_texts_the_place_where_they_differ_is_shown() -> None:
    same = "x" * 1000
    assert excerpts("short", "other") == ("short", "other")
    old, new = excerpts(same + "old end", same + "new end")
    assert old == "…" + "x" * 40 + "old end"
    assert new == "…" + "x" * 40 + "new end"
    assert excerpts("", same) == ("", "x" * 400 + "…")
    assert excerpts(same, "") == ("x" * 400 + "…", "")


def test_hostile_texts_are_escaped(admin_client: Client) -> None:
    product = ProductFactory(name="<b>bold</b>", attributes={"<i>": "<script>x</script>"})
    with acting(source="<u>source</u>"):
        Product.objects.update(description="<img src=x>")
    page = admin_client.get(history_url(product.pk)).content.decode()
    product_number = product.pk
    product.delete()
    page += admin_client.get(history_url(product_number)).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt; (" in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    for tag in ("<b>bold", "<script>x", "<img src=x", "<u>source"):
        assert tag not in page


@pytest.mark.parametrize(
    ("permissions", "status"),
    [([], 403), (["view_category"], 403), (["view_product"], 200), (["change_product"], 200)],
)
def test_who_may_see_the_product_may_see_its_history(
    client: Client, permissions: list[str], status: int
) -> None:
    product = ProductFactory()
    deleted = ProductFactory()
    number = deleted.pk
    deleted.delete()
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    assert client.get(history_url(product.pk)).status_code == status
    assert client.get(history_url(number)).status_code == status
    client.logout()
    assert client.get(history_url(product.pk)).status_code == 302


def test_nothing_of_the_history_stands_in_the_index_of_the_admin(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:index")).content.decode().lower()
    assert "pghistory" not in page
    assert "productevent" not in page
    assert "productimageevent" not in page
    assert not Permission.objects.filter(
        codename__contains="event", content_type__app_label="products"
    )


def _happen(product: Product, numbers: range) -> None:
    """Five events a number, of all kinds that are read by queries of their own."""
    heir = ProductFactory()
    for number in numbers:
        with acting(source="test", user=UserFactory()):
            image = with_photo(number, product)
            Product.objects.filter(pk=product.pk).update(
                price=number + 1, category=Category.objects.at_path(f"Kind {number}/Small")
            )
            Product.objects.filter(pk=product.pk).update(merged_into=heir)
            Product.objects.filter(pk=product.pk).update(merged_into=None)
            if number % 2:
                image.delete()
            else:
                ProductImage.objects.filter(pk=image.pk).update(position=1000 + number)


def test_the_page_costs_the_same_for_ten_and_for_a_hundred_events(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from products.admin import ProductAdmin

    monkeypatch.setattr(ProductAdmin, "history_per_page", 200)
    product = ProductFactory()

    def queries() -> list[str]:
        admin_client.get(history_url(product.pk))  # thumbnails are made at their first showing
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(history_url(product.pk)).status_code == 200
        return [query["sql"] for query in captured]

    _happen(product, range(2))
    few = queries()
    assert references(product.pk).count() == 11
    _happen(product, range(2, 20))
    many = queries()
    assert references(product.pk).count() == 101
    assert len(many) == len(few), "\n".join(many)
    assert len(many) < 20, "\n".join(many)


def test_three_hundred_events_are_cut_into_pages_newest_first(admin_client: Client) -> None:
    product = ProductFactory(price=Decimal(1))
    for number in range(2, 301):
        with acting(source=f"run {number}"):
            Product.objects.update(price=number)
    pages = [
        admin_client.get(history_url(product.pk), {"p": number}).context["entries"]
        for number in range(1, 7)
    ]
    assert [len(page) for page in pages] == [50] * 6
    all_entries = [entry for page in pages for entry in page]
    assert [entry.source for entry in all_entries[:-1]] == [
        f"run {number}" for number in range(300, 1, -1)
    ]
    # The first change of a page differs from the last of the page before.
    assert [each.old for each in pages[0][-1].changes] == ["€250.00"]
    page = admin_client.get(history_url(product.pk), {"p": "99999"})
    assert page.context["page"].number == 6
    assert "300 changes" in page.content.decode()
