"""The answer to a search and to a recognition, as data and for the OpenAPI schema."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from rest_framework import serializers

from products.models import Product, ProductImage
from products.models.category import full_names
from products.thumbnails import thumbnail_url
from recognition.models import CalibrationRun
from recognition.search import Answer
from recognition.verdicts import Verdict


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


class FoundOutput(serializers.Serializer):
    """A product that was found, with what was asked for beside it."""

    product = ProductOutput()
    distance = serializers.FloatField(
        allow_null=True,
        help_text="Cosine distance 0..2 of the nearest photo, small is close; of several photos of one"
        " thing the mean.",
    )
    photo = PhotoOutput(allow_null=True, help_text="The photo that is nearest to the query.")
    stock = ShelfOutput(
        many=True,
        allow_null=True,
        required=False,
        help_text="With `include=stock`: the stores that hold it now, most first; null: this site keeps"
        " no stores.",
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        data: dict[str, Any] = super().to_representation(instance)
        if not self.context["stock"]:
            del data["stock"]
        return data


class ResultOutput(FoundOutput):
    matched_by = serializers.ListField(
        child=serializers.ChoiceField(choices=["barcode", "photo", "text"])
    )


class BarcodeOutput(serializers.Serializer):
    code = serializers.CharField()
    seen_in_photo = serializers.BooleanField()
    product = serializers.SerializerMethodField(help_text="SKU, or null if it is not known here")

    def get_product(self, barcode: Any) -> str | None:
        return barcode.product.sku if barcode.product else None


class VerdictOutput(serializers.Serializer):
    """What the answer to a photo is worth, and what was promised when it was said."""

    kind = serializers.ChoiceField(
        choices=["match", "lookalike", "unknown"],
        help_text="match: this one product. lookalike: one of `products`; a person or a barcode must"
        " decide. unknown: not in this catalogue.",
    )
    basis = serializers.ChoiceField(
        choices=["photo", "barcode"],
        help_text="barcode: one was read, which is exact; the error bound is about photos.",
    )
    products = serializers.SerializerMethodField(
        help_text="SKUs: of a match the product, of look-alikes the set. Filters leave it whole."
    )
    confidence = serializers.FloatField(
        allow_null=True,
        help_text="Of the first product by photo in the whole catalogue, 0..1.",
    )
    threshold = serializers.FloatField(
        allow_null=True,
        help_text="A match lies above it; null: the evidence allows no match at this error.",
    )
    scope = serializers.CharField(
        help_text="The category that the threshold is of; empty: the whole catalogue."
    )
    target_error = serializers.FloatField(help_text="At most such a share of matches is wrong.")
    error_bound = serializers.FloatField(
        allow_null=True,
        help_text="What the evidence shows: the share of wrong matches, with 95 % confidence.",
    )
    samples = serializers.IntegerField(help_text="Photos behind the threshold.")
    measured_on = serializers.ChoiceField(
        choices=CalibrationRun.Kind.choices,
        help_text="Which photos those are: the catalogue's own, or such as were asked with. Of the"
        " catalogue's own, the promise is known to hold for such photos only.",
    )
    unknown_share = serializers.FloatField(
        allow_null=True,
        help_text="Share of photos of unknown products for which the promise is made.",
    )
    set_rate = serializers.FloatField(
        allow_null=True,
        help_text="How often the look-alikes hold the right product; null: not promised.",
    )
    calibrated_at = serializers.DateTimeField()
    stale = serializers.BooleanField(
        help_text="The catalogue has changed much since: the promise may hold no longer."
    )
    encoder = serializers.CharField()
    calibration = serializers.IntegerField()

    def get_products(self, verdict: Verdict) -> list[str]:
        return [product.sku for product in verdict.products]


class AnswerOutput(serializers.Serializer):
    sighting = serializers.CharField(allow_null=True, help_text="null: queries are not recorded.")
    encoder = serializers.CharField(
        allow_null=True, help_text="Which encoder the distances are of."
    )
    fallback = serializers.CharField(
        allow_null=True,
        help_text="Why the encoder is not the one that was wanted; null if it is.",
    )
    verdict = VerdictOutput(
        allow_null=True,
        help_text="null: no photo was sent, or nothing has been calibrated, so none is claimed.",
    )
    barcode = BarcodeOutput(allow_null=True)
    text_by_names_only = serializers.BooleanField(
        help_text="True where the words were sought in names and descriptions only."
    )
    results = ResultOutput(many=True)


class SimilarOutput(serializers.Serializer):
    """What looks like a product."""

    sku = serializers.CharField()
    encoder = serializers.CharField(
        allow_null=True, help_text="Which encoder the distances are of; null: none is set up."
    )
    seen = serializers.BooleanField(
        help_text="False: no photo of the product has been looked at, so nothing is known."
    )
    results = FoundOutput(many=True, help_text="Nearest first.")


class AnswersOutput(serializers.Serializer):
    """Of several photos, each a query of its own."""

    answers = AnswerOutput(many=True, help_text="In the order of the photos.")


def answers_as_data(
    answers: Sequence[Answer], *, absolute: Callable[[str], str], stock: bool
) -> list[dict[str, Any]]:
    """Answers in the API's shape; `absolute` makes an address from a path."""
    products = [result.product for answer in answers for result in answer.results]
    context = output_context(products, absolute=absolute, stock=stock)
    return [dict(AnswerOutput(answer, context=context).data) for answer in answers]


def output_context(
    products: Sequence[Product], *, absolute: Callable[[str], str], stock: bool
) -> dict[str, Any]:
    """What `FoundOutput` must know beside its rows, by one query."""
    categories = {product.category for product in products}
    return {"absolute": absolute, "category_names": full_names(categories), "stock": stock}
