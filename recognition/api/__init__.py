"""Seeing over HTTP: thin views over the use cases of this app."""

from django.urls import path

from recognition.api.calibrations import CalibrationsView, CalibrationView
from recognition.api.encoders import EncodersView, EncoderView
from recognition.api.feature_maps import FeatureMapsView, FeatureMapView, PointsView
from recognition.api.looking import BoxView, WhyView
from recognition.api.seeing import RecogniseView, SearchView
from recognition.api.sightings import FeedbackView, SightingsView, SightingView
from recognition.api.similar import SimilarView

urlpatterns = [
    path("search/", SearchView.as_view(), name="search"),
    path("search/box/", BoxView.as_view(), name="search-box"),
    path("search/why/", WhyView.as_view(), name="search-why"),
    path("recognise/", RecogniseView.as_view(), name="recognise"),
    path("products/<str:sku>/similar/", SimilarView.as_view(), name="similar"),
    path("sightings/", SightingsView.as_view(), name="sightings"),
    path("sightings/<str:token>/", SightingView.as_view(), name="sighting"),
    path("sightings/<str:token>/feedback/", FeedbackView.as_view(), name="sighting-feedback"),
    path("encoders/", EncodersView.as_view(), name="encoders"),
    path("encoders/<int:encoder>/", EncoderView.as_view(), name="encoder"),
    path("calibrations/", CalibrationsView.as_view(), name="calibrations"),
    path("calibrations/<int:calibration>/", CalibrationView.as_view(), name="calibration"),
    path("feature-maps/", FeatureMapsView.as_view(), name="feature-maps"),
    path("feature-maps/<int:feature_map>/", FeatureMapView.as_view(), name="feature-map"),
    path("feature-maps/<int:feature_map>/points/", PointsView.as_view(), name="feature-map-points"),
]
