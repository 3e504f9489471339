"""What tests of the stores' admin share."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import CLERK_PERMISSIONS, clerk_of

# What lets somebody read the pages, beside what clerks do.
READ = (
    "stores.view_store", "stores.view_stockmovement", "stores.view_stockoperation",
    "stores.view_transfer", "stores.view_stocktake", "products.view_product",
)  # fmt: skip


def staff_of(*stores: Any, permissions: Any = CLERK_PERMISSIONS) -> Any:
    """A clerk of these stores who may read their pages in the admin."""
    return clerk_of(*stores, permissions=[*permissions, *READ])


def analyst() -> Any:
    """Reads everything, writes nothing."""
    return clerk_of(
        permissions=["stores.view_stocklevel", "stores.see_all_stores", *READ],
    )


def logged_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def errors(answer: Any) -> list[str]:
    """The messages of the forms of a booking page that came back."""
    assert answer.status_code == 200
    forms = [answer.context["form"], *(answer.context.get("lines") or [])]
    found = [text for form in forms for texts in form.errors.values() for text in texts]
    lines = answer.context.get("lines")
    return [*found, *(lines.non_form_errors() if lines is not None else [])]


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


def assert_constant(client: Client, url: str, add: Any) -> None:
    """`add(numbers)` makes rows; ten of them cost as many queries as a hundred."""
    add(range(10))
    client.get(url)
    few = queries(client, url)
    add(range(10, 100))
    client.get(url)
    many = queries(client, url)
    assert len(many) == len(few), "\n".join(many)
