"""Rows for tests, by factory_boy."""

from collections.abc import Iterable
from typing import Any

import factory
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from accounts.roles import PARTNER, ensure_roles
from products.models import Category, Product, ProductImage
from products.photos import add_photo
from stores.actions import Action
from stores.ledger import receive
from stores.models import StockLevel, Store
from tests.pictures import product_photo

CLERK_PERMISSIONS = tuple(Action)


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


class StoreFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Store

    code = factory.Sequence(lambda n: f"S{n:03d}")
    name = factory.Sequence(lambda n: f"Store {n}")


def clerk_of(*stores: Store, permissions: Iterable[str] = CLERK_PERMISSIONS) -> Any:
    """Somebody who may do all that clerks do, in these stores."""
    user = UserFactory(is_staff=True)
    wanted = Q()
    for permission in permissions:
        app, codename = permission.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    user.user_permissions.set(Permission.objects.filter(wanted))
    user.stores.set(stores)
    return user


def with_stock(store: Store, product: Product, quantity: int) -> StockLevel:
    """Puts stock into a store, as the ledger does."""
    receive(actor=StaffFactory(), store=store, lines=[(product, quantity)])
    return StockLevel.objects.get(store=store, product=product)


def person(role: str, *stores: Store, **fields: Any) -> Any:
    """Somebody of a role, staff in these stores. Partners use the API alone."""
    if not Group.objects.filter(name=role).exists():  # a test without transactions empties tables
        ensure_roles(apps)
    user = UserFactory(**{"is_staff": role != PARTNER, **fields})
    user.groups.add(Group.objects.get(name=role))
    user.stores.set(stores)
    return user
