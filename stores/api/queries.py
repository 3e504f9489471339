"""What lists of stores and stock may be narrowed by."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from products.models import Product
from products.serializers import CategoryField
from stores.product_codes import products_by_sku
from stores.serializers import MovementKind, StocktakeState, StoreField, TransferState

# As many as an address of ordinary length can name.
_MOST_PRODUCTS = 100


class VisibleStoreField(StoreField):
    """A store whose rows may be read; to others it does not exist."""

    def get_queryset(self) -> Any:
        return self.context["stores"]


class ByStore(serializers.Serializer):
    store = VisibleStoreField(required=False, help_text="Only this store, by its code.")


class ProductsField(serializers.ListField):
    """Products by their SKUs, each as a parameter of its own; found by one query."""

    child = serializers.CharField(max_length=64)
    default_error_messages = {
        "invalid": _("This is no code: a short text without line breaks."),
        "does_not_exist": _("There is no product of the SKU “{value}”."),
        "too_many": _("At most {most} products at once."),
    }

    def to_internal_value(self, data: Any) -> list[Product]:
        skus = list(data) if isinstance(data, list) else [data]
        if len(skus) > _MOST_PRODUCTS:
            self.fail("too_many", most=_MOST_PRODUCTS)
        # Before the database meets what it cannot take.
        if not all(isinstance(sku, str) and sku.isprintable() for sku in skus):
            self.fail("invalid")
        found = products_by_sku(skus)
        for sku in skus:
            if sku not in found:
                self.fail("does_not_exist", value=sku[:64])
        return list(found.values())


class ByStoreAndProduct(ByStore):
    sku = ProductsField(
        required=False,
        help_text="Only this product; several times for several, as in sku=A&sku=B.",
    )


class StoresQuery(serializers.Serializer):
    is_active = serializers.BooleanField(
        required=False,
        default=None,
        help_text="true: only stores that are open for business; false: only closed ones.",
    )


class StockQuery(ByStoreAndProduct):
    category = CategoryField(
        required=False, help_text="Only this category and those below it, as in Fruit/Apple."
    )
    in_stock = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="true: only what the store holds now; false: only what has run out.",
    )
    low = serializers.BooleanField(
        required=False, default=False, help_text="Only what is at its reorder point or below."
    )


class MovementQuery(ByStoreAndProduct):
    kind = serializers.ChoiceField(
        choices=MovementKind.choices, required=False, help_text="Only movements of this kind."
    )
    operation = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Only what was booked together under this number.",
    )
    after = serializers.DateTimeField(
        required=False, help_text="Only from this moment, as in 2026-03-02T09:14:05Z."
    )
    before = serializers.DateTimeField(required=False, help_text="Only before this moment.")


class TransferQuery(ByStore):
    state = serializers.ChoiceField(
        choices=TransferState.choices, required=False, help_text="Only those in this state."
    )


class StocktakeQuery(ByStore):
    state = serializers.ChoiceField(
        choices=StocktakeState.choices, required=False, help_text="Only those in this state."
    )
