"""Recorded answers over HTTP: what they were, and whether they were right."""

from collections.abc import Mapping
from typing import Any, NoReturn

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Conflict, ErrorOutput
from api.ordering import ordered, orders
from api.paging import NewestFirst
from api.scopes import Scope
from api.sparse import FIELDS, SparseOutput
from api.views import ApiView, OpenApiView, asked, valid
from products.models import Product
from products.serializers import ProductField
from recognition.counting.seeing import choices_of
from recognition.feedback_views import find_product
from recognition.models import Sighting
from recognition.reviewing.feedback import (
    FeedbackRefused,
    Standing,
    give_feedback,
    may_change_until,
    may_look_at_all,
    shown_first,
    sighting_for,
    sightings_of,
    standing_of,
    visible_sighting,
)

Review = Sighting.Review
SightingSource = Sighting.Source
NONE = "none"
_LONG_TEXTS = [
    f"{product}__{name}"
    for product in ("best_product", "reviewed_product")
    for name in ("text", "description", "attributes")
]


class FeedbackInput(serializers.Serializer):
    verdict = serializers.ChoiceField(
        choices=Review.choices,
        help_text="confirmed: it is the product that the answer named first (or `sku`, if you give one)."
        " corrected: it is `sku`. rejected: it is none of the products shown.",
    )
    sku = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="Needed to correct, and to confirm an answer that filters or words narrowed.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["verdict"] == Review.CORRECTED and not attrs.get("sku"):
            _refuse("sku_missing", _("Say which product it is, by its SKU."))
        if attrs["verdict"] == Review.REJECTED and attrs.get("sku"):
            _refuse("sku_not_wanted", _("None of the products shown has no SKU."))
        return attrs


class SeenProductOutput(serializers.Serializer):
    sku = serializers.CharField(source="product.sku")
    name = serializers.CharField(source="product.name")
    distance = serializers.FloatField(allow_null=True)


def _sku(product: Product | None, context: Mapping[str, Any]) -> str | None:
    """Of a product that is not sold, for those alone who see all sightings."""
    if product is None or not (product.is_active or context["inactive_too"]):
        return None
    return product.sku


class FeedbackOutput(serializers.Serializer):
    verdict = serializers.ChoiceField(
        source="review",
        choices=Review.choices,
        help_text="Of the nearest product by photo, whatever a barcode or filters put first.",
    )
    sku = serializers.SerializerMethodField(
        help_text="What it was; null: none of these, or what is not sold any more."
    )
    at = serializers.DateTimeField(source="reviewed_at")
    may_change_until = serializers.DateTimeField(
        allow_null=True, help_text="null: it was said by those who work here, and stays."
    )

    def get_sku(self, sighting: Sighting) -> str | None:
        return _sku(sighting.reviewed_product, self.context)


class SightingOutput(serializers.Serializer):
    """A recorded answer, over the whole catalogue."""

    token = serializers.CharField()
    asked_at = serializers.DateTimeField(source="created_at")
    encoder = serializers.CharField(source="encoder.key")
    verdict = serializers.CharField(
        allow_null=True, help_text="match, lookalike or unknown; null: nothing was calibrated."
    )
    barcode = serializers.CharField(allow_null=True, help_text="As it was read in the photo.")
    narrowed = serializers.BooleanField(
        help_text="Filters or words chose what you were shown; these are the photo's alone."
    )
    products = SeenProductOutput(many=True, help_text="Best first.")
    feedback = FeedbackOutput(allow_null=True, help_text="null: nobody has judged it yet.")


def sighting_as_data(sighting: Sighting, *, inactive_too: bool) -> dict[str, Any]:
    choices = [
        choice for choice in choices_of(sighting) if inactive_too or choice.product.is_active
    ]
    sighting.verdict, sighting.barcode = sighting.verdict or None, sighting.barcode or None  # type: ignore[assignment]
    sighting.products = choices  # type: ignore[attr-defined]
    sighting.may_change_until = may_change_until(sighting)  # type: ignore[attr-defined]
    sighting.feedback = sighting if sighting.review else None  # type: ignore[attr-defined]
    return dict(SightingOutput(sighting, context={"inactive_too": inactive_too}).data)


class SightingQuery(serializers.Serializer):
    verdict = serializers.ChoiceField(
        choices=[*Sighting.Verdict.choices, (NONE, _("no threshold was calibrated"))],
        required=False,
        help_text="Only these; none: nothing was calibrated.",
    )
    review = serializers.ChoiceField(
        choices=[*Review.choices, (NONE, _("nobody has judged it"))],
        required=False,
        help_text="Only these; none: nobody has judged it yet.",
    )
    encoder = serializers.CharField(
        required=False, max_length=200, help_text="Only by this encoder, by its key."
    )
    sku = ProductField(
        required=False, help_text="Only where this is the best product, or what it was."
    )
    asked_after = serializers.DateTimeField(
        required=False, help_text="Only from this moment, as in 2026-03-02T09:14:05Z."
    )
    asked_before = serializers.DateTimeField(required=False, help_text="Only before this moment.")


