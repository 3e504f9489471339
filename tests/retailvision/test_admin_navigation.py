"""The sidebar of the admin: grouped by subject, and only what a person may see."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import StoreFactory

pytestmark = pytest.mark.django_db


def sidebar(client: Client) -> dict[str, list[str]]:
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    return {
        str(group.get("title", "")): [
            str(item["title"]) for item in group["items"] if item["has_permission"]
        ]
        for group in answer.context["sidebar_navigation"]
    }


def test_subjects_stand_in_their_order(admin_client: Client) -> None:
    groups = sidebar(admin_client)
    assert list(groups) == ["", "Catalogue", "Stock", "Recognition", "People", "Webhooks", "System"]
    assert groups["Catalogue"][:2] == ["Products", "Categories"]
    assert groups["System"] == ["Background jobs"]


def test_every_link_answers(admin_client: Client) -> None:
    StoreFactory()
    answer = admin_client.get(reverse("admin:index"))
    for group in answer.context["sidebar_navigation"]:
        for item in group["items"]:
            assert admin_client.get(str(item["link"])).status_code == 200, item["title"]


def test_people_are_offered_what_they_may_see(client: Client) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_product"))
    client.force_login(clerk)
    groups = {title: items for title, items in sidebar(client).items() if title and items}
    assert groups == {"Catalogue": ["Products"]}
