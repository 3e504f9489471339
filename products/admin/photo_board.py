"""The photos of a product as tiles: dropped, ordered and deleted one by one, each at once.

Every address answers with the tiles as they then are (JSON: `tiles`, and `error` where something was
refused), so that the page shows what the database holds and not what it hoped for.
"""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from products import slots
from products.admin.pictures import picture_url
from products.decoding import DecodingBusy
from products.models import Product, ProductImage
from products.photos import add_photo, delete_photo, photo_limits, reorder_photos


class PhotoBoardMixin:
    """The addresses behind the tiles, and the tiles themselves."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        views = [
            ("", "photos", require_GET(self.photos_view)),
            ("add/", "photo_add", require_POST(self.photo_add_view)),
            ("order/", "photo_order", require_POST(self.photo_order_view)),
            ("<int:photo>/delete/", "photo_delete", require_POST(self.photo_delete_view)),
            ("<int:photo>/do/<slug:name>/", "photo_action", require_POST(self.photo_action_view)),
        ]
        own = [
            path(
                f"<int:pk>/photos/{tail}",
                self.admin_site.admin_view(view),
                name=f"products_product_{name}",
            )
            for tail, name, view in views
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def photos_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        product = self._product(request, pk)
        if not self.has_view_permission(request, product):  # type: ignore[attr-defined]
            raise PermissionDenied
        return self._answer(request, product)

    def photo_add_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """Takes one photo, `file`, behind the others."""
        product = self._changeable(request, pk, "products.add_productimage")
        upload = request.FILES.get("file")
        if upload is None:
            return self._answer(request, product, _("No photo arrived. Choose it again."))
        try:
            added = add_photo(product=product, data=upload.read(photo_limits().max_bytes + 1))
        except DecodingBusy as error:
            return self._answer(request, product, str(error.message))
        except ValidationError as error:
            return self._answer(request, product, " ".join(error.messages))
        if not added.created:
            return self._answer(request, product, _("This product has this photo already."))
        self._log(request, product, _("Added a photo."))
        return self._answer(request, product)

    def photo_order_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """Takes `ids`, those of all photos with commas between them."""
        product = self._changeable(request, pk, "products.change_productimage")
        try:
            # Python would read endless digits for as long as they are.
            ids = [int(text[:20]) for text in request.POST.get("ids", "").split(",") if text]
            reorder_photos(product=product, ids=ids)
        except ValidationError as error:
            return self._answer(request, product, " ".join(error.messages))
        except ValueError:
            return self._answer(request, product, _("The order names no photos."))
        self._log(request, product, _("Changed the order of the photos."))
        return self._answer(request, product)

    def photo_delete_view(self, request: HttpRequest, pk: int, photo: int) -> JsonResponse:
        product = self._changeable(request, pk, "products.delete_productimage")
        delete_photo(product=product, photo_id=photo)
        self._log(request, product, _("Deleted a photo."))
        return self._answer(request, product)

    def photo_action_view(
        self, request: HttpRequest, pk: int, photo: int, name: str
    ) -> JsonResponse:  # fmt: skip
        product = self._changeable(request, pk, "products.change_productimage")
        action = next((each for each in slots.photo_actions if each.name == name), None)
        image = ProductImage.objects.filter(product=product, pk=photo).first()
        if action is None:
            raise Http404
        if image is None:
            return self._answer(request, product, _("This photo was deleted meanwhile."))
        return self._answer(request, product, note=action.run(image))

    def _product(self, request: HttpRequest, pk: int) -> Product:
        product = self.get_object(request, unquote(str(pk)))  # type: ignore[attr-defined]
        if product is None:
            raise Http404
        return product

    def _changeable(self, request: HttpRequest, pk: int, permission: str) -> Product:
        product = self._product(request, pk)
        if not (
            self.has_change_permission(request, product)  # type: ignore[attr-defined]
            and request.user.has_perm(permission)
        ):
            raise PermissionDenied
        return product

    def _log(self, request: HttpRequest, product: Product, message: str) -> None:
        self.log_change(request, product, message)  # type: ignore[attr-defined]

    def _answer(
        self, request: HttpRequest, product: Product, error: str = "", note: str = ""
    ) -> JsonResponse:  # fmt: skip
        tiles = render_to_string(
            "admin/products/product/photo_tiles.html", tiles_context(request, product), request
        )
        answer = {"tiles": tiles, "error": error, "note": note}
        return JsonResponse(answer, status=400 if error else 200)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        product = kwargs.get("obj")
        limits = photo_limits()
        context["photo_megabytes"] = limits.max_bytes // 2**20
        if product is not None and not context.get("is_popup"):
            context.update(tiles_context(request, product))
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]
        return answer


def tiles_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """What the tiles show, by a fixed number of queries."""
    images = list(
        ProductImage.objects.filter(product=product)
        .order_by("position", "id")
        .prefetch_related(*slots.photo_prefetch)
    )
    user: Any = request.user
    change = user.has_perm("products.change_product")

    def address(name: str, *more: Any) -> str:
        return reverse(f"admin:products_product_{name}", args=[product.pk, *more])

    tiles = [
        {
            "image": image,
            "url": picture_url(image, "card"),
            "states": [column(image) for column in slots.photo_columns],
            "delete": address("photo_delete", image.pk),
            "actions": [
                {"label": action.label, "url": address("photo_action", image.pk, action.name)}
                for action in slots.photo_actions
                if action.applies(image)
            ],
        }
        for image in images
    ]
    return {
        "board": {
            "tiles": tiles,
            "product": product,
            "url": address("photos"),
            "add_url": address("photo_add"),
            "order_url": address("photo_order"),
            "may_add": change and user.has_perm("products.add_productimage"),
            "may_change": change and user.has_perm("products.change_productimage"),
            "may_delete": change and user.has_perm("products.delete_productimage"),
        }
    }
