"""Pages that belong to no app: errors, health and, on a single machine, the photos' files."""

from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

from retailvision.api import error_response, is_api_request

# Only what the photo door stores is shown by a browser; anything else would be a download.
_SHOWN = {".jpg", ".jpeg", ".png", ".webp"}
_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A stored photo or thumbnail. Names are random and files never change, so caches keep them."""
    try:
        response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except (SuspiciousFileOperation, OSError) as error:  # the latter: a name that no disk takes
        raise Http404 from error
    response["Cache-Control"] = _FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    if PurePosixPath(path).suffix not in _SHOWN:
        response["Content-Disposition"] = "attachment"
    return response


@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """200 while the database answers, for load balancers and supervisors."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse({"database": "ok"})


def _error(request: HttpRequest, status: int, code: str, text: str) -> HttpResponse:
    if is_api_request(request):
        return error_response(status, code, text)
    return render(request, "error.html", {"status": status, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _error(request, 400, "bad_request", _("This request cannot be read."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _error(request, 403, "permission_denied", _("You may not do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form without its token, most often from a page of a session that has ended."""
    text = _("This page was open for too long. Load it again, and send the form once more.")
    return _error(request, 403, "csrf_failed", text)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _error(request, 404, "not_found", _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    text = _("Something went wrong on our side. It has been noted; try again in a minute.")
    if is_api_request(request):
        return error_response(500, "error", text)
    # No context processors: whatever failed may fail in them again.
    return HttpResponse(
        f"<!doctype html><meta charset=utf-8><title>500</title><p>{text}</p>", status=500
    )
