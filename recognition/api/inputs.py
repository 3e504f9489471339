"""What a search and a recognition take, for validation and for the OpenAPI schema."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _
from PIL import Image
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from products.serializers import CategoryField
from recognition.api.including import IncludeField
from recognition.filters import Filters
from recognition.query_photos import parse_box, read_one_of_several, read_upload
from recognition.search import Query
from stores.models import Store
from stores.serializers import StoreField

_PHOTO_HELP = "A photo of the product: JPEG, PNG, WebP, HEIC, AVIF or GIF."
_BOX_HELP = (
    "Part of the upright photo to look at: left,top,width,height, each 0..1. Of one photo only."
)


class PhotoField(serializers.FileField):
    """An uploaded photo, through the site's one door. Gives an upright picture."""

    read: Callable[[File], Image.Image] = staticmethod(read_upload)

    def to_internal_value(self, data: Any) -> Any:
        upload = super().to_internal_value(data)
        try:
            return self.read(upload)
        except ValidationError as error:
            raise _as_api_error(error) from error


class _OneOfSeveral(PhotoField):
    read = staticmethod(read_one_of_several)


class PhotosField(serializers.ListField):
    """Several uploaded photos; one that is refused is named by its place, from 0."""

    child = _OneOfSeveral(allow_empty_file=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty=False, max_length=settings.SEARCH_MAX_PHOTOS, **kwargs)

    def run_child_validation(self, data: Any) -> Any:
        photos = list(data)
        # Before any of them is decoded; the list's own check comes after that.
        if len(photos) > settings.SEARCH_MAX_PHOTOS:
            self.fail("max_length", max_length=settings.SEARCH_MAX_PHOTOS)
        return super().run_child_validation(photos)


class BoxField(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        try:
            return parse_box(super().to_internal_value(data))
        except ValidationError as error:
            raise _as_api_error(error) from error


class PhotosInput(serializers.Serializer):
    """One photo as `image`, or several as `images`."""

    image = PhotoField(required=False, allow_empty_file=True, help_text=_PHOTO_HELP)
    images = PhotosField(
        required=False,
        help_text="Up to 16 photos, in place of `image`: each is a query of its own, and the answer has"
        " `answers` in the same order. One that is refused refuses them all.",
    )
    photos_of_one = serializers.BooleanField(
        required=False,
        default=False,
        help_text="True: all `images` show one and the same thing, and there is one answer.",
    )
    box = BoxField(required=False, allow_blank=True, help_text=_BOX_HELP)
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=settings.SEARCH_MAX_LIMIT,
        default=settings.SEARCH_DEFAULT_LIMIT,
        help_text="How many products at most.",
    )
    include = IncludeField(required=False)

    def to_internal_value(self, data: Any) -> Any:
        """Looks first at what costs nothing: photos are decoded by their fields."""
        if isinstance(data, Mapping):
            self._refuse_twice(data)
            if "image" in data and several_in(data):
                raise _refused(
                    "images", "image_and_images", _("Send one photo as image or several as images.")
                )
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("box") and len(attrs.get("images", ())) > 1:
            raise _refused("box", "box_with_several", _("A box is of one photo; send it alone."))
        return attrs

    def _refuse_twice(self, data: Any) -> None:
        """A form may hold a name twice, of which the last would count and the others be lost."""
        for name, field in self.fields.items():
            one = not isinstance(field, serializers.ListField)
            if one and hasattr(data, "getlist") and len(data.getlist(name)) > 1:
                text = _("This was sent twice. Several photos are sent as images.")
                raise _refused(name, "sent_twice", text)

    @property
    def several(self) -> bool:
        """Whether there is an answer for each photo, in a list."""
        data = self.validated_data
        return "images" in data and not data["photos_of_one"]

    def queries(self, *, stock: bool) -> list[Query]:
        """One for each photo; or one, without photos or for photos of one thing."""
        data = self.validated_data
        photos = data.get("images") or [data.get("image")]
        common = {
            "box": data.get("box") or None,
            "limit": data["limit"],
            "stock": stock,
            **self.asked(),
        }
        if data["photos_of_one"]:
            return [Query(photo=photos[0], further_photos=tuple(photos[1:]), **common)]
        return [Query(photo=photo, **common) for photo in photos]

    def asked(self) -> dict[str, Any]:
        """What is asked beside the photos."""
        return {}


