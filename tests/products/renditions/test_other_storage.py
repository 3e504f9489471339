"""Renditions in a storage that has no paths, as a bucket has none."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.template import Context, Template

from products.imaging.renditions import renditions_of
from products.models import ProductImage
from products.renditions.files import rendition_name
from products.renditions.lost import forget_lost
from products.renditions.making import make_due
from tests.factories import with_photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bucket(settings: Any) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}


def names(image: ProductImage) -> list[str]:
    every = renditions_of((image.width, image.height), transparent=False)
    return [rendition_name(str(image.file.name), each) for each in every]


def test_they_are_made_shown_and_deleted() -> None:
    image = with_photo(1)
    assert make_due().made == 1
    image.refresh_from_db()
    made = names(image)
    assert all(default_storage.exists(name) for name in made)
    html = Template('{% load pictures %}{% picture image "card" %}').render(
        Context({"image": image})
    )
    assert default_storage.url(made[0].replace("120x120", "240x240")) in html
    image.delete()
    assert not any(default_storage.exists(name) for name in made)


def test_made_again_they_take_their_own_place() -> None:
    image = with_photo(1)
    make_due()
    ProductImage.objects.update(renditions=0)
    make_due()
    folder = names(image)[0].rpartition("/")[0]
    assert len(default_storage.listdir(folder)[1]) == len(names(image))


def test_what_it_has_lost_is_found() -> None:
    image = with_photo(1)
    make_due()
    assert forget_lost() == 0
    default_storage.delete(names(image)[2])
    assert forget_lost() == 1
    assert make_due().made == 1
