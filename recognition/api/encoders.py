"""Encoders over HTTP: how the site sees, and how far each has come."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.ordering import ordered, orders
from api.paging import NewestFirst
from api.sparse import SparseOutput
from api.views import asked
from recognition.api.frame import RowsView, shows
from recognition.models import Encoder, ImageEmbedding
from recognition.models.encoder import Scoring

EncoderState = Encoder.State


class EncoderQuery(serializers.Serializer):
    state = serializers.ChoiceField(
        choices=EncoderState.choices, required=False, help_text="Only those in this state."
    )


class PhotoCountsOutput(serializers.Serializer):
    ready = serializers.IntegerField()
    pending = serializers.IntegerField()
    failed = serializers.IntegerField()


class EncoderOutput(SparseOutput):
    id = serializers.IntegerField()
    key = serializers.CharField(help_text="library:architecture:weights")
    state = serializers.ChoiceField(
        choices=EncoderState.choices,
        help_text="active: it answers. building and standby: its vectors are kept filled. retired: not in"
        " use any more.",
    )
    dimension = serializers.IntegerField()
    speaks_text = serializers.BooleanField(help_text="Whether it understands words.")
    scoring = serializers.ChoiceField(
        choices=Scoring.choices, help_text="How the photos of a product are taken together."
    )
    base = serializers.CharField(
        source="base.key",
        default=None,
        allow_null=True,
        help_text="The key of the encoder that this one was adapted from.",
    )
    fallback = serializers.CharField(
        source="fallback_reason", help_text="Why it stands in for another; empty: it does not."
    )
    added_at = serializers.DateTimeField(source="created_at")
    activated_at = serializers.DateTimeField(allow_null=True)
    photos = PhotoCountsOutput(help_text="Of the catalogue, by how far it has come with them.")


class _EncoderRows(RowsView):
    needs = "recognition.view_encoder"


class EncodersView(_EncoderRows):
    pagination_class = NewestFirst

    @shows("encoders", EncoderOutput(many=True), EncoderQuery, orders())
    def get(self, request: Request) -> Response:
        """Encoders, the last added first."""
        query = asked(EncoderQuery, request)
        encoders = Encoder.objects.select_related("base")
        if "state" in query:
            encoders = encoders.filter(state=query["state"])
        return self.page(ordered(self, encoders), EncoderOutput, loads=with_photos)


class EncoderView(_EncoderRows):
    @shows("encoder", EncoderOutput)
    def get(self, request: Request, encoder: int) -> Response:  # noqa: ARG002
        """An encoder, and how far it has come with the catalogue's photos."""
        found = get_object_or_404(Encoder.objects.select_related("base"), pk=encoder)
        with_photos([found])
        return self.one(found, EncoderOutput)


def with_photos(encoders: Iterable[Any]) -> None:
    """Attaches `photos`, numbers by state, by one query."""
    counts = {encoder.pk: dict.fromkeys(ImageEmbedding.State.values, 0) for encoder in encoders}
    rows = (
        ImageEmbedding.objects.filter(encoder__in=list(counts))
        .order_by()
        .values_list("encoder", "state")
        .annotate(number=Count("pk"))
    )
    for encoder, state, number in rows:
        counts[encoder][state] = number
    for encoder in encoders:
        encoder.photos = counts[encoder.pk]
