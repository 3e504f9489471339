from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecognitionConfig(AppConfig):
    name = "recognition"
    verbose_name = _("Recognition")

    def ready(self) -> None:
        from recognition import checks, signals  # noqa: F401, PLC0415
        from recognition.slots import fill_slots  # noqa: PLC0415

        fill_slots()