class SearchInput(PhotosInput):
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=settings.SEARCH_MAX_WORDS,
        help_text="Words of the product.",
    )
    barcode = serializers.CharField(
        required=False, allow_blank=True, max_length=32, help_text="EAN-8, UPC, EAN-13, GTIN-14"
    )
    category = CategoryField(
        required=False, help_text="Only this category and those below it, as in Fruit/Apple."
    )
    brand = serializers.CharField(
        required=False, allow_blank=True, max_length=120, help_text="Only this brand."
    )
    price_min = serializers.DecimalField(
        required=False,
        max_digits=12,
        decimal_places=2,
        min_value=0,
        help_text="Only from this price.",
    )
    price_max = serializers.DecimalField(
        required=False,
        max_digits=12,
        decimal_places=2,
        min_value=0,
        help_text="Only up to this price.",
    )
    store = StoreField(
        queryset=Store.objects.public(),
        required=False,
        help_text="Only what this store holds now, by its code.",
    )
    in_stock = serializers.BooleanField(
        required=False, default=False, help_text="Only what some store holds now."
    )
    max_distance = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=2,
        help_text="Leave out products further away; cosine distance 0..2, small is close.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        photo = attrs.get("image") or attrs.get("images")
        if not (photo or attrs.get("text") or attrs.get("barcode")):
            raise serializers.ValidationError(
                _("Send a photo as image, words as text, or a barcode."), code="nothing_to_search"
            )
        if attrs.get("box") and not photo:
            raise _refused("box", "box_without_image", _("A box needs a photo to lie in."))
        if "max_distance" in attrs and not photo:
            raise _refused(
                "max_distance", "max_distance_without_image", _("Only photos have a distance.")
            )
        return attrs

    def asked(self) -> dict[str, Any]:
        data = self.validated_data
        brand, store = data.get("brand"), data.get("store")
        return {
            "text": data.get("text", ""),
            "barcode": data.get("barcode", ""),
            "filters": Filters(
                category=data.get("category"),
                brands=(brand,) if brand else (),
                price_min=data.get("price_min"),
                price_max=data.get("price_max"),
                stores=(store,) if store else (),
                in_stock=data["in_stock"],
            ),
            "max_distance": data.get("max_distance"),
        }


class WordsInput(SearchInput):
    """What the document shows of a search that is sent as JSON, which holds no files."""

    image = None  # type: ignore[assignment]
    images = None  # type: ignore[assignment]
    photos_of_one = None  # type: ignore[assignment]
    box = None  # type: ignore[assignment]
    max_distance = None  # type: ignore[assignment]


class RecogniseInput(PhotosInput):
    """Photos, as the whole catalogue is to be asked with them: no filters, no words."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs.get("image") or attrs.get("images")):
            raise _refused("image", "required", _("Send a photo as image, or several as images."))
        return super().validate(attrs)


def several_in(data: Any) -> bool:
    """Whether a request, whatever its JSON may be, brings `images`."""
    return isinstance(data, Mapping) and any(
        name == "images" or name.startswith("images[") for name in map(str, data)
    )


def _refused(attr: str, code: str, text: Any) -> serializers.ValidationError:
    return serializers.ValidationError({attr: [ErrorDetail(str(text), code=code)]})


def _as_api_error(error: ValidationError) -> serializers.ValidationError:
    return serializers.ValidationError(
        [
            ErrorDetail(str(message), code=each.code or "invalid")
            for each in error.error_list
            for message in each
        ]
    )
