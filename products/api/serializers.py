"""What the API takes and gives of the catalogue, for validation and for the OpenAPI schema."""

from copy import deepcopy
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from products import slots
from products.api.errors import details_of
from products.imaging import canonical_gtin
from products.models import Category, Product, ProductImage
from products.models.product import validate_attributes, validate_gtin
from products.photos import read_uploaded_photo
from products.serializers import CategoryField, TextField
from products.thumbnails import ready_thumbnail_url

# More come in further calls: the whole request is limited as well (`REQUEST_MAX_BYTES`).
MOST_PHOTOS = 16
# No product has so many photos; it only bounds what is read of an order.
_MOST_IDS = 1000
_LARGEST_ID = 2**63 - 1


class FlagField(serializers.BooleanField):
    """True or false; a form that does not have it says nothing of it, and not false."""

    default_empty_html = serializers.empty


class PlainField(serializers.JSONField):
    """JSON that the database takes and a page can show; in a form, as text."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        try:
            validate_attributes(value)
        except ValidationError as error:
            raise serializers.ValidationError(details_of(error)) from error
        return value


class BarcodeField(TextField):
    """A GTIN in any spelling, with blanks and hyphens as it is printed; stored in one."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        self.run_validators(text)  # before anything reads it
        try:
            validate_gtin(text)
        except ValidationError as error:
            raise serializers.ValidationError(details_of(error)) from error
        return canonical_gtin(text) or ""


class NewPhotoField(serializers.FileField):
    """An uploaded photo, through the site's one door."""

    def to_internal_value(self, data: Any) -> Any:
        upload: File = super().to_internal_value(data)
        try:
            return read_uploaded_photo(upload)
        except ValidationError as error:
            raise serializers.ValidationError(details_of(error)) from error


class NewPhotosField(serializers.ListField):
    """Several photos; a refused one is named by its number, as in `photos.2`."""

    child = NewPhotoField(allow_empty_file=True)
    default_error_messages = {
        "too_many": _("At most {most} photos at once; send the others in further calls.")
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and len(data) > MOST_PHOTOS:  # before any of them is decoded
            self.fail("too_many", most=MOST_PHOTOS)
        return super().to_internal_value(data)


class _ProductFields(serializers.Serializer):
    name = TextField(max_length=200, help_text="What it is called.")
    category = CategoryField(
        max_length=1000,
        help_text="The path of a category that is there, as in Fruit/Apple.",
    )
    brand = TextField(
        max_length=120, allow_blank=True, required=False, help_text="Whose brand it is."
    )
    description = TextField(
        max_length=20_000,
        allow_blank=True,
        required=False,
        trim_whitespace=False,
        help_text="Plain text.",
    )
    attributes = PlainField(
        required=False,
        help_text="Names with values: text, finite numbers, true, false, and lists of them. A change"
        " replaces all of them.",
    )
    barcode = BarcodeField(
        max_length=32,
        allow_blank=True,
        required=False,
        help_text="EAN-8, UPC, EAN-13 or GTIN-14; empty: none.",
    )
    price = serializers.DecimalField(
        max_digits=12,
        decimal_places=2,
        min_value=0,
        allow_null=True,
        required=False,
        help_text="In the currency of the site; null: not known.",
    )
    is_active = FlagField(required=False, help_text="Inactive products are not found by customers.")


class ProductInput(_ProductFields):
    def to_internal_value(self, data: Any) -> Any:
        """A form may hold a name twice, of which the last would count and the others be lost."""
        if hasattr(data, "getlist"):
            for name, field in self.fields.items():
                one = not isinstance(field, serializers.ListField)
                if one and len(data.getlist(name)) > 1:
                    error = ErrorDetail(str(_("This was sent twice.")), code="sent_twice")
                    raise serializers.ValidationError({name: [error]})
        return super().to_internal_value(data)

    sku = TextField(
        max_length=64,
        trim_whitespace=False,
        help_text="Your own number of it; it never changes. No slashes, no blanks at its ends.",
        validators=list(Product._meta.get_field("sku").validators),
    )


class ProductWithPhotosInput(ProductInput):
    photos = NewPhotosField(
        required=False,
        help_text="Files: JPEG, PNG, WebP, HEIC, AVIF or GIF. The first is the product's face.",
    )


class ProductChange(_ProductFields):
    sku = TextField(
        max_length=64,
        required=False,
        trim_whitespace=False,
        help_text="Only as it is: a SKU never changes.",
    )


class PhotosInput(serializers.Serializer):
    photos = NewPhotosField(
        allow_empty=False,
        help_text="Files: JPEG, PNG, WebP, HEIC, AVIF or GIF; at most 16 in one call.",
    )


class PhotoOrderInput(serializers.Serializer):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=_LARGEST_ID),
        max_length=_MOST_IDS,
        help_text="The ids of all photos of the product, each once, in their new order.",
    )


