"""Maps of the feature space over HTTP."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.errors import Conflict
from api.ordering import ordered, orders
from api.paging import NewestFirst
from api.sparse import SparseOutput, wanted_fields
from api.views import asked
from recognition.api.frame import RowsView, shows
from recognition.feature_map_view import points_between
from recognition.models import FeatureMap

MapState = FeatureMap.State
MapSubject = FeatureMap.Subject
MapMethod = FeatureMap.Method
# 5,000 points are half a megabyte of JSON.
_MOST_POINTS = 5000
_POINTS = 1000


class FeatureMapQuery(serializers.Serializer):
    state = serializers.ChoiceField(
        choices=MapState.choices, required=False, help_text="Only those in this state."
    )
    subject = serializers.ChoiceField(
        choices=MapSubject.choices, required=False, help_text="Only maps of these."
    )
    encoder = serializers.CharField(
        required=False, max_length=200, help_text="Only of this encoder, by its key."
    )


class FeatureMapOutput(SparseOutput):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=MapState.choices)
    reason = serializers.CharField(help_text="Why it failed; empty: it did not.")
    subject = serializers.ChoiceField(
        choices=MapSubject.choices, help_text="What a point stands for."
    )
    method = serializers.ChoiceField(choices=MapMethod.choices)
    encoder = serializers.CharField(source="encoder.key")
    seed = serializers.IntegerField()
    parameters = serializers.DictField(
        help_text="As they were asked for; `used`: as the map was made."
    )
    sample = serializers.DictField(help_text="How many there were, and how many are points.")
    quality = serializers.DictField(help_text="How true to the space the map is.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class PointsQuery(serializers.Serializer):
    limit = serializers.IntegerField(
        required=False,
        default=_POINTS,
        min_value=1,
        max_value=_MOST_POINTS,
        help_text="How many points of the map a page looks at.",
    )
    cursor = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=2**31 - 1,
        help_text="Where the page begins; `next` has it.",
    )


class PointOutput(SparseOutput):
    sku = serializers.CharField()
    image = serializers.IntegerField(help_text="Number of the photo; of a product, its face.")
    x = serializers.FloatField()
    y = serializers.FloatField()


class PointsOutput(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PointOutput(
        many=True,
        help_text="A page may have fewer: points whose product is gone by now are left out.",
    )


class _MapRows(RowsView):
    needs = "recognition.view_featuremap"


class FeatureMapsView(_MapRows):
    pagination_class = NewestFirst

    @shows("feature_maps", FeatureMapOutput(many=True), FeatureMapQuery, orders())
    def get(self, request: Request) -> Response:
        """Maps of the feature space, newest first."""
        query = asked(FeatureMapQuery, request)
        maps = feature_maps()
        for name in ("state", "subject"):
            if name in query:
                maps = maps.filter(**{name: query[name]})
        if "encoder" in query:
            maps = maps.filter(encoder__key=query["encoder"])
        return self.page(ordered(self, maps), FeatureMapOutput)


class FeatureMapView(_MapRows):
    @shows("feature_map", FeatureMapOutput)
    def get(self, request: Request, feature_map: int) -> Response:  # noqa: ARG002
        """How a map was made, and how good it is."""
        return self.one(get_object_or_404(feature_maps(), pk=feature_map), FeatureMapOutput)


class PointsView(_MapRows):
    @shows("feature_map_points", PointsOutput, PointsQuery, conflict=True)
    def get(self, request: Request, feature_map: int) -> Response:
        """Where photos or products lie, a page at a time. A map that is not done has none (409)."""
        query = asked(PointsQuery, request)
        only = wanted_fields(request, PointOutput)
        found = get_object_or_404(FeatureMap.objects.all(), pk=feature_map)
        if found.state != MapState.DONE:
            raise Conflict(_("This map is not done, so it has no points."), "map_not_done")
        first, last = query["cursor"], query["cursor"] + query["limit"]
        points, total = points_between(found, first, last)
        return Response(
            {
                "next": _address(request, last) if last < total else None,
                "previous": _address(request, max(first - query["limit"], 0)) if first else None,
                "results": PointOutput(points, many=True, context={"only": only}).data,
            }
        )


def feature_maps() -> Any:
    return FeatureMap.objects.select_related("encoder").defer("points")


def _address(request: Request, cursor: int) -> str:
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor))
