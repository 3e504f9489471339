"""What looks like a product, over HTTP."""

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ErrorOutput
from api.scopes import Scope
from api.views import OpenApiView, asked
from products.models import Product
from recognition.api.answers import SimilarOutput, output_context
from recognition.api.including import STOCK, IncludeField
from recognition.similar import found_similar, similar_products


class SimilarQuery(serializers.Serializer):
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=settings.SEARCH_MAX_LIMIT,
        default=settings.SEARCH_DEFAULT_LIMIT,
        help_text="How many products at most.",
    )
    include = IncludeField(required=False)


class SimilarView(OpenApiView):
    """Products that look like a product."""

    reads = Scope.RECOGNISE
    rate = "search"

    @extend_schema(
        operation_id="product_similar",
        tags=["search"],
        parameters=[SimilarQuery],
        responses={200: SimilarOutput, **dict.fromkeys((401, 403, 404), ErrorOutput)},
    )
    def get(self, request: Request, sku: str) -> Response:
        """The products whose photos are nearest to any photo of this one, nearest first."""
        if not sku.isprintable():
            raise NotFound
        query = asked(SimilarQuery, request)
        product = get_object_or_404(Product.objects.active(), sku=sku)
        stock = STOCK in query.get("include", ())
        similar = similar_products(product, query["limit"])
        results = found_similar(similar, stock=stock)
        context = output_context(
            [result.product for result in results],
            absolute=request.build_absolute_uri,
            stock=stock,
        )
        data = {
            "sku": product.sku,
            "encoder": similar.encoder.key if similar.encoder else None,
            "seen": similar.seen,
            "results": results,
        }
        return Response(SimilarOutput(data, context=context).data)
