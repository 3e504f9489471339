"""What every page knows of the site."""

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, object]:
    return {
        "site_name": settings.SITE_NAME,
        "currency": settings.CURRENCY,
        "footer_links": settings.FOOTER_LINKS,
        "partners_link": settings.PARTNERS_LINK,
        "brand": settings.BRAND,
        "kept": {
            "answers": settings.RECORD_SIGHTINGS,
            "answer_days": settings.SIGHTING_KEEP_DAYS,
            "photos": settings.KEEP_QUERY_PHOTOS if settings.RECORD_SIGHTINGS else "none",
            "photo_days": settings.QUERY_PHOTO_KEEP_DAYS,
        },
    }
