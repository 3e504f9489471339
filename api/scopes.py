"""What a key may be used for. A key never does more than the person that it belongs to may do."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    CATALOGUE_READ = "catalogue:read", _("read the catalogue")
    CATALOGUE_WRITE = "catalogue:write", _("change the catalogue and its photos")
    STOCK_READ = "stock:read", _("read stores, stock and movements")
    STOCK_WRITE = "stock:write", _("book stock, transfers and counts")
    RECOGNISE = "recognise", _("search by photo, recognise, and judge answers")
