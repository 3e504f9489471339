"""The stock pages without a connection: the service worker, its page, and the door to come back by."""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

# What the page without a connection is made of. Nothing else is ever kept on the phone.
_ASSETS = (
    "site.css", "icons.svg", "language.js", "stock/stock.css", "stock/offline.js",
    "stock/queue.js", "stock/clock.js", "stock/unsent.js", "stock/keep.js", "stock/quantity.js",
)  # fmt: skip


def _brand_assets() -> list[str]:
    """Those of the retailer's own, and our logo where there is none."""
    own = [reverse("brand", args=[name]) for name in settings.BRAND.files]
    return (
        own
        if settings.BRAND.logo and settings.BRAND.icon
        else [*own, static("retailvision/logo.svg")]
    )


@login_required
@require_safe
def here(request: HttpRequest) -> JsonResponse:
    """Who is logged in, the token for what a page sends that was loaded under an older log-in, and the
    time in milliseconds, by which a phone knows how long something waited.
    """
    now = round(timezone.now().timestamp() * 1000)
    return JsonResponse({"user": request.user.pk, "csrf": get_token(request), "now": now})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that stands in for any other without a connection: the same for everybody."""
    # Whoever loads it first, it is kept for all who use the phone.
    return render(request, "stores/offline.html", {"user": AnonymousUser()})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of `/stock/`, with the files that it keeps. A browser takes it for a new one
    when a byte of it differs: where a file, the page or the language is another one.
    """
    page = reverse("stock:offline")
    html = render_to_string("stores/offline.html", {"user": AnonymousUser()}, request)
    setup = {
        "page": page,
        "assets": [*(static(f"retailvision/{name}") for name in _ASSETS), *_brand_assets()],
        "version": f"{get_language()}-{hashlib.sha256(html.encode()).hexdigest()[:12]}",
    }
    script = static("retailvision/stock/worker.js")
    return HttpResponse(
        f"self.setup = {json.dumps(setup)};\nimportScripts({json.dumps(script)});\n",
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"},
    )
