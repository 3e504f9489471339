"""The site's addresses, and some that fail."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from retailvision.urls import (
    handler400,
    handler403,
    handler404,
    handler500,
)
from retailvision.urls import (
    urlpatterns as site,
)

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

ERRORS = {"400": SuspiciousOperation, "403": PermissionDenied, "500": ZeroDivisionError}


def fail(_request: HttpRequest, status: str) -> None:
    raise ERRORS[status]("detail of the fault")


class FailingView(APIView):
    permission_classes = (AllowAny,)

    def get(self, _request: Request) -> None:
        raise ZeroDivisionError("detail of the fault")


urlpatterns = [
    path("api/fail/<str:status>/", fail),
    path("fail/<str:status>/", fail),
    path("api/v1/fail/", FailingView.as_view()),
    *site,
]
