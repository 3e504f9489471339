"""Products: found, made, read, changed and deleted."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import PreconditionRequired
from api.etags import is_unchanged, require_match
from api.views import refuse_unknown, valid
from products import policy
from products.api import examples
from products.api.filters import ProductFilter
from products.api.frame import IF_MATCH, IF_NONE_MATCH, CatalogueView, absolute, described
from products.api.paging import ORDERINGS, ProductPages
from products.api.paging import PARAMETER as ORDERING
from products.api.serializers import (
    CatalogueProductOutput,
    ProductChange,
    ProductInput,
    ProductWithPhotosInput,
)
from products.api.shown import (
    FIELDS,
    VERSION_LENGTH,
    as_data,
    tag_of,
    version_of,
    wanted_fields,
    with_fields,
)
from products.api.shown import PARAMETER as SOME_FIELDS
from products.catalogue_writing import change_product, create_product, delete_product
from products.json_parser import TextJSONParser
from products.models import Product, ProductQuerySet

_FIELDS = OpenApiParameter(
    SOME_FIELDS,
    {"type": "array", "items": {"type": "string", "enum": list(FIELDS)}},
    OpenApiParameter.QUERY,
    explode=False,
    style="form",
    description="Only these fields, with commas between them.",
)
_ORDERING = OpenApiParameter(
    ORDERING,
    str,
    OpenApiParameter.QUERY,
    enum=list(ORDERINGS),
    description="By SKU, or in the order in which they were made (the default).",
)


class ProductsView(CatalogueView):
    parser_classes = (TextJSONParser, MultiPartParser)
    queryset = Product.objects.none()  # whose filters the API's document describes
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ProductFilter
    pagination_class = ProductPages

    @described(
        "products",
        answers={200: CatalogueProductOutput(many=True)},
        refused=[404],
        parameters=[_FIELDS, _ORDERING],
        examples=examples.PRODUCT,
    )
    def get(self, request: Request) -> Response:
        """Products, page by page. Rows that are added meanwhile do not move the others.

        Inactive and merged products are shown to those who may change products.
        """
        products = policy.readable_products(request.user).order_by()
        fields = wanted_fields(request.query_params)
        found: Any = self.filter_queryset(products)
        page: Any = self.paginate_queryset(with_fields(found, fields))
        return self.get_paginated_response(as_data(page, fields, absolute(request)))

    @described(
        "create_product",
        request={
            "application/json": ProductInput,
            "multipart/form-data": ProductWithPhotosInput,
        },
        answers={201: CatalogueProductOutput},
        refused=[409, 503],
        examples=[*examples.NEW_PRODUCT, *examples.PRODUCT],
    )
    def post(self, request: Request) -> Response:
        """Makes a product; as a form, with its first photos: all of it, or nothing."""
        policy.require_new_product(request.user, with_photos=bool(request.FILES))
        policy.readable_products(request.user)  # before anything is written
        fields = valid(ProductWithPhotosInput, request.data)
        photos = fields.pop("photos", [])
        product = create_product(fields=fields, photos=photos)
        address = reverse("v1:product", kwargs={"sku": product.sku})
        location = request.build_absolute_uri(address)
        # Who made it sees what was made, also where it is inactive and theirs no longer.
        made = Product.objects.filter(pk=product.pk)
        return _shown(request, product.sku, of=made, status=201, headers={"Location": location})


class ProductView(CatalogueView):
    @described(
        "product",
        answers={200: CatalogueProductOutput, 304: None},
        refused=[404],
        parameters=[_FIELDS, IF_NONE_MATCH],
        examples=examples.PRODUCT,
    )
    def get(self, request: Request, sku: str) -> Response:
        """A product by its SKU. Its ETag names the version that a change goes out from."""
        wanted = wanted_fields(request.query_params)
        return _shown(request, sku, wanted)

    @described(
        "change_product",
        request=ProductChange,
        answers={200: CatalogueProductOutput},
        refused=[404, 409, 412, 428],
        parameters=[IF_MATCH],
        examples=[*examples.CHANGED_PRODUCT, *examples.PRODUCT],
    )
    def patch(self, request: Request, sku: str) -> Response:
        """Changes the fields that are sent, if nobody has changed the product meanwhile (`If-Match`)."""
        policy.require(request.user, policy.CHANGE_PRODUCT)
        products = policy.readable_products(request.user)
        _require_version(request, products, sku)
        given = ProductChange(data=request.data, partial=True)
        refuse_unknown(request.data, given.fields)
        given.is_valid(raise_exception=True)
        change_product(
            products=products,
            sku=sku,
            fields=given.validated_data,
            check=lambda product: _check(request, product),
        )
        return _shown(request, sku)

    @described(
        "delete_product",
        answers={204: None},
        refused=[404, 409, 412, 428],
        parameters=[IF_MATCH],
    )
    def delete(self, request: Request, sku: str) -> Response:
        """Deletes a product with its photos, if nobody has changed it meanwhile (`If-Match`).

        One that stock or sightings point to stays (409): set `is_active` to false instead.
        """
        policy.require(request.user, policy.DELETE_PRODUCT)
        products = policy.readable_products(request.user)
        _require_version(request, products, sku)
        delete_product(products=products, sku=sku, check=lambda product: _check(request, product))
        return Response(status=204)


def _require_version(request: Request, products: Any, sku: str) -> None:
    """What is missing is said before anything of the request is looked at."""
    get_object_or_404(products.only("id"), sku=sku)
    if not request.headers.get("If-Match", "").strip():
        raise PreconditionRequired


def _check(request: Request, product: Product) -> None:
    require_match(request, f'"{version_of(product)}"', length=VERSION_LENGTH)


def _shown(
    request: Request,
    sku: str,
    fields: tuple[str, ...] = FIELDS,
    *,
    of: ProductQuerySet | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """A product with its ETag; 304 where the caller has just this."""
    readable = policy.readable_products(request.user) if of is None else of
    products = with_fields(readable, FIELDS)
    product = get_object_or_404(products, sku=sku)
    data = as_data([product], FIELDS, absolute(request))[0]
    if fields != FIELDS:
        data = {name: data[name] for name in fields}
    tag = tag_of(product, data)
    if request.method in ("GET", "HEAD") and is_unchanged(request, tag):
        return Response(status=304, headers={"ETag": tag})
    return Response(data, status=status, headers={"ETag": tag, **(headers or {})})
