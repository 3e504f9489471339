from django.apps import AppConfig


class RetailVisionConfig(AppConfig):
    name = "retailvision"

    def ready(self) -> None:
        from retailvision import checks  # noqa: F401, PLC0415
