"""Addresses: customers at `/`, stores at `/stock/`, staff at `/admin/`, partners at `/api/v1/`."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from retailvision import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", include("retailvision.api_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("accounts.urls")),
    path("stock/", include("stores.urls")),
    path("stock/", include("recognition.counting.urls")),
    path("brand/<str:name>", views.brand, name="brand"),
    path("robots.txt", views.robots, name="robots"),
    path("", include("retailvision.sitemaps")),
    path("stores/", include("stores.public_urls")),
    path("", include("products.urls")),
    path("", include("recognition.urls")),
]

if settings.SERVE_MEDIA:
    urlpatterns += [re_path(r"^media/(?P<path>.+)$", views.media)]

handler400 = "retailvision.views.bad_request"
handler403 = "retailvision.views.permission_denied"
handler404 = "retailvision.views.not_found"
handler500 = "retailvision.views.server_error"
