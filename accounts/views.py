"""Logging in and out on the site's own pages, for those who never see the admin."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import reverse


class LogIn(LoginView):
    """Anybody with a log-in. `next` leads on, but never to another host."""

    template_name = "accounts/login.html"
    # Which it would otherwise take from the host.
    extra_context = {"site_name": settings.SITE_NAME}

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        # By its name: this app knows nothing of stores.
        if user.has_perm("stores.view_stocklevel"):
            return reverse("stock:stores")
        return reverse("admin:index") if user.is_staff else "/"


class LogOut(LogoutView):
    """By POST only, so that no picture on a foreign page logs anybody out."""

    next_page = "accounts:login"
