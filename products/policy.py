"""Who may do what with the catalogue through the API, asked in one place.

A key only narrows this: what its scopes allow is asked before (`api.permissions`).
"""

from typing import Any

from products.models import Category, Product, ProductImage, ProductQuerySet
from products.models.category import CategoryQuerySet
from products.refusals import NotAllowed

_VIEW, _CHANGE = "products.view_product", "products.change_product"

ADD_PRODUCT = ("products.add_product",)
CHANGE_PRODUCT = (_CHANGE,)
DELETE_PRODUCT = ("products.delete_product",)
# A photo is part of its product, as on its page in the admin.
ADD_PHOTO = (_CHANGE, "products.add_productimage")
CHANGE_PHOTO = (_CHANGE, "products.change_productimage")
DELETE_PHOTO = (_CHANGE, "products.delete_productimage")
ADD_CATEGORY = ("products.add_category",)
CHANGE_CATEGORY = ("products.change_category",)
DELETE_CATEGORY = ("products.delete_category",)


def require(user: Any, permissions: tuple[str, ...]) -> None:
    """Raises:
    NotAllowed: the user lacks one of them; it is named.
    """
    for permission in permissions:
        if not user.has_perm(permission):
            raise NotAllowed(permission)


def require_new_product(user: Any, *, with_photos: bool) -> None:
    """Who adds a product may send its first photos along, without being one who changes products.

    Raises:
        NotAllowed: a permission is missing.
    """
    require(user, ADD_PRODUCT)
    if with_photos:
        require(user, ("products.add_productimage",))


def sees_unpublished(user: Any) -> bool:
    """Whether products that are not active are there for this user at all."""
    return bool(user.has_perm(_CHANGE))


def readable_products(user: Any) -> ProductQuerySet:
    """Those who may change products see all of them; everybody else, what customers see.

    Raises:
        NotAllowed: looking at products is not among what they may do.
    """
    require(user, (_VIEW,))
    products: Any = Product.objects.all()
    return products if sees_unpublished(user) else products.active()


def readable_photos(user: Any, product: Product) -> Any:
    """Raises:
    NotAllowed: looking at photos is not among what they may do.
    """
    require(user, ("products.view_productimage",))
    return ProductImage.objects.filter(product=product)


def readable_categories(user: Any) -> CategoryQuerySet:
    """Raises:
    NotAllowed: looking at categories is not among what they may do.
    """
    require(user, ("products.view_category",))
    categories: CategoryQuerySet = Category.objects.all()
    return categories
