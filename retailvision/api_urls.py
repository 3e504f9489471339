"""The API's addresses."""

from django.urls import include, path
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from api.document import DocumentView
from api.whoami import WhoAmIView
from products.api import urlpatterns as catalogue
from recognition.api import urlpatterns as seeing
from stores.api import urlpatterns as stock

_open = {"authentication_classes": [], "permission_classes": [AllowAny]}
# Pages in a browser: their template has nothing for the answer to OPTIONS.
_page = {"url_name": "schema", "http_method_names": ["get", "head"], **_open}

v1 = [
    path("whoami/", WhoAmIView.as_view(), name="whoami"),
    *catalogue,
    *seeing,
    *stock,
]

urlpatterns = [
    path("v1/", include((v1, "v1"))),
    path("schema/", DocumentView.as_view(**_open), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(**_page), name="docs"),
    path("redoc/", SpectacularRedocView.as_view(**_page), name="redoc"),
]
