"""The photos of a product."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import valid
from products import policy
from products.api import examples
from products.api.frame import CatalogueView, absolute, described
from products.api.serializers import (
    AddedPhotoOutput,
    AddedPhotosOutput,
    CataloguePhotoOutput,
    PhotoOrderInput,
    PhotosInput,
    PhotosOutput,
)
from products.api.shown import load_photo_fields
from products.models import Product, ProductImage
from products.photos import delete_photo, reorder_photos, store_photos
from products.thumbnails import thumbnail_url


def _product(request: Request, sku: str) -> Product:
    return get_object_or_404(policy.readable_products(request.user).defer("text"), sku=sku)


def _photo(request: Request, sku: str, photo: int) -> ProductImage:
    product = _product(request, sku)
    image: ProductImage = get_object_or_404(policy.readable_photos(request.user, product), pk=photo)
    return image


def _all(request: Request, product: Product) -> Response:
    images = list(policy.readable_photos(request.user, product).order_by("position", "id"))
    load_photo_fields(images)
    shown = PhotosOutput({"photos": images}, context=absolute(request))
    return Response(shown.data)


class PhotosView(CatalogueView):
    parser_classes = (MultiPartParser,)

    @described("photos", answers={200: PhotosOutput}, refused=[404], examples=examples.PHOTOS)
    def get(self, request: Request, sku: str) -> Response:
        """The photos of a product in their order, with what recognition has made of them."""
        return _all(request, _product(request, sku))

    @described(
        "add_photos",
        request={"multipart/form-data": PhotosInput},
        answers={200: AddedPhotosOutput, 201: AddedPhotosOutput},
        refused=[404, 409, 503],
        examples=examples.ADDED_PHOTOS,
    )
    def post(self, request: Request, sku: str) -> Response:
        """Puts photos behind the others of a product, all of them or none.

        Answered 201, or 200 where the product had all of them already.
        """
        policy.require(request.user, policy.ADD_PHOTO)
        product = _product(request, sku)
        prepared = valid(PhotosInput, request.data)["photos"]
        added = store_photos(product=product, prepared=prepared)
        images: list[Any] = []
        for each in added:
            image: Any = each.image
            image.created = each.created
            images.append(image)
        load_photo_fields(images)
        shown = AddedPhotoOutput(images, many=True, context=absolute(request)).data
        status = 201 if any(each.created for each in added) else 200
        return Response({"photos": shown}, status=status)


class PhotoOrderView(CatalogueView):
    @described(
        "order_photos",
        request=PhotoOrderInput,
        answers={200: PhotosOutput},
        refused=[404, 409],
        examples=[*examples.ORDER, *examples.PHOTOS],
    )
    def put(self, request: Request, sku: str) -> Response:
        """Puts the photos in the order of `ids`, which names each of them once."""
        policy.require(request.user, policy.CHANGE_PHOTO)
        product = _product(request, sku)
        policy.readable_photos(request.user, product)  # before anything is written
        reorder_photos(product=product, ids=valid(PhotoOrderInput, request.data)["ids"])
        return _all(request, product)


class PhotoView(CatalogueView):
    @described("photo", answers={200: CataloguePhotoOutput}, refused=[404], examples=examples.PHOTO)
    def get(self, request: Request, sku: str, photo: int) -> Response:
        """One photo, with what recognition has made of it."""
        image = _photo(request, sku, photo)
        load_photo_fields([image])
        return Response(CataloguePhotoOutput(image, context=absolute(request)).data)

    @described("delete_photo", answers={204: None}, refused=[404, 409])
    def delete(self, request: Request, sku: str, photo: int) -> Response:
        """Deletes a photo; the next one becomes the face where it was the first."""
        policy.require(request.user, policy.DELETE_PHOTO)
        image = _photo(request, sku, photo)
        delete_photo(product=image.product, photo_id=image.pk)
        return Response(status=204)


class ThumbnailView(CatalogueView):
    @described(
        "photo_thumbnail",
        answers={302: OpenApiResponse(description="Leads to the small photo.")},
        refused=[404],
    )
    def get(self, request: Request, photo: int) -> Response:
        """Makes the small one of a photo, if there is none yet, and leads to it."""
        products = policy.readable_products(request.user)
        policy.require(request.user, ("products.view_productimage",))
        images = ProductImage.objects.filter(product__in=products)
        url = thumbnail_url(get_object_or_404(images, pk=photo).file, "card")
        if not url:  # its file is gone
            raise Http404
        return Response(status=302, headers={"Location": request.build_absolute_uri(url)})