class SightingRowOutput(SparseOutput):
    """A recorded answer in a list; its products and its feedback are at its own address."""

    token = serializers.CharField()
    asked_at = serializers.DateTimeField(source="created_at")
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=SightingSource.choices
    )
    store = serializers.CharField(source="store.code", default=None, allow_null=True)
    encoder = serializers.CharField(source="encoder.key")
    verdict = serializers.SerializerMethodField(
        help_text="match, lookalike or unknown; null: nothing was calibrated."
    )
    best = serializers.SerializerMethodField(
        help_text="SKU of the nearest product by photo; null: there was none."
    )
    distance = serializers.FloatField(allow_null=True)
    margin = serializers.FloatField(
        allow_null=True, help_text="How much further the second product was."
    )
    barcode = serializers.SerializerMethodField(help_text="As it was read in the photo.")
    narrowed = serializers.BooleanField()
    review = serializers.SerializerMethodField(
        help_text="confirmed, corrected or rejected; null: nobody has judged it yet."
    )
    reviewed_sku = serializers.SerializerMethodField(help_text="What it was.")
    reviewed_at = serializers.DateTimeField(allow_null=True)

    def get_verdict(self, sighting: Sighting) -> str | None:
        return sighting.verdict or None

    def get_barcode(self, sighting: Sighting) -> str | None:
        return sighting.barcode or None

    def get_review(self, sighting: Sighting) -> str | None:
        return sighting.review or None

    def get_best(self, sighting: Sighting) -> str | None:
        return _sku(sighting.best_product, self.context)

    def get_reviewed_sku(self, sighting: Sighting) -> str | None:
        return _sku(sighting.reviewed_product, self.context)


class SightingsView(ApiView):
    """Recorded answers."""

    reads = Scope.RECOGNISE
    pagination_class = NewestFirst

    @extend_schema(
        operation_id="sightings",
        tags=["search"],
        parameters=[SightingQuery, orders(), FIELDS],
        responses={
            200: SightingRowOutput(many=True),
            **dict.fromkeys((401, 403, 404), ErrorOutput),
        },
    )
    def get(self, request: Request) -> Response:
        """Queries by photo, newest first: your own; for those who may look at all of them, all."""
        staff = may_look_at_all(request.user)
        sightings = sightings_of(request.user).select_related(
            "encoder", "store", "best_product", "reviewed_product"
        )
        sightings = _narrowed(sightings, asked(SightingQuery, request))
        sightings = sightings.defer("vector", "candidates", *_LONG_TEXTS)
        return self.page(
            ordered(self, sightings), SightingRowOutput, context={"inactive_too": staff}
        )


def _narrowed(sightings: Any, query: dict[str, Any]) -> Any:
    for name in ("verdict", "review"):
        if name in query:
            sightings = sightings.filter(**{name: "" if query[name] == NONE else query[name]})
    if "encoder" in query:
        sightings = sightings.filter(encoder__key=query["encoder"])
    if "sku" in query:
        product = query["sku"]
        sightings = sightings.filter(Q(best_product=product) | Q(reviewed_product=product))
    if "asked_after" in query:
        sightings = sightings.filter(created_at__gte=query["asked_after"])
    if "asked_before" in query:
        sightings = sightings.filter(created_at__lt=query["asked_before"])
    return sightings


class _SightingApiView(OpenApiView):
    """Who holds the token of a public answer may speak of it; `standing_of` decides."""

    reads = Scope.RECOGNISE
    writes = Scope.RECOGNISE
    rate = "feedback"


class SightingView(_SightingApiView):
    """A recorded answer."""

    @extend_schema(
        operation_id="sighting",
        tags=["search"],
        responses={200: SightingOutput, **dict.fromkeys((401, 403, 404), ErrorOutput)},
    )
    def get(self, request: Request, token: str) -> Response:
        """What a photo was answered, and what people said of it. For staff, for whose query it was,
        and, of a query without a log-in, for who has its token.
        """
        sighting = visible_sighting(request.user, token)
        if sighting is None:
            raise NotFound
        staff = standing_of(request.user, sighting) not in {Standing.OWNER, Standing.BEARER}
        return Response(sighting_as_data(sighting, inactive_too=staff))


class FeedbackView(_SightingApiView):
    """Whether an answer was right."""

    @extend_schema(
        operation_id="sighting_feedback",
        tags=["search"],
        request={"application/json": FeedbackInput},
        responses={200: SightingOutput, **dict.fromkeys((401, 403, 404, 409), ErrorOutput)},
        examples=[
            OpenApiExample(
                "The answer was right", value={"verdict": "confirmed"}, request_only=True
            ),
            OpenApiExample(
                "It is another product",
                value={"verdict": "corrected", "sku": "CRT-0005"},
                request_only=True,
            ),
            OpenApiExample("None of those shown", value={"verdict": "rejected"}, request_only=True),
        ],
    )
    def post(self, request: Request, token: str) -> Response:
        """Say whether an answer was right. The same again changes nothing; for an hour you may say
        otherwise. What those who work here have said stays (409).

        The next calibration learns from it, but no promised error rests on it: who is moved to say
        something is no fair sample.
        """
        found = sighting_for(request.user, token)
        if found is None:
            raise NotFound
        sighting, standing = found
        product = _product(sighting, standing, valid(FeedbackInput, request.data))
        try:
            sighting = give_feedback(sighting=sighting, product=product, user=request.user)
        except FeedbackRefused as error:
            raise Conflict(str(error), str(error.code)) from error
        return Response(sighting_as_data(sighting, inactive_too=standing is Standing.STAFF))


def _product(sighting: Sighting, standing: Standing, given: dict[str, Any]) -> Product | None:
    if given["verdict"] == Review.REJECTED:
        return None
    if sku := given.get("sku", ""):
        product = find_product(sku, standing)
        if product is None:
            _refuse("does_not_exist", _("There is no product of this SKU."))
        return product
    if sighting.narrowed:
        text = _("Filters or words chose what you were shown: say which product it is, by its SKU.")
        _refuse("sku_missing", text)
    first = shown_first(sighting)
    if first is None:
        _refuse("nothing_shown", _("This answer named no product that could be confirmed."))
    return first


def _refuse(code: str, text: Any) -> NoReturn:
    raise ValidationError({"sku": [ErrorDetail(str(text), code=code)]})
