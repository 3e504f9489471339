"""The search call's input and answer, for validation and for the OpenAPI schema."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from products.models import Product, ProductImage
from products.models.category import full_names
from products.serializers import CategoryField
from products.thumbnails import thumbnail_url
from recognition.filters import Filters
from recognition.query_photos import parse_box, read_upload
from recognition.search import Box, Query
from recognition.verdicts import Verdict
from stores.models import Store
from stores.serializers import StoreField


class PhotoField(serializers.FileField):
    """An uploaded photo, through the site's one door. Gives an upright picture."""

    def to_internal_value(self, data: Any) -> Any:
        upload = super().to_internal_value(data)
        try:
            return read_upload(upload)
        except ValidationError as error:
            raise _as_api_error(error) from error


class BoxField(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        try:
            return parse_box(super().to_internal_value(data))
        except ValidationError as error:
            raise _as_api_error(error) from error


class SearchInput(serializers.Serializer):
    image = PhotoField(
        required=False,
        allow_empty_file=True,
        help_text=_("A photo of the product: JPEG, PNG, WebP, HEIC, AVIF or GIF."),
    )
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=settings.SEARCH_MAX_WORDS
    )
    barcode = serializers.CharField(
        required=False, allow_blank=True, max_length=32, help_text=_("EAN-8, UPC, EAN-13, GTIN-14")
    )
    box = BoxField(
        required=False,
        help_text=_("Part of the upright photo to look at: left,top,width,height, each 0..1."),
    )
    category = CategoryField(
        required=False, help_text=_("Only this category and those below it, as in Fruit/Apple.")
    )
    brand = serializers.CharField(required=False, allow_blank=True, max_length=120)
    price_min = serializers.DecimalField(
        required=False, max_digits=12, decimal_places=2, min_value=0
    )
    price_max = serializers.DecimalField(
        required=False, max_digits=12, decimal_places=2, min_value=0
    )
    store = StoreField(
        queryset=Store.objects.active(),
        required=False,
        help_text=_("Only what this store holds now, by its code."),
    )
    in_stock = serializers.BooleanField(
        required=False, default=False, help_text=_("Only what some store holds now.")
    )
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=settings.SEARCH_MAX_LIMIT,
        default=settings.SEARCH_DEFAULT_LIMIT,
    )
    max_distance = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=2,
        help_text=_("Leave out products further away; cosine distance 0..2, small is close."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs.get("image") or attrs.get("text") or attrs.get("barcode")):
            raise serializers.ValidationError(
                _("Send a photo as image, words as text, or a barcode."), code="nothing_to_search"
            )
        if attrs.get("box") and not attrs.get("image"):
            raise serializers.ValidationError(
                {"box": [_error(_("A box needs a photo to lie in."), "box_without_image")]}
            )
        if "max_distance" in attrs and not attrs.get("image"):
            raise serializers.ValidationError(
                {
                    "max_distance": [
                        _error(_("Only photos have a distance."), "max_distance_without_image")
                    ]
                }
            )
        return attrs

    def query(self) -> Query:
        data = self.validated_data
        return Query(
            photo=data.get("image"),
            text=data.get("text", ""),
            barcode=data.get("barcode", ""),
            box=data.get("box"),
            filters=Filters(
                category=data.get("category"),
                brand=data.get("brand", ""),
                price_min=data.get("price_min"),
                price_max=data.get("price_max"),
                store=data.get("store"),
                in_stock=data["in_stock"],
            ),
            limit=data["limit"],
            max_distance=data.get("max_distance"),
        )


class RecogniseInput(serializers.Serializer):
    """A photo, as the whole catalogue is to be asked with it: no filters, no words."""

    image = PhotoField(
        allow_empty_file=True,
        help_text=_("A photo of the product: JPEG, PNG, WebP, HEIC, AVIF or GIF."),
    )
    box = BoxField(
        required=False,
        help_text=_("Part of the upright photo to look at: left,top,width,height, each 0..1."),
    )
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=settings.SEARCH_MAX_LIMIT,
        default=settings.SEARCH_DEFAULT_LIMIT,
    )

    def photo(self) -> Image.Image:
        photo: Image.Image = self.validated_data["image"]
        box: Box | None = self.validated_data.get("box")
        return box.cut(photo) if box is not None else photo


def _error(text: Any, code: str) -> ErrorDetail:
    return ErrorDetail(str(text), code=code)


def _as_api_error(error: ValidationError) -> serializers.ValidationError:
    return serializers.ValidationError(
        [_error(message, each.code or "invalid") for each in error.error_list for message in each]
    )


class ProductOutput(serializers.ModelSerializer):
    category = serializers.SerializerMethodField()
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, allow_null=True, read_only=True
    )
    currency = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["sku", "name", "brand", "category", "description", "barcode", "price",
                  "currency", "attributes", "url"]  # fmt: skip
        read_only_fields = fields

    def get_category(self, product: Product) -> str:
        return str(self.context["category_names"][product.category_id])

    def get_currency(self, _product: Product) -> str:
        return str(settings.CURRENCY)

    def get_url(self, product: Product) -> str:
        return str(self.context["absolute"](product.get_absolute_url()))


