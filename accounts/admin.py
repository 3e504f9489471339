from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import slots
from accounts.models import User
from accounts.permission_names import WithPermissionNames

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(WithPermissionNames, DjangoUserAdmin, ModelAdmin):
    """People and their roles. Their stores are chosen on the stores' pages.

    A retailer may let somebody manage accounts who is no superuser: that person hands out no
    rights, and has no hand on those who have all of them.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "roles", "is_staff", "is_active"]
    add_fieldsets = [
        (None, {"fields": ["username", "usable_password", "password1", "password2"]}),
        (_("Role"), {"fields": ["groups", "is_staff"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = [*super().get_readonly_fields(request, obj)]
        if not request.user.is_superuser:
            fields += ["is_staff", "is_superuser", "groups", "user_permissions"]
        return fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        if kept := [reason for find in slots.reasons_to_keep for reason in find(objs)]:
            return [], {}, set(), kept
        return super().get_deleted_objects(objs, request)

    @admin.display(description=_("role"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"


def _may_touch(request: HttpRequest, user: Any) -> bool:
    return bool(request.user.is_superuser) or not getattr(user, "is_superuser", False)


@admin.register(Group)
class GroupAdmin(WithPermissionNames, DjangoGroupAdmin, ModelAdmin):
    """Whoever writes what a role may do could do anything: superusers alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)
