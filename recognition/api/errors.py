"""Trouble with seeing, as the API says it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException

from recognition.encoders import Busy, EncoderError
from recognition.versions import NoActiveEncoder


class CannotSeeNow(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = gettext_lazy("Photos cannot be searched at the moment. Try again in a minute.")
    default_code = "cannot_see_now"


class TooBusy(CannotSeeNow):
    default_detail = gettext_lazy("Too many photos are being searched. Try again in a few seconds.")
    default_code = "busy"
    wait = Busy.wait


class PhotoTooLarge(APIException):
    """One photo, in a request that would be large enough for several."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "request_too_large"

    def __init__(self) -> None:
        text = _("This is too large: a photo may have at most %(most)d MB.")
        super().__init__(text % {"most": settings.PHOTO_MAX_BYTES // 2**20})


@contextmanager
def eyes_open() -> Iterator[None]:
    """Trouble with seeing as the API says it."""
    try:
        yield
    except Busy as error:
        raise TooBusy from error
    except (NoActiveEncoder, EncoderError) as error:
        raise CannotSeeNow(str(error)) from error
