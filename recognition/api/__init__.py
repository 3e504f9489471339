"""Seeing over HTTP: thin views over the use cases of this app."""

from django.urls import path

from recognition.api.looking import BoxView, WhyView
from recognition.api.seeing import RecogniseView, SearchView
from recognition.api.sightings import FeedbackView, SightingView

urlpatterns = [
    path("search/", SearchView.as_view(), name="search"),
    path("search/box/", BoxView.as_view(), name="search-box"),
    path("search/why/", WhyView.as_view(), name="search-why"),
    path("recognise/", RecogniseView.as_view(), name="recognise"),
    path("sightings/<str:token>/", SightingView.as_view(), name="sighting"),
    path("sightings/<str:token>/feedback/", FeedbackView.as_view(), name="sighting-feedback"),
]
