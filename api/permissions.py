"""Whether a key's scopes reach as far as a call."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission

from api.models import ApiKey


class KeyHasScope(BasePermission):
    """Only narrows: what the person behind the key may do is asked as well, by the call itself."""

    code = "scope_missing"
    message = ""

    def has_permission(self, request: Any, view: Any) -> bool:
        scope = view.scope_of(request.method)
        if not isinstance(request.auth, ApiKey) or scope is None or scope in request.auth.scopes:
            return True
        self.message = _("This key may not do this: it lacks the scope %(scope)s.") % {
            "scope": scope
        }
        return False