class CataloguePhotoOutput(serializers.Serializer):
    """A photo; apps above may have more to say of it (`slots.photo_fields`)."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField(help_text="The address of the photo.")
    thumbnail = serializers.SerializerMethodField(
        help_text="The address of a small one, at most 480 pixels a side. Where it was never asked for,"
        " an address of this API that makes it and leads there."
    )
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    position = serializers.IntegerField(help_text="Its place; the first is the product's face.")

    def get_fields(self) -> dict[str, Any]:
        more = {name: field for each in slots.photo_fields for name, field in each.fields.items()}
        return {**super().get_fields(), **deepcopy(more)}

    def get_url(self, image: ProductImage) -> str:
        return str(self.context["absolute"](image.file.url))

    def get_thumbnail(self, image: ProductImage) -> str:
        ready = ready_thumbnail_url(image.file, "card")
        making = reverse("v1:photo-thumbnail", args=[image.pk])
        return str(self.context["absolute"](ready or making))


class AddedPhotoOutput(CataloguePhotoOutput):
    created = serializers.BooleanField(
        help_text="False: the product had this photo already, and has it once."
    )


class PhotosOutput(serializers.Serializer):
    photos = CataloguePhotoOutput(many=True, help_text="In their order.")


class AddedPhotosOutput(serializers.Serializer):
    photos = AddedPhotoOutput(many=True, help_text="In the order in which they were sent.")


class CatalogueProductOutput(serializers.Serializer):
    """A product. No field is promised: `fields` may ask for some of them alone."""

    sku = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    brand = serializers.CharField(required=False)
    category = serializers.CharField(
        required=False, source="category_path", help_text="Its path, as in Fruit/Apple."
    )
    description = serializers.CharField(required=False)
    attributes = serializers.JSONField(required=False)
    barcode = serializers.CharField(
        required=False, help_text="The one spelling of a GTIN that is kept; empty: none."
    )
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, allow_null=True, required=False
    )
    currency = serializers.CharField(required=False)
    is_active = serializers.BooleanField(required=False)
    merged_into = serializers.CharField(
        required=False,
        allow_null=True,
        source="heir_sku",
        help_text="The SKU of the product that this one was merged into, or null.",
    )
    url = serializers.CharField(required=False, source="page", help_text="Its page.")
    photos = CataloguePhotoOutput(many=True, required=False, source="images.all")
    created_at = serializers.DateTimeField(required=False)
    updated_at = serializers.DateTimeField(
        required=False, help_text="Of its own fields; photos have their own history."
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        wanted = self.context.get("fields")
        return fields if wanted is None else {name: fields[name] for name in wanted}


class CategoryPathInput(serializers.Serializer):
    path = TextField(max_length=1000, help_text="As in Fruit/Apple; missing branches are made.")


class ParentField(CategoryField):
    """The path of what stands above; empty or null: the top."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return None if data == "" else super().run_validation(data)


class CategoryChange(serializers.Serializer):
    name = TextField(
        required=False, max_length=Category.NAME_LENGTH, help_text="Its new name; no path."
    )
    parent = ParentField(  # type: ignore[assignment]
        required=False,
        allow_null=True,
        max_length=1000,
        help_text="The path of what it is put below, with all that is in it; null: the top.",
    )


class CategoryOutput(serializers.Serializer):
    id = serializers.IntegerField()
    path = serializers.CharField(source="full_name", help_text="As in Fruit/Apple.")
    name = serializers.CharField()
    depth = serializers.IntegerField(help_text="1 is the top.")
    parent = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="The path of what it stands below, or null."
    )
    products = serializers.IntegerField(
        source="number_here", help_text="How many products stand in it that you may see."
    )
    products_with_below = serializers.IntegerField(
        source="number_inside", help_text="The same with all categories below it."
    )

    def get_parent(self, category: Any) -> str | None:
        above, slash, _name = category.full_name.rpartition("/")
        return above if slash else None
