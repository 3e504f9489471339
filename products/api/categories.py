"""The tree of categories."""

from typing import Any

from django.core.exceptions import ValidationError as Unclean
from django.db.models import Func, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import refuse_unknown, valid
from products import policy
from products.api import examples
from products.api.errors import details_of
from products.api.filters import CategoryFilter
from products.api.frame import CatalogueView, described
from products.api.paging import CategoryPages
from products.api.serializers import CategoryChange, CategoryOutput, CategoryPathInput
from products.category_tree import change_category, clean_name, delete_category, ensure_category
from products.models import Category
from products.models.category import CategoryQuerySet


def _readable(user: Any) -> CategoryQuerySet:
    """With their paths and the numbers of the products in them, all by the one query."""
    products = policy.readable_products(user).order_by()
    number = Func("pk", function="COUNT", output_field=IntegerField())

    def count(**where: Any) -> Any:
        found = products.filter(**where).annotate(number=number).values("number")
        return Coalesce(Subquery(found), 0)

    categories: CategoryQuerySet = policy.readable_categories(user).with_full_names()
    return categories.annotate(
        number_here=count(category=OuterRef("pk")),
        number_inside=count(category__path__startswith=OuterRef("path")),
    )


def _shown(request: Request, pk: int, status: int = 200, **headers: str) -> Response:
    category: Any = get_object_or_404(_readable(request.user), pk=pk)
    return Response(CategoryOutput(category).data, status=status, headers=headers)


class CategoriesView(CatalogueView):
    queryset = Category.objects.none()  # whose filters the API's document describes
    filter_backends = (DjangoFilterBackend,)
    filterset_class = CategoryFilter
    pagination_class = CategoryPages

    @described(
        "categories",
        answers={200: CategoryOutput(many=True)},
        refused=[404],
        examples=examples.CATEGORY,
    )
    def get(self, request: Request) -> Response:
        """The tree as a flat list: each category before those below it."""
        return self.page(self.filter_queryset(_readable(request.user)), CategoryOutput)

    @described(
        "create_category",
        request=CategoryPathInput,
        answers={200: CategoryOutput, 201: CategoryOutput},
        refused=[409],
        examples=[*examples.NEW_CATEGORY, *examples.CATEGORY],
    )
    def post(self, request: Request) -> Response:
        """Makes the category of a path with all that is missing above it.

        Answered 201, or 200 where it was there, whatever the letter case.
        """
        policy.require(request.user, policy.ADD_CATEGORY)
        policy.readable_categories(request.user)  # before anything is written
        path = valid(CategoryPathInput, request.data)["path"]
        try:
            category, created = ensure_category(path=path)
        except Unclean as error:
            raise ValidationError({"path": details_of(error)}) from error
        address = reverse("v1:category", kwargs={"category": category.pk})
        location = request.build_absolute_uri(address)
        return _shown(request, category.pk, 201 if created else 200, Location=location)


class CategoryView(CatalogueView):
    @described("category", answers={200: CategoryOutput}, refused=[404], examples=examples.CATEGORY)
    def get(self, request: Request, category: int) -> Response:
        """A category by its id; by its path, `GET /api/v1/categories/?path=` finds it."""
        return _shown(request, category)

    @described(
        "change_category",
        request=CategoryChange,
        answers={200: CategoryOutput},
        refused=[404, 409],
        examples=[*examples.CHANGED_CATEGORY, *examples.CATEGORY],
    )
    def patch(self, request: Request, category: int) -> Response:
        """Gives a category another name, or another place with all that is in it."""
        policy.require(request.user, policy.CHANGE_CATEGORY)
        found: Any = get_object_or_404(policy.readable_categories(request.user), pk=category)
        given = CategoryChange(data=request.data, partial=True)
        refuse_unknown(request.data, given.fields)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        change_category(
            category_id=found.pk,
            name=_name(data["name"]) if "name" in data else None,
            parent=data.get("parent"),
            moves="parent" in data,
        )
        return _shown(request, found.pk)

    @described("delete_category", answers={204: None}, refused=[404, 409])
    def delete(self, request: Request, category: int) -> Response:
        """Deletes an empty category. One with products or categories in it stays (409)."""
        policy.require(request.user, policy.DELETE_CATEGORY)
        found: Any = get_object_or_404(policy.readable_categories(request.user), pk=category)
        delete_category(category_id=found.pk)
        return Response(status=204)


def _name(text: str) -> str:
    try:
        return clean_name(text)
    except Unclean as error:
        raise ValidationError({"name": details_of(error)}) from error
