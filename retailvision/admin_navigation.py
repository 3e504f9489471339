"""The sidebar of the admin: what staff work with, by subject. Whoever may not see a page is not
offered it.
"""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

Item = dict[str, Any]


# By group: the model, what it is called here, its Material symbol and, where the page is not the
# model's list, its address, and the permission for it. What an app has not (yet)
# registered is left out.
_GROUPS: list[tuple[Any, list[tuple[Any, ...]]]] = [
    (
        _("Catalogue"),
        [
            ("products.product", _("Products"), "inventory_2"),
            ("products.category", _("Categories"), "account_tree"),
            ("products.importrun", _("Imports"), "upload_file"),
            ("recognition.finding", _("Catalogue check-up"), "stethoscope"),
        ],
    ),
    (
        _("Stock"),
        [
            ("stores.store", _("Stores"), "storefront"),
            ("stores.stocklevel", _("Stock levels"), "shelves"),
            ("stores.stockmovement", _("Ledger"), "swap_vert"),
            ("stores.stockoperation", _("Bookings"), "receipt_long"),
            ("stores.transfer", _("Transfers"), "local_shipping"),
            ("stores.stocktake", _("Stocktakes"), "fact_check"),
            ("stores.stocklevel", _("To reorder"), "shopping_cart", "admin:stores_reorder"),
        ],
    ),
    (
        _("Recognition"),
        [
            ("recognition.imageembedding", _("Photo states"), "image_search"),
            ("recognition.sighting", _("Sightings"), "visibility"),
            (
                "recognition.sighting",
                _("Review answers"),
                "rule",
                "admin:recognition_review",
                "recognition.review_sighting",
            ),
            (
                "recognition.similarityreport",
                _("Similarity report"),
                "query_stats",
                "admin:recognition_similarityreport_newest",
            ),
            (
                "recognition.featuremap",
                _("Feature map"),
                "scatter_plot",
                "admin:recognition_featuremap_newest",
            ),
            ("recognition.encoder", _("Encoders"), "neurology"),
        ],
    ),
    (
        _("People"),
        [
            ("accounts.user", _("Users"), "person"),
            ("auth.group", _("Groups"), "group"),
            ("api.apikey", _("API keys"), "key"),
        ],
    ),
    (
        _("Webhooks"),
        [
            ("webhooks.webhookendpoint", _("Endpoints"), "webhook"),
            ("webhooks.webhookdelivery", _("Deliveries"), "outbox"),
        ],
    ),
    (_("System"), [("procrastinate.procrastinatejob", _("Background jobs"), "schedule")]),
]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Groups of links, as `UNFOLD["SIDEBAR"]["navigation"]` takes them."""
    overview = {"title": _("Overview"), "icon": "dashboard", "link": reverse_lazy("admin:index")}
    groups = [
        {
            "title": title,
            "items": [_rows(*row) for row in rows if _is_registered(row[0])],
        }
        for title, rows in _GROUPS
    ]
    return [{"items": [overview]}, *groups]


def _is_registered(label: str) -> bool:
    try:
        return admin.site.is_registered(apps.get_model(label))
    except LookupError:
        return False


def _rows(label: str, title: Any, icon: str, url_name: str = "", permission: str = "") -> Item:
    """The list of a model, or another page about it, for those who may see it."""
    app, model = label.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(url_name or f"admin:{app}_{model}_changelist"),
        "permission": _may(permission) if permission else _may_view(app, model),
    }


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: bool(request.user.has_perm(permission))


def _may_view(app: str, model: str) -> Callable[[HttpRequest], bool]:
    def may(request: HttpRequest) -> bool:
        user: Any = request.user
        return any(user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change"))

    return may
