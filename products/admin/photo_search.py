"""Search by photo above the list of products. The photo is asked with and not kept: the session
keeps which products were found.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from products import slots
from products.slots import PhotoFinding, PhotoSearchFailed

PARAMETER = "photo"
_SESSION_KEY = "admin_photo_searches"
# Each takes some kilobytes of the session; older tabs of the same person say that theirs is gone.
_KEPT = 5


@dataclass(frozen=True, slots=True)
class PhotoHits:
    """What a photo found: products, best first, with their cosine distance."""

    distances: dict[int, float | None]
    barcode: str
    note: str


def hits_of(request: HttpRequest, token: str) -> PhotoHits | None:
    """What a photo of this person found; None where there is no such search (any more)."""
    kept = dict(request.session.get(_SESSION_KEY, [])).get(token) if token else None
    if kept is None:
        return None
    return PhotoHits(dict(kept["hits"]), kept["barcode"], kept["note"])


def _keep(request: HttpRequest, finding: PhotoFinding) -> str:
    token = secrets.token_urlsafe(9)
    kept = {
        "hits": [(pk, None if far is None else round(far, 5)) for pk, far in finding.hits],
        "barcode": finding.barcode,
        "note": finding.note,
    }
    searches = [*request.session.get(_SESSION_KEY, []), (token, kept)]
    request.session[_SESSION_KEY] = searches[-_KEPT:]
    return token


class PhotoSearchForm(forms.Form):
    # A plain file field: the photo is checked where it is read, as every other.
    photo = forms.FileField(allow_empty_file=True)


class PhotoSearchMixin:
    """The address that a photo is posted to from the list."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "by-photo/",
            self.admin_site.admin_view(self.by_photo_view),
            name="products_product_by_photo",
        )
        return [own, *super().get_urls()]  # type: ignore[misc]

    def by_photo_view(self, request: HttpRequest) -> HttpResponse:
        """Looks a posted photo up and goes back to the list, which then shows what was found."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        there = reverse("admin:products_product_changelist")
        if not slots.photo_finders:
            messages.error(request, _("This site does not search by photo."))
            return redirect(there)
        form = PhotoSearchForm(request.POST, request.FILES)
        if not form.is_valid():
            messages.error(request, _("Choose a photo to search with."))
            return redirect(there)
        try:
            finding = slots.photo_finders[0](form.cleaned_data["photo"])
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(there)
        except PhotoSearchFailed as error:
            messages.error(request, str(error))
            return redirect(there)
        return redirect(f"{there}?{PARAMETER}={_keep(request, finding)}")
