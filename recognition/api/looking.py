"""Helpers of a search over HTTP: a proposed box, and why a photo matched."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ErrorOutput
from api.scopes import Scope
from api.views import OpenApiView, refuse_unknown
from products.json_parser import TextJSONParser
from products.models import Product
from products.thumbnails import thumbnail_url
from recognition.api.errors import eyes_open
from recognition.api.inputs import BoxField, PhotoField
from recognition.looking_at import propose_box, why_matched

NO_PATCHES = _("The encoder does not say what it sees where.")
NOTHING = _("Nothing stands out in this photo.")


class BoxInput(serializers.Serializer):
    image = PhotoField(allow_empty_file=True)


class BoxOutput(serializers.Serializer):
    box = serializers.CharField(
        allow_null=True, help_text="left,top,width,height, as a search takes it."
    )
    encoder = serializers.CharField()
    reason = serializers.CharField(allow_null=True, help_text="Why there is no box.")


class WhyInput(BoxInput):
    box = BoxField(required=False)
    sku = serializers.CharField(max_length=64)  # as of a product


class SideOutput(serializers.Serializer):
    area = serializers.ListField(child=serializers.FloatField())
    grid = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class WhyOutput(serializers.Serializer):
    encoder = serializers.CharField()
    photo = serializers.CharField(help_text="Our photo that was nearest, whole.")
    query = SideOutput(allow_null=True)
    match = SideOutput(allow_null=True)
    reason = serializers.CharField(allow_null=True)


class _Helper(OpenApiView):
    writes = Scope.RECOGNISE
    rate = "search"
    parser_classes = (MultiPartParser, FormParser, TextJSONParser)


class BoxView(_Helper):
    """Where in a photo the product may be."""

    @extend_schema(
        operation_id="search_box",
        tags=["search"],
        request={"multipart/form-data": BoxInput},
        responses={200: BoxOutput, 503: ErrorOutput},
    )
    def post(self, request: Request) -> Response:
        """Proposes where in a photo the product may be. To be shown to a person; no search uses it
        unasked. Nothing is recorded.
        """
        given = BoxInput(data=request.data)
        refuse_unknown(request.data, given.fields)
        with eyes_open():
            given.is_valid(raise_exception=True)
            found = propose_box(given.validated_data["image"])
        box = ",".join(f"{part:.4f}" for part in found.box) if found.box else None
        reason = None if box else str(NOTHING if found.sees else NO_PATCHES)
        return Response({"box": box, "encoder": found.encoder, "reason": reason})


class WhyView(_Helper):
    """What a photo and a product's nearest photo have in common."""

    @extend_schema(
        operation_id="search_why",
        tags=["search"],
        request={"multipart/form-data": WhyInput},
        responses={200: WhyOutput, 404: ErrorOutput, 503: ErrorOutput},
    )
    def post(self, request: Request) -> Response:
        """Shows what a photo and a product's nearest photo have in common.

        For each part of either photo how like it is to the likest part of the other, 0..1.

        `area` is what the grid covers: of the query, of its box if one was sent.
        """
        given = WhyInput(data=request.data)
        refuse_unknown(request.data, given.fields)
        with eyes_open():
            given.is_valid(raise_exception=True)
            data = given.validated_data
            photo, box = data["image"], data.get("box")
            product = Product.objects.active().filter(sku=data["sku"]).first()
            why = product and why_matched(photo=box.cut(photo) if box else photo, product=product)
        if not why:
            raise NotFound(_("No search finds a photo of this product."))
        agreement = why.agreement
        return Response(
            {
                "encoder": why.encoder,
                "photo": request.build_absolute_uri(
                    thumbnail_url(why.photo.file, "card") or why.photo.file.url
                ),
                "query": _side(agreement.query, why.query_area) if agreement else None,
                "match": _side(agreement.match, why.match_area) if agreement else None,
                "reason": None if agreement else str(NO_PATCHES),
            }
        )


def _side(grid: Any, area: Any) -> dict[str, Any]:
    return {"area": list(area), "grid": [[round(float(v), 3) for v in row] for row in grid]}
