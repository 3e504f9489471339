"""Names of other packages' tables and columns, where the admin shows them and they know no language.

Set after the models are made, which no migration sees: those compare what a class was written with.
"""

from typing import Any

from django.apps import apps
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

_MODELS: dict[str, tuple[Any, Any]] = {
    "procrastinate.ProcrastinateJob": (_("background job"), _("background jobs")),
    "procrastinate.ProcrastinateEvent": (_("event of a background job"), _("events of jobs")),
    "procrastinate.ProcrastinateWorker": (_("worker"), _("workers")),
    "procrastinate.ProcrastinatePeriodicDefer": (_("periodic job"), _("periodic jobs")),
}
_COLUMNS: dict[str, Any] = {"api.ApiKey.created": _("created")}


def set_names() -> None:
    apps.get_app_config("procrastinate").verbose_name = _("Background jobs")
    for label, (one, several) in _MODELS.items():
        options = apps.get_model(label)._meta
        options.verbose_name, options.verbose_name_plural = one, several
    for label, name in _COLUMNS.items():
        model, _dot, column = label.rpartition(".")
        apps.get_model(model)._meta.get_field(column).verbose_name = name
    _name_relationships()


def _name_relationships() -> None:
    """Django fills these in when the models are made, which is before there is a language."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.auto_created:
            ends = [each.related_model for each in model._meta.fields if each.is_relation]
            names = [end._meta.verbose_name for end in ends if end is not None]
            name = format_lazy("{}–{}", *names)
            model._meta.verbose_name = model._meta.verbose_name_plural = name
