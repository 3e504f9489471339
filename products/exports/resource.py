"""A product as a row: the same columns as the import's, so that an export changes nothing."""

from typing import Any

from django.db.models import Func, QuerySet, TextField
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import ModelResource

from products.catalogue_lookup import export_name
from products.catalogue_rows import ATTRIBUTE_PREFIX, IMAGE_SEPARATOR, attribute_text
from products.models import Category, Product
from products.models.category import full_names

PHOTO_FOLDER = "images"


class AttributeField(Field):
    """One attribute; empty where a product has none of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(column_name=f"{ATTRIBUTE_PREFIX}{name}", readonly=True)
        self.name = name

    def export(self, instance: Product, **_kwargs: Any) -> str:
        value = instance.attributes.get(self.name)
        return "" if self.name not in instance.attributes else attribute_text(value)


class ProductResource(ModelResource):
    """Columns and cells. Reading many products and writing files is `writers`' matter."""

    category = Field(column_name="category", readonly=True)
    images = Field(column_name="images", readonly=True)
    is_active = Field(column_name="is_active", readonly=True)
    price = Field(column_name="price", attribute="price", readonly=True)

    class Meta:
        model = Product
        name = _("Products")
        fields = [
            "sku", "name", "category", "description", "brand", "price", "barcode", "images",
            "is_active",
        ]  # fmt: skip
        export_order = fields

    def __init__(self, attributes: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._attributes = [AttributeField(name) for name in attributes or []]
        self._paths: dict[int, str] = {}

    def read_paths(self) -> None:
        self._paths = full_names(Category.objects.all())

    def get_export_fields(self, selected_fields: Any = None) -> list[Field]:
        return [*super().get_export_fields(selected_fields), *self._attributes]

    def export_field(self, field: Field, instance: Product, **kwargs: Any) -> Any:
        if isinstance(field, AttributeField):
            return field.export(instance)
        if field.attribute == "price":
            return instance.price
        return super().export_field(field, instance, **kwargs)

    def dehydrate_category(self, product: Product) -> str:
        return self._paths.get(product.category_id, "")

    def dehydrate_images(self, product: Product) -> str:
        return IMAGE_SEPARATOR.join(
            f"{PHOTO_FOLDER}/{export_name(str(image.file.name))}" for image in product.images.all()
        )

    def dehydrate_is_active(self, product: Product) -> str:
        return "true" if product.is_active else "false"


def attribute_names(products: QuerySet[Product]) -> list[str]:
    """Names of all attributes that any of the products has, sorted.

    Those that begin or end with a blank cannot be named by a column.
    """
    keys = Func("attributes", function="jsonb_object_keys", output_field=TextField())
    names = products.order_by().annotate(key=keys).values_list("key", flat=True).distinct()
    return sorted(name for name in names if name and name == name.strip())
