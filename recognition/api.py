"""Search over HTTP, for partners."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.scopes import Scope
from api.views import OpenApiView
from products.json_parser import TextJSONParser
from recognition.encoders import Busy, EncoderError
from recognition.models import Sighting
from recognition.search import Query
from recognition.serializers import AnswerOutput, RecogniseInput, SearchInput, answer_as_data
from recognition.sightings import answer_and_record
from recognition.versions import NoActiveEncoder


class CannotSeeNow(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("Photos cannot be searched at the moment. Try again in a minute.")
    default_code = "cannot_see_now"


class TooBusy(CannotSeeNow):
    default_detail = _("Too many photos are being searched. Try again in a few seconds.")
    default_code = "busy"


class SearchView(OpenApiView):
    """Finds products from a photo, words or a barcode."""

    writes = Scope.RECOGNISE
    rate = "search"
    parser_classes = (MultiPartParser, FormParser, TextJSONParser)

    @extend_schema(
        operation_id="search",
        tags=["search"],
        request={"multipart/form-data": SearchInput},
        responses={200: AnswerOutput},
        examples=[
            OpenApiExample(
                "Words in a category",
                value={"text": "green apple", "category": "Fruit", "limit": 5},
                request_only=True,
                media_type="multipart/form-data",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Send a photo, words, a barcode, or a photo with words, as multipart/form-data.

        A barcode that is given or can be read in the photo names its product exactly; it comes
        first. Photos are ranked by cosine distance to the nearest photo of each product; words by
        full-text rank; both together by reciprocal rank. A filter never costs results: whenever
        `limit` products match, `limit` are returned.
        """
        given = SearchInput(data=request.data)
        with eyes_open():
            given.is_valid(raise_exception=True)
            answer = answer_and_record(given.query(), user=request.user, source=Sighting.Source.API)
        return Response(answer_as_data(answer, absolute=request.build_absolute_uri))


class RecogniseView(OpenApiView):
    """What a photo shows, over the whole catalogue, and how sure that is."""

    writes = Scope.RECOGNISE
    rate = "search"
    parser_classes = (MultiPartParser, FormParser, TextJSONParser)

    @extend_schema(
        operation_id="recognise",
        tags=["search"],
        request={"multipart/form-data": RecogniseInput},
        responses={200: AnswerOutput},
    )
    def post(self, request: Request) -> Response:
        """Send one photo as multipart/form-data.

        The verdict is `match` (one product; at most `target_error` of such answers are wrong, with
        95 % confidence), `lookalike` (one of `verdict.products`; a person or a barcode must decide)
        or `unknown` (not in this catalogue); it is null until somebody has calibrated. The answer is
        recorded; `sighting` is its name, by which you can say whether it was right.
        """
        given = RecogniseInput(data=request.data)
        with eyes_open():
            given.is_valid(raise_exception=True)
            query = Query(photo=given.photo(), limit=given.validated_data["limit"])
            answer = answer_and_record(query, user=request.user, source=Sighting.Source.API)
        return Response(answer_as_data(answer, absolute=request.build_absolute_uri))


@contextmanager
def eyes_open() -> Iterator[None]:
    """Trouble with seeing as the API says it."""
    try:
        yield
    except Busy as error:
        raise TooBusy from error
    except (NoActiveEncoder, EncoderError) as error:
        raise CannotSeeNow(str(error)) from error
