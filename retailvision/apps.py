from django.apps import AppConfig


class RetailVisionConfig(AppConfig):
    name = "retailvision"

    def ready(self) -> None:
        from retailvision import checks  # noqa: F401, PLC0415
        from retailvision.package_names import set_names  # noqa: PLC0415

        set_names()
