from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    name = "stores"
    verbose_name = _("Stores and stock")

    def ready(self) -> None:
        from stores.slots import fill_slots  # noqa: PLC0415

        fill_slots()
