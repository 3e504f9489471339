from django.urls import path

from recognition.feedback_views import answer_page, feedback
from recognition.views import search_page

app_name = "recognition"
urlpatterns = [
    path("", search_page, name="search"),
    path("answers/<str:token>/", answer_page, name="answer"),
    path("answers/<str:token>/feedback/", feedback, name="feedback"),
]
