from django.urls import path

from recognition.category_views import categories_page, category_page
from recognition.feedback_views import answer_page, feedback
from recognition.panel_views import filters_panel, store_places
from recognition.views import search_page

app_name = "recognition"
urlpatterns = [
    path("", search_page, name="search"),
    path("filters/", filters_panel, name="filters"),
    path("store-places.json", store_places, name="store-places"),
    path("categories/", categories_page, name="categories"),
    path("categories/<int:pk>-<str:slug>/", category_page, name="category"),
    path("answers/<str:token>/", answer_page, name="answer"),
    path("answers/<str:token>/feedback/", feedback, name="feedback"),
]
