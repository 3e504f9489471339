"""Pages that belong to no app: errors, health and, on a single machine, the photos' files."""

import logging
from pathlib import PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

from retailvision.api import error_response, is_api_request
from retailvision.context import site
from stores.answers import wants_json

logger = logging.getLogger(__name__)

# Only what the photo door stores is shown by a browser; anything else would be a download.
_SHOWN = {".jpg", ".jpeg", ".png", ".webp", ".avif"}
_DAY = 24 * 3600
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


@require_safe
def brand(_request: HttpRequest, name: str) -> HttpResponse:
    """The retailer's logo, icon or colours. The name holds a digest of what is in it."""
    file = settings.BRAND.files.get(name)
    if file is None:
        raise Http404
    headers = {
        "Cache-Control": _FOR_EVER,
        "X-Content-Type-Options": "nosniff",
        # An SVG that somebody opens by itself is a page, which may have scripts.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    }
    return HttpResponse(file.body, content_type=file.content_type, headers=headers)


# What is for people alone, and answers to questions: each costs a search, and there is no end of them.
# The star, since simple robots read “/?” as “/”, which is the whole site.
_NOT_FOR_ROBOTS = (
    "/admin/",
    "/accounts/",
    "/stock/",
    "/api/",
    "/i18n/",
    "/answers/",
    "/filters/",
    "/?*",
)


@cache_control(public=True, max_age=_DAY)
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What robots need not read, and where the map of the rest is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in _NOT_FOR_ROBOTS),
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


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


def _page_to_load_again(request: HttpRequest) -> str:
    """The address that failed. A link sends no form once more, so of one it is that of the form's page;
    "" where that is not known, or is not ours.
    """
    if request.method in {"GET", "HEAD"}:
        return escape_leading_slashes(request.get_full_path())
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, request.get_host(), request.is_secure()):
        return ""
    parts = urlsplit(page)
    return escape_leading_slashes(urlunsplit(("", "", parts.path or "/", parts.query, "")))


def _error(
    request: HttpRequest, status: int, code: str, text: str, *, again: str = ""
) -> HttpResponse:
    if is_api_request(request):
        return error_response(status, code, text)
    if wants_json(request):
        return JsonResponse({"problem": text, "code": code}, status=status)
    context = {"status": status, "text": text, "again": again}
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _error(request, 400, "bad_request", _("This request cannot be read."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _error(request, 403, "permission_denied", _("You may not do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form without its token, most often from a page of a session that has ended."""
    text = _("This page was open for too long. Load it again, and send the form once more.")
    return _error(request, 403, "csrf_failed", text, again=_page_to_load_again(request))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return _error(request, 404, "not_found", _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    text = _("Something went wrong on our side. It has been noted; try again in a minute.")
    if is_api_request(request):
        return error_response(500, "error", text)
    return HttpResponse(_page_of_last_resort(request, text), status=500)


def _page_of_last_resort(request: HttpRequest, text: str) -> str:
    """The page without session, account and database, which may be what failed; where even that
    fails, the bare words.
    """
    try:
        context = {"status": 500, "text": text, "again": _page_to_load_again(request)}
        return render_to_string("error.html", {**site(request), **context})
    except Exception:
        logger.exception("The page of errors cannot be shown")
        return f"<!doctype html><meta charset=utf-8><title>500</title><p>{text}</p>"
