"""What staff see first: how the catalogue, recognition and stock are doing, as far as they may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.models import Product, ProductImage
from recognition.models import Encoder, ImageEmbedding, Sighting
from stores.actions import Action
from stores.low_stock import reorder_list
from stores.models import StockLevel, Store, Transfer

_MOST_REASONS = 5
_MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that leads to what it counts. `tone` is "bad" where somebody should act."""

    label: str
    value: int
    note: str
    url: str
    icon: str
    tone: str = ""


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fills the admin's first page; called by the theme."""
    user = request.user
    context["figures"] = [
        figure
        for permission, figures in _FIGURES
        if user.has_perm(permission)
        for figure in figures(user)
    ]
    if user.has_perm("recognition.view_imageembedding"):
        context["coverage"] = _coverage()
        context["failures"] = _failures()
    stores = Store.objects.where_may(user, Action.VIEW)
    if user.has_perm(Action.VIEW):
        context["low_stock"] = list(reorder_list(stores)[:_MOST_ROWS])
        context["reorder_url"] = reverse("admin:stores_reorder")
    if user.has_perm("recognition.view_sighting"):
        context["sightings"] = list(
            Sighting.objects.select_related("best_product", "reviewed_product", "user").order_by(
                "-pk"
            )[:_MOST_ROWS]
        )
    return context


def _catalogue(_user: Any) -> list[Figure]:
    active = Product.objects.active().count()
    everything = Product.objects.count()
    faceless = Product.objects.active().filter(images=None).count()
    return [
        Figure(
            _("Products"),
            active,
            _("%(n)d more inactive or merged") % {"n": everything - active},
            _list("products_product"),
            "inventory_2",
        ),
        Figure(
            _("Without a photo"),
            faceless,
            _("cannot be found by photo"),
            _list("products_product", "has_photo=no&state=active"),
            "hide_image",
            "bad" if faceless else "",
        ),
    ]


def _recognition(_user: Any) -> list[Figure]:
    states, photos, jobs = _states(), ProductImage.objects.count(), _queue_depth()
    return [
        Figure(
            _("Photos ready"),
            states.get("ready", 0),
            ngettext("%d photo in all", "%d photos in all", photos) % photos,
            _list("recognition_imageembedding", "state__exact=ready"),
            "photo_library",
        ),
        Figure(
            _("Photos waiting"),
            states.get("pending", 0),
            ngettext("%d job in the queue", "%d jobs in the queue", jobs) % jobs,
            _list("recognition_imageembedding", "state__exact=pending"),
            "hourglass_top",
        ),
        Figure(
            _("Photos failed"),
            states.get("failed", 0),
            _("see why, and try again"),
            _list("recognition_imageembedding", "state__exact=failed"),
            "broken_image",
            "bad" if states.get("failed") else "",
        ),
    ]


def _stock(user: Any) -> list[Figure]:
    stores = Store.objects.where_may(user, Action.VIEW)
    low = StockLevel.objects.low().filter(store__in=stores).count()
    transfers = Transfer.objects.on_the_way().filter(destination__in=stores).count()
    return [
        Figure(
            _("Low stock"),
            low,
            ngettext("%d transfer on the way", "%d transfers on the way", transfers) % transfers,
            reverse("admin:stores_reorder"),
            "trending_down",
            "bad" if low else "",
        )
    ]


_FIGURES: list[tuple[str, Callable[[Any], list[Figure]]]] = [
    ("products.view_product", _catalogue),
    ("recognition.view_imageembedding", _recognition),
    (Action.VIEW, _stock),
]


def _states() -> dict[str, int]:
    """Photos by state, for the encoder that answers."""
    rows = ImageEmbedding.objects.filter(encoder__state=Encoder.State.ACTIVE)
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def _coverage() -> dict[str, Any]:
    encoder = Encoder.objects.active()
    photos = ProductImage.objects.count()
    ready = _states().get("ready", 0)
    return {
        "encoder": encoder,
        "ready": ready,
        "photos": photos,
        # Rounded down: 100 % is said only when nothing is missing.
        "percent": 100 * ready // photos if photos else 100,
    }


def _failures() -> list[dict[str, Any]]:
    """The commonest reasons for which the active encoder's photos failed."""
    rows = ImageEmbedding.objects.failed().filter(encoder__state=Encoder.State.ACTIVE)
    counted = rows.order_by().values("reason").annotate(n=Count("pk"))
    return [dict(row) for row in counted.order_by("-n", "reason")[:_MOST_REASONS]]


def _queue_depth() -> int:
    """Jobs that wait or are being done; the table is Procrastinate's own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        return int(cursor.fetchone()[0])


def _list(name: str, query: str = "") -> str:
    return reverse(f"admin:{name}_changelist") + (f"?{query}" if query else "")