class PhotoOutput(serializers.Serializer):
    url = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()

    def get_url(self, image: ProductImage) -> str:
        return str(self.context["absolute"](image.file.url))

    def get_thumbnail(self, image: ProductImage) -> str:
        return str(self.context["absolute"](thumbnail_url(image.file, "card") or image.file.url))


class ShelfOutput(serializers.Serializer):
    store = serializers.CharField(source="store.code")
    name = serializers.CharField(source="store.name")
    quantity = serializers.IntegerField()


class ResultOutput(serializers.Serializer):
    product = ProductOutput()
    distance = serializers.FloatField(
        allow_null=True, help_text=_("Cosine distance 0..2 of the nearest photo, small is close.")
    )
    matched_by = serializers.ListField(
        child=serializers.ChoiceField(choices=["barcode", "photo", "text"])
    )
    photo = PhotoOutput(allow_null=True, help_text=_("The photo that is nearest to the query."))
    stock = ShelfOutput(
        many=True,
        allow_null=True,
        help_text=_("The stores that hold it now, most first; null: this site keeps no stores."),
    )


class BarcodeOutput(serializers.Serializer):
    code = serializers.CharField()
    seen_in_photo = serializers.BooleanField()
    product = serializers.SerializerMethodField(help_text=_("SKU, or null if it is not known here"))

    def get_product(self, barcode: Any) -> str | None:
        return barcode.product.sku if barcode.product else None


class VerdictOutput(serializers.Serializer):
    """What the answer to a photo is worth, and what was promised when it was said."""

    kind = serializers.ChoiceField(
        choices=["match", "lookalike", "unknown"],
        help_text=_(
            "match: this one product. lookalike: one of `products`; a person or a barcode must"
            " decide. unknown: not in this catalogue."
        ),
    )
    basis = serializers.ChoiceField(
        choices=["photo", "barcode"],
        help_text=_("barcode: one was read, which is exact; the error bound is about photos."),
    )
    products = serializers.SerializerMethodField(
        help_text=_("SKUs: of a match the product, of look-alikes the set. Filters leave it whole.")
    )
    confidence = serializers.FloatField(
        allow_null=True,
        help_text=_("Of the first product by photo in the whole catalogue, 0..1."),
    )
    threshold = serializers.FloatField(
        allow_null=True,
        help_text=_("A match lies above it; null: the evidence allows no match at this error."),
    )
    scope = serializers.CharField(
        help_text=_("The category that the threshold is of; empty: the whole catalogue.")
    )
    target_error = serializers.FloatField(help_text=_("At most such a share of matches is wrong."))
    error_bound = serializers.FloatField(
        allow_null=True,
        help_text=_("What the evidence shows: the share of wrong matches, with 95 % confidence."),
    )
    samples = serializers.IntegerField(help_text=_("Photos behind the threshold."))
    measured_on = serializers.ChoiceField(
        choices=["catalogue", "queries"],
        help_text=_(
            "Which photos those are: the catalogue's own, or such as were asked with. Of the"
            " catalogue's own, the promise is known to hold for such photos only."
        ),
    )
    unknown_share = serializers.FloatField(
        allow_null=True,
        help_text=_("Share of photos of unknown products for which the promise is made."),
    )
    set_rate = serializers.FloatField(
        allow_null=True,
        help_text=_("How often the look-alikes hold the right product; null: not promised."),
    )
    calibrated_at = serializers.DateTimeField()
    stale = serializers.BooleanField(
        help_text=_("The catalogue has changed much since: the promise may hold no longer.")
    )
    encoder = serializers.CharField()
    calibration = serializers.IntegerField()

    def get_products(self, verdict: Verdict) -> list[str]:
        return [product.sku for product in verdict.products]


class AnswerOutput(serializers.Serializer):
    sighting = serializers.CharField(
        allow_null=True, help_text=_("null: queries are not recorded.")
    )
    encoder = serializers.CharField(
        allow_null=True, help_text=_("Which encoder the distances are of.")
    )
    fallback = serializers.CharField(
        allow_null=True,
        help_text=_("Why the encoder is not the one that was wanted; null if it is."),
    )
    verdict = VerdictOutput(
        allow_null=True,
        help_text=_("null: no photo was sent, or nothing has been calibrated, so none is claimed."),
    )
    barcode = BarcodeOutput(allow_null=True)
    text_by_names_only = serializers.BooleanField(
        help_text=_("True where the words were sought in names and descriptions only.")
    )
    results = ResultOutput(many=True)


def answer_as_data(answer: Any, *, absolute: Any) -> dict[str, Any]:
    """The answer in the API's shape; `absolute` makes an address from a path."""
    categories = {result.product.category for result in answer.results}
    context = {"absolute": absolute, "category_names": full_names(categories)}
    return dict(AnswerOutput(answer, context=context).data)
