"""Where what is the retailer's own is served."""

from django.conf import settings
from django.urls import reverse


def own_icon() -> str | None:
    """The address of the retailer's icon, for the admin."""
    icon = settings.BRAND.icon
    return reverse("brand", args=[icon.file.name]) if icon else None
