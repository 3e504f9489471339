from django.urls import path

from recognition.views import search_page

app_name = "recognition"
urlpatterns = [path("", search_page, name="search")]
