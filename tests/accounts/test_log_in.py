"""Where a log-in leads."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import ANALYST, CATALOGUE_EDITOR, PARTNER, STORE_CLERK
from tests.factories import StaffFactory, StoreFactory, UserFactory, person

pytestmark = pytest.mark.django_db

ADMIN, STOCK, SEARCH = "/admin/", "/stock/", "/"


def who(role: str) -> object:
    match role:
        case "superuser":
            return StaffFactory()
        case "staff":
            return UserFactory(is_staff=True)
        case "customer":
            return UserFactory()
    return person(role, StoreFactory())


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("superuser", ADMIN),
        ("staff", ADMIN),
        (CATALOGUE_EDITOR, ADMIN),
        (ANALYST, ADMIN),
        (STORE_CLERK, STOCK),
        (PARTNER, STOCK),
        ("customer", SEARCH),
    ],
)
@pytest.mark.parametrize("page", ["accounts:login", "admin:login"])
def test_a_log_in_that_names_no_page_leads_to_the_persons_work(
    client: Client, role: str, address: str, page: str
) -> None:
    user = who(role)
    data = {"username": user.username, "password": "secret"}
    answer = client.post(reverse(page), data, follow=True)
    if page == "admin:login" and not user.is_staff:
        assert answer.status_code == 200  # not let into the admin, and told so
        assert "_auth_user_id" not in client.session
        return
    assert answer.redirect_chain[-1][0] == address
    assert answer.status_code == 200


def test_home_is_for_those_who_are_known(client: Client) -> None:
    assert client.get(reverse("accounts:home")).url.startswith(reverse("accounts:login"))


def test_a_page_that_is_named_is_led_to(client: Client) -> None:
    data = {"username": who("staff").username, "password": "secret", "next": "/admin/products/"}
    assert client.post(reverse("admin:login"), data).url == "/admin/products/"
