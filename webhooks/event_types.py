"""What partners can be told of, and what an account must be allowed to see to be told."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventType(models.TextChoices):
    """The names are a promise to receivers: they are never changed, only added to."""

    PRODUCT_CHANGED = "product.changed", _("A product was added, changed or deleted")
    PHOTO_READY = "photo.ready", _("A photo can be found")
    PHOTO_FAILED = "photo.failed", _("A photo could not be read")
    STOCK_CHANGED = "stock.changed", _("A stock level changed")
    STOCK_LOW = "stock.low", _("Stock fell to its reorder point")
    RECOGNISED = "recognised", _("Somebody asked by photo")
    TEST = "webhook.test", _("A test, sent by hand")


# A test goes to one endpoint, which nobody subscribes to.
SUBSCRIBABLE = [choice for choice in EventType.choices if choice[0] != EventType.TEST]

# Whose sightings: everybody's with this permission, else one's own alone.
VIEW_ALL_SIGHTINGS = "recognition.view_sighting"
_VIEW_PRODUCTS = "products.view_product"
_VIEW_PHOTOS = "products.view_productimage"
_VIEW_LEVELS = "stores.view_stocklevel"
_NEEDED: dict[str, tuple[str, ...]] = {
    EventType.PRODUCT_CHANGED: (_VIEW_PRODUCTS,),
    EventType.PHOTO_READY: (_VIEW_PRODUCTS, _VIEW_PHOTOS),
    EventType.PHOTO_FAILED: (_VIEW_PRODUCTS, _VIEW_PHOTOS),
    EventType.STOCK_CHANGED: (_VIEW_LEVELS,),
    EventType.STOCK_LOW: (_VIEW_LEVELS,),
}


def may_be_told(owner: Any, event_type: str) -> bool:
    """Whether an account may see at all what events of a type are about; an inactive one never."""
    return bool(owner.is_active) and bool(owner.has_perms(_NEEDED.get(event_type, ())))
