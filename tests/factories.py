"""Rows for tests, by factory_boy."""

import factory
from django.contrib.auth import get_user_model

from products.models import Category, Product, ProductImage
from products.photos import add_photo
from tests.pictures import product_photo


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password("secret")


class StaffFactory(UserFactory):
    is_staff = True
    is_superuser = True


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product
        exclude = ["category_path"]

    category_path = "Things/Small"
    category = factory.LazyAttribute(lambda o: Category.objects.at_path(o.category_path))
    sku = factory.Sequence(lambda n: f"SKU-{n:05d}")
    name = factory.Sequence(lambda n: f"Product {n}")


def with_photo(seed: int, product: Product | None = None, **fields: object) -> ProductImage:
    """A product (or the given one) with the photo of a seed."""
    product = product or ProductFactory(**fields)
    return add_photo(product=product, data=product_photo(seed)).image
