"""Search and recognition over HTTP, for partners."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ErrorOutput
from api.scopes import Scope
from api.views import OpenApiView, refuse_unknown
from products.json_parser import TextJSONParser
from recognition.api.answers import AnswerOutput, AnswersOutput, answers_as_data
from recognition.api.errors import PhotoTooLarge, eyes_open
from recognition.api.including import INCLUDE, STOCK, asked_in_address
from recognition.api.inputs import (
    PhotosInput,
    RecogniseInput,
    SearchInput,
    WordsInput,
    several_in,
)
from recognition.models import Sighting
from recognition.query_photos import room_for_several
from recognition.sightings import answer_and_record_each

_ANSWER = PolymorphicProxySerializer(
    component_name="AnswerOrAnswers",
    serializers=[AnswerOutput, AnswersOutput],
    resource_type_field_name=None,
)


def _asks(
    operation_id: str,
    given: type[PhotosInput],
    *,
    as_json: type[PhotosInput] | None = None,
    examples: Sequence[OpenApiExample] = (),
) -> Any:
    request: dict[str, Any] = {"multipart/form-data": given}
    if as_json is not None:
        request = {"application/json": as_json, **request}
    return extend_schema(
        operation_id=operation_id,
        tags=["search"],
        request=request,
        parameters=[INCLUDE],
        responses={200: _ANSWER, **dict.fromkeys((401, 403, 409, 413, 503), ErrorOutput)},
        examples=list(examples),
    )


def _examples(name: str, value: dict[str, Any]) -> list[OpenApiExample]:
    """As JSON, and as a form."""
    return [
        OpenApiExample(name, value=value, request_only=True, media_type=media_type)
        for media_type in ("application/json", "multipart/form-data")
    ]


class _AskingView(OpenApiView):
    writes = Scope.RECOGNISE
    rate = "search"
    parser_classes = (MultiPartParser, FormParser, TextJSONParser)

    def calls_of(self, request: Request) -> int:
        return min(_photos_in(request), settings.SEARCH_MAX_PHOTOS)

    def ask(self, request: Request, input_class: type[PhotosInput]) -> Response:
        """Answers a query, or several of which each has a photo: all of them or none."""
        photos = _photos_in(request)
        if not several_in(request.data) and _size_of(request) > settings.REQUEST_MAX_BYTES:
            raise PhotoTooLarge
        asked = asked_in_address(request)
        given = input_class(data=request.data)
        refuse_unknown(request.data, given.fields)
        with eyes_open(), room_for_several() if photos > 1 else nullcontext():
            given.is_valid(raise_exception=True)
            stock = STOCK in asked | given.validated_data.get("include", frozenset())
            answers = answer_and_record_each(
                given.queries(stock=stock), user=request.user, source=Sighting.Source.API
            )
        data = answers_as_data(answers, absolute=request.build_absolute_uri, stock=stock)
        return Response({"answers": data} if given.several else data[0])


class SearchView(_AskingView):
    """Finds products from a photo, words or a barcode."""

    @_asks(
        "search",
        SearchInput,
        as_json=WordsInput,
        examples=[
            *_examples("Words", {"text": "orange juice", "limit": 3}),
            *_examples("With the stores that hold it", {"text": "juice", "include": "stock"}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Finds products from a photo, words or a barcode.

        Send a photo, words, a barcode, or a photo with words, as multipart/form-data; without a
        photo, JSON will do.

        A barcode that is given or can be read in the photo names its product exactly; it comes
        first. Photos are ranked by cosine distance to the nearest photo of each product; words by
        full-text rank; both together by reciprocal rank. A filter never costs results: whenever
        `limit` products match, `limit` are returned.

        Up to 16 photos go into one call as `images`, 64 MB in all. Each counts for the rate.
        """
        return self.ask(request, SearchInput)


class RecogniseView(_AskingView):
    """What a photo shows, over the whole catalogue, and how sure that is."""

    @_asks("recognise", RecogniseInput)
    def post(self, request: Request) -> Response:
        """Says what a photo shows, out of the whole catalogue, and how sure that is.

        Send a photo as multipart/form-data, or up to 16 as `images`.

        The verdict is `match` (one product; at most `target_error` of such answers are wrong, with
        95 % confidence), `lookalike` (one of `verdict.products`; a person or a barcode must decide)
        or `unknown` (not in this catalogue); it is null until somebody has calibrated. The answer is
        recorded; `sighting` is its name, by which you can say whether it was right.

        With `photos_of_one` the photos have one verdict: a match where each of them alone is a match
        of the same product, unknown where each alone is unknown, look-alikes otherwise.
        """
        return self.ask(request, RecogniseInput)


def _photos_in(request: Request) -> int:
    return sum(len(files) for _name, files in request.FILES.lists())


def _size_of(request: Request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
