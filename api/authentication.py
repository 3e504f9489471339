"""Who shows a key."""

import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from api.models import ApiKey

logger = logging.getLogger(__name__)

# How exactly `last used` is kept: a write for every call would cost more than it tells.
_USED_EVERY = timedelta(minutes=1)


class KeyAuthentication(TokenAuthentication):
    """`Authorization: Bearer rv_...`. One that is unknown, revoked or expired is refused (401), also
    where no key is needed: its owner should hear of it.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[Any, ApiKey]:
        if not token.isascii() or b"\0" in token:  # the database does not take it
            raise _unknown()
        try:
            user, key = super().authenticate_credentials(token)
        except AuthenticationFailed as error:
            raise _unknown() from error
        _remember_use(key)
        return user, key

    def authenticate(self, request: Any) -> tuple[Any, ApiKey] | None:
        found: tuple[Any, ApiKey] | None = super().authenticate(request)
        if found is not None:
            key = found[1]
            # With the request's id in front of it: what a key was used for can be looked up.
            logger.info("key %s…: %s %s", key.token_key, request.method, request.path)
        return found

    def _cleanup_token(self, auth_token: ApiKey) -> bool:
        """The library deletes what has expired; here it stays to be seen by staff, and opens nothing."""
        return auth_token.revoked_at is not None or auth_token.has_expired


def _unknown() -> AuthenticationFailed:
    return AuthenticationFailed(
        _(
            "This key is unknown, revoked or expired. Send a valid one as Authorization: Bearer rv_..."
        )
    )


def _remember_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > _USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "rv_...",
            "description": "A key of a partner's program, made by the shop in its admin.",
        }
