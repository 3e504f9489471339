"""Logging in and out on the site's own pages, for those who never see the admin."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


def home_of(user: Any) -> str:
    """Where somebody works: who books stock at the shelf, who has the admin at the desk."""
    # By their names: this app knows nothing of stores.
    if user.has_perm("stores.book_stock") and not user.is_superuser:
        return reverse("stock:stores")
    if user.is_staff:
        return reverse("admin:index")
    return reverse("stock:stores") if user.has_perm("stores.view_stocklevel") else "/"


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where any log-in leads that names no page, the admin's too."""
    return redirect(home_of(request.user))


class LogIn(LoginView):
    """Anybody with a log-in. `next` leads on, but never to another host."""

    template_name = "accounts/login.html"
    # Which it would otherwise take from the host.
    extra_context = {"site_name": settings.SITE_NAME}

    def get_default_redirect_url(self) -> str:
        return home_of(self.request.user)


class LogOut(LogoutView):
    """By POST only, so that no picture on a foreign page logs anybody out."""

    next_page = "accounts:login"
