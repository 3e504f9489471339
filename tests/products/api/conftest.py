"""What tests of the catalogue's API share."""

import pytest

from products.models import Category
from tests.products.api.client import Api
from tests.products.api.client import editor as an_editor
from tests.products.api.client import partner as a_partner


@pytest.fixture
def partner(db: None) -> Api:
    return a_partner()


@pytest.fixture
def editor(db: None) -> Api:
    return an_editor()


@pytest.fixture
def lamps(db: None) -> Category:
    return Category.objects.at_path("Home/Lamps")
