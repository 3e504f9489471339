"""What holds for every request."""

from collections.abc import Callable

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from retailvision.api import error_response, is_api_request
from retailvision.views import bad_request, health

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# What is read and thrown away of a request that is too large, so that its sender gets to see the
# answer; with more than that outstanding the connection is closed on it.
_DRAIN_BYTES = 128 * 1024 * 1024
_DRAIN_CHUNK = 256 * 1024
# Django's words for it; what it says is not translated.
_NO_NUMBER = " expected a number but got "
# psycopg's.
_NUL = "cannot contain NUL"
_UPLOAD = "admin:products_importrun_add"
# Not the API's answers: a compressed one has a weak ETag, which `If-Match` takes for another.
_COMPRESSED = {"text/html", "application/xml"}
STOCK_PREFIX = "/stock/"
# Calls that take several photos.
_PHOTOS = ("v1:search", "v1:recognise")


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The strict policy everywhere; the admin and the API's pages get what their themes need."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            response._csp_update = settings.CONTENT_SECURITY_POLICY_ADMIN  # type: ignore[attr-defined]  # noqa: SLF001
        elif request.path.startswith(("/api/docs/", "/api/redoc/")):
            response._csp_update = settings.CONTENT_SECURITY_POLICY_DOCS  # type: ignore[attr-defined]  # noqa: SLF001
        return super().process_response(request, response)


class CompressionMiddleware(GZipMiddleware):
    """Sends pages and answers of the API compressed. Photos are so already, and static files come
    compressed from WhiteNoise.

    What an observer might learn from the size (BREACH) is hidden twice: Django masks the token of
    forms anew for each page, and pads each answer by a random number of bytes.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]
        kind = response.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in _COMPRESSED:
            return response
        return super().process_response(request, response)  # type: ignore[return-value]


class HealthMiddleware:
    """Answers `/health/` before any rule on hosts, redirects or sessions.

    A load balancer asks by an address of its own, which is in nobody's list of allowed hosts.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return health(request) if request.path == "/health/" else self.get_response(request)


class PrivatePagesMiddleware:
    """Keeps the stock pages out of every cache: phones are shared, and a page that the browser brings
    back would show a level, and send a key, of before.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith(STOCK_PREFIX):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class NulMiddleware:
    """Refuses an address with a NUL character, which PostgreSQL would refuse in the middle of work."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            return bad_request(request)
        # No cookie of ours holds one; a session that is looked up by it would end in an error.
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]
        return self.get_response(request)


class ApiSlashMiddleware:
    """Tells a program that its address lacks the slash at the end. A redirect would make a GET of its
    POST, whose answer looks like success.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reads = request.method in {"GET", "HEAD", "OPTIONS"}
        if reads or not is_api_request(request) or request.path.endswith("/"):
            return self.get_response(request)
        text = _("Addresses of the API end with a slash: %(path)s/")
        return error_response(404, "slash_missing", text % {"path": request.path})


class ImpossibleValueMiddleware:
    """Refuses what Django hands to a query unchecked, and stumbles over there."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """A year that no date has, as in `?created_at__year=-1`; in the admin also a row's number
        that is none, as in `_selected_action=abc` or in a field that is filled in by typing; and
        anywhere a NUL character in a field, which PostgreSQL refuses. Nothing that is stored holds
        one, so it came with the request, whose body is not read a second time for that.
        """
        if isinstance(exception, DataError | ValueError) and _NUL in str(exception):
            return bad_request(request, exception)
        asks_a_year = any(name.endswith("year") for name in request.GET)
        if isinstance(exception, OverflowError | ValueError) and asks_a_year:
            return bad_request(request, exception)
        if isinstance(exception, ValueError) and request.path.startswith("/admin/"):
            return bad_request(request, exception) if _NO_NUMBER in str(exception) else None
        return None


def takes_several_photos(request: HttpRequest) -> bool:
    """Whether a request may bring several photos: by its address, and as a form with files."""
    if request.content_type != "multipart/form-data":
        return False
    # A product's photos come with it, or below its address.
    return request.path in map(reverse, _PHOTOS) or request.path.startswith(reverse("v1:products"))


def several_too_large() -> str:
    return _(
        "This is too large: a photo may have at most %(most)d MB, all photos of a call together"
        " %(all)d MB."
    ) % {
        "most": settings.PHOTO_MAX_BYTES // 2**20,
        "all": settings.SEARCH_MAX_REQUEST_BYTES // 2**20,
    }


class RequestSizeMiddleware:
    """Refuses a request that is larger than any photo may be, before anything of it is parsed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._size(request) <= self._limit(request):
            return self.get_response(request)
        self._drain(request)
        text = self._text(request)
        if is_api_request(request):
            return error_response(413, "request_too_large", text)
        if request.headers.get("HX-Request"):
            return render(request, "recognition/_results.html", {"problem": text}, status=413)
        return render(request, "error.html", {"status": 413, "text": text}, status=413)

    @staticmethod
    def _size(request: HttpRequest) -> int:
        try:
            return int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return 0

    @staticmethod
    def _text(request: HttpRequest) -> str:
        if request.path == reverse(_UPLOAD):
            return _(
                "This is too large: the table may have %(table)d MB, the photos %(zip)d MB."
            ) % {
                "table": settings.IMPORT_MAX_BYTES // 2**20,
                "zip": settings.IMPORT_MAX_ZIP_BYTES // 2**20,
            }
        if takes_several_photos(request):
            return several_too_large()
        return _("This is too large: a photo may have at most %(most)d MB.") % {
            "most": settings.PHOTO_MAX_BYTES // 2**20
        }

    @staticmethod
    def _limit(request: HttpRequest) -> int:
        if request.path == reverse(_UPLOAD):
            # Such an upload fills the disk before any form is asked: staff alone may send one.
            if get_user(request).is_staff:
                files = settings.IMPORT_MAX_BYTES + settings.IMPORT_MAX_ZIP_BYTES
                return int(files) + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            return int(settings.REQUEST_MAX_BYTES)
        if takes_several_photos(request):
            return int(settings.SEARCH_MAX_REQUEST_BYTES)
        # Staff drop many photos at once; each is still held to a photo's limit by the door.
        if request.path.startswith("/admin/"):
            return settings.REQUEST_MAX_BYTES * settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return int(settings.REQUEST_MAX_BYTES)

    @staticmethod
    def _drain(request: HttpRequest) -> None:
        left = _DRAIN_BYTES
        while left > 0 and (chunk := request.read(_DRAIN_CHUNK)):
            left -= len(chunk)
