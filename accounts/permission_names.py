"""Permissions as people read them; in the database their names are English."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def permission_name(permission: Permission) -> str:
    """As in “Catalogue | product | change”."""
    deed, _line, model = permission.codename.partition("_")
    words = {
        "add": pgettext("permission", "add"),
        "change": pgettext("permission", "change"),
        "delete": pgettext("permission", "delete"),
        "view": pgettext("permission", "see"),
    }
    if deed in words and model == permission.content_type.model:
        return f"{permission.content_type} | {words[deed]}"
    # Another than Django's four says all of it.
    return f"{permission.content_type} | {_(permission.name)}"


class PermissionsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return permission_name(obj)


class WithPermissionNames:
    """Of an admin whose form has permissions to choose from: those of the apps that it has pages of.
    Tables that are behind these pages, as those of thumbnails, are nobody's to open or close.
    """

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if db_field.name in {"permissions", "user_permissions"}:
            shown = filter(admin.site.is_registered, apps.get_models())
            labels = {model._meta.app_label for model in shown}
            kwargs |= {
                "form_class": PermissionsField,
                "queryset": Permission.objects.filter(content_type__app_label__in=labels),
            }
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
