from django.urls import path

from accounts.views import LogIn, LogOut, home

app_name = "accounts"
urlpatterns = [
    path("login/", LogIn.as_view(), name="login"),
    path("home/", home, name="home"),
    path("logout/", LogOut.as_view(), name="logout"),
]
