"""The API's addresses."""

from django.urls import include, path
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)
from rest_framework.permissions import AllowAny

from api.whoami import WhoAmIView
from products.api import urlpatterns as catalogue
from recognition.api import RecogniseView, SearchView
from recognition.api_feedback import FeedbackView, SightingView
from recognition.api_looking import BoxView, WhyView
from stores.api import urlpatterns as stock

_open = {"authentication_classes": [], "permission_classes": [AllowAny]}
# Pages in a browser: their template has nothing for the answer to OPTIONS.
_page = {"url_name": "schema", "http_method_names": ["get", "head"], **_open}

v1 = [
    path("whoami/", WhoAmIView.as_view(), name="whoami"),
    path("search/", SearchView.as_view(), name="search"),
    path("search/box/", BoxView.as_view(), name="search-box"),
    path("search/why/", WhyView.as_view(), name="search-why"),
    path("recognise/", RecogniseView.as_view(), name="recognise"),
    path("sightings/<str:token>/", SightingView.as_view(), name="sighting"),
    path("sightings/<str:token>/feedback/", FeedbackView.as_view(), name="sighting-feedback"),
    *catalogue,
    *stock,
]

urlpatterns = [
    path("v1/", include((v1, "v1"))),
    path("schema/", SpectacularAPIView.as_view(**_open), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(**_page), name="docs"),
    path("redoc/", SpectacularRedocView.as_view(**_page), name="redoc"),
]
