import mimetypes

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from products import signals  # noqa: F401, PLC0415
        from products.catalogue_kind import CatalogueKind  # noqa: PLC0415
        from products.imports.kinds import register  # noqa: PLC0415

        register(CatalogueKind())
        # Python takes WebP's from the system, which may know none; a bucket is told it at the upload.
        mimetypes.add_type("image/webp", ".webp")
        mimetypes.add_type("image/avif", ".avif")
