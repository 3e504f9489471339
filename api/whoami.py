"""Which key is this? The first call of every integration."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ErrorOutput
from api.models import ApiKey
from api.scopes import Scope
from api.views import ApiView


class KeyOutput(serializers.Serializer):
    name = serializers.CharField()
    begins_with = serializers.CharField(source="token_key")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True)


class WhoAmIOutput(serializers.Serializer):
    user = serializers.CharField(help_text="Whose permissions count.")
    key = KeyOutput(allow_null=True, help_text="null: a session, which has no scopes.")


class WhoAmIView(ApiView):
    @extend_schema(
        operation_id="who_am_i",
        tags=["keys"],
        responses={200: WhoAmIOutput, 401: ErrorOutput, 403: ErrorOutput},
        examples=[
            OpenApiExample(
                "A key",
                value={
                    "user": "acme",
                    "key": {
                        "name": "Acme ERP, nightly",
                        "begins_with": "rv_4f1c09aa7d1b",
                        "scopes": ["catalogue:read", "stock:write"],
                        "expires_at": None,
                    },
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Whose key this is and what it may be used for. Needs no scope."""
        key = request.auth if isinstance(request.auth, ApiKey) else None
        return Response(WhoAmIOutput({"user": request.user.get_username(), "key": key}).data)
