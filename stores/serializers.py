"""What the API takes and gives of stores and stock, for validation and for the OpenAPI schema."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from api.sparse import SparseOutput
from products.models import Product
from products.serializers import CategoryField, CodeField
from stores.models import StockMovement, Stocktake, StocktakeLine, Store, Transfer
from stores.models.stocktake import MOST_COUNTED
from stores.opening_hours import DAYS, known_spans
from stores.posting import MOST_AT_ONCE, MOST_LINES
from stores.product_codes import products_by_barcode, products_by_sku

# The API's document names its lists of choices by these (`SPECTACULAR_SETTINGS`).
MovementKind = StockMovement.Kind
TransferState = Transfer.State
StocktakeState = Stocktake.State
CountMethod = StocktakeLine.Method
BOOKED_KINDS = [
    (kind.value, kind.label)
    for kind in (MovementKind.RECEIVE, MovementKind.SELL, MovementKind.ADJUST)
]


class StoreField(CodeField):
    """A store by its code."""

    default_error_messages = {"does_not_exist": _("There is no store of the code “{value}”.")}

    def __init__(self, *, queryset: Any = None, **kwargs: Any) -> None:
        stores = Store.objects.all() if queryset is None else queryset
        super().__init__(slug_field="code", queryset=stores, **kwargs)


class NamedProduct(serializers.Serializer):
    """A product by its SKU or by its barcode."""

    sku = serializers.CharField(required=False, max_length=64)
    barcode = serializers.CharField(
        required=False, max_length=32, help_text="EAN-8, UPC, EAN-13 or GTIN-14."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("sku" in attrs) == ("barcode" in attrs):
            raise serializers.ValidationError(
                _("Name the product by sku or by barcode, one of them."), code="sku_or_barcode"
            )
        return attrs


def _products(named: list[dict[str, Any]]) -> list[Product]:
    """The product of each row, by two queries.

    Raises:
        ValidationError: with an entry for each row.
    """
    by_sku = products_by_sku(row["sku"] for row in named if "sku" in row)
    by_barcode = products_by_barcode(row["barcode"] for row in named if "barcode" in row)
    found = [
        by_sku.get(row["sku"]) if "sku" in row else by_barcode.get(row["barcode"]) for row in named
    ]
    if None in found:
        raise serializers.ValidationError(
            [
                {} if product else _error("sku" if "sku" in row else "barcode", "unknown_product")
                for row, product in zip(named, found, strict=True)
            ]
        )
    return [product for product in found if product is not None]


def _error(attr: str, code: str) -> dict[str, list[ErrorDetail]]:
    texts = {
        "unknown_product": _("There is no product of this SKU or barcode."),
        "bad_quantity": _("A quantity is at least 1; an adjustment is more or less, never 0."),
    }
    return {attr: [ErrorDetail(str(texts[code]), code=code)]}


class LineInput(NamedProduct):
    quantity = serializers.IntegerField(min_value=-MOST_AT_ONCE, max_value=MOST_AT_ONCE)


class LinesInput(serializers.ListSerializer):
    """Becomes `[(product, quantity)]`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"child": LineInput(), "allow_empty": False, "max_length": MOST_LINES, **kwargs}
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        rows = super().to_internal_value(data)
        return [(p, row["quantity"]) for p, row in zip(_products(rows), rows, strict=True)]


def _positive(lines: list[tuple[Product, int]]) -> list[tuple[Product, int]]:
    _refuse_quantities([quantity >= 1 for _product, quantity in lines])
    return lines


def _refuse_quantities(good: list[bool]) -> None:
    if not all(good):
        raise serializers.ValidationError(
            [{} if each else _error("quantity", "bad_quantity") for each in good]
        )


class MovementInput(serializers.Serializer):
    kind = serializers.ChoiceField(choices=BOOKED_KINDS)
    store = StoreField(help_text="The code of the store.")
    lines = LinesInput(
        help_text="Quantities above zero; for an adjustment, the change: more or less."
    )
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Of an adjustment, which must have one.",
    )
    reference = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="A delivery note, an order."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lines = attrs["lines"]
        try:
            if attrs["kind"] == MovementKind.ADJUST:
                _refuse_quantities([quantity != 0 for _product, quantity in lines])
            else:
                _positive(lines)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"lines": error.detail}) from error
        if attrs.get("reason") and attrs["kind"] != MovementKind.ADJUST:
            text = _("Only an adjustment has a reason; use reference.")
            raise serializers.ValidationError(
                {"reason": [ErrorDetail(str(text), code="not_for_this_kind")]}
            )
        return attrs


class ReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500, help_text="It is kept with the booking.")


class TransferInput(serializers.Serializer):
    source = StoreField(  # type: ignore[assignment]
        help_text="The code of the store that sends."
    )
    destination = StoreField(help_text="The code of the store that is to receive.")
    lines = LinesInput()
    reference = serializers.CharField(required=False, allow_blank=True, max_length=200)

    def validate_lines(self, lines: list[tuple[Product, int]]) -> list[tuple[Product, int]]:
        return _positive(lines)


class ArrivalInput(serializers.Serializer):
    lines = LinesInput(required=False, allow_empty=True, help_text="What arrived.")
    close = serializers.BooleanField(
        required=False, default=False, help_text="True: what is missing will not come."
    )
    reference = serializers.CharField(required=False, allow_blank=True, max_length=200)

    def validate_lines(self, lines: list[tuple[Product, int]]) -> list[tuple[Product, int]]:
        return _positive(lines)


class StocktakeInput(serializers.Serializer):
    store = StoreField(help_text="The code of the store.")
    category = CategoryField(
        required=False,
        allow_null=True,
        help_text="Only this category and those below it, as in Fruit/Apple; else all.",
    )


class CountInput(NamedProduct):
    counted = serializers.IntegerField(min_value=0, max_value=MOST_COUNTED)
    replace = serializers.BooleanField(
        required=False,
        default=False,
        help_text="True: in place of what was counted of it before, not added to it.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        try:
            attrs["product"] = _products([attrs])[0]
        except serializers.ValidationError as error:
            detail: Any = error.detail
            raise serializers.ValidationError(detail[0]) from error
        return attrs


class ApprovalInput(serializers.Serializer):
    uncounted_are_zero = serializers.BooleanField(
        required=False, default=False, help_text="True: what nobody counted is gone."
    )


class StoreOutput(SparseOutput, serializers.ModelSerializer):
    class Meta:
        model = Store
        fields = [
            "code", "name", "address", "opening_hours", "latitude", "longitude", "is_active",
            "is_public",
        ]  # fmt: skip
        read_only_fields = fields


class OpenSpanOutput(serializers.Serializer):
    days = serializers.ListField(
        child=serializers.ChoiceField(choices=[(day, day) for day in DAYS])
    )
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(format="%H:%M")


class StoreDetailOutput(StoreOutput):
    hours = serializers.SerializerMethodField(
        help_text="The opening hours, for programs; empty: none were entered."
    )

    class Meta(StoreOutput.Meta):
        fields = [*StoreOutput.Meta.fields, "hours"]
        read_only_fields = fields

    @extend_schema_field(OpenSpanOutput(many=True))
    def get_hours(self, store: Store) -> Any:
        rows = [
            {"days": [DAYS[day] for day in span.days], "opens": span.opens, "closes": span.closes}
            for span in known_spans(store.opening_hours)
        ]
        return OpenSpanOutput(rows, many=True).data


class StockOutput(SparseOutput):
    store = serializers.CharField(source="store.code")
    sku = serializers.CharField(source="product.sku")
    name = serializers.CharField(source="product.name")
    barcode = serializers.CharField(source="product.barcode")
    quantity = serializers.IntegerField()
    reorder_point = serializers.IntegerField(
        allow_null=True, help_text="At this or less it is time to reorder; null: never."
    )


class MovementOutput(SparseOutput):
    id = serializers.IntegerField()
    operation = serializers.IntegerField(
        source="operation_id", help_text="What was booked together has one number."
    )
    kind = serializers.ChoiceField(choices=MovementKind.choices)
    store = serializers.CharField(source="store.code")
    sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField(source="delta", help_text="More or less.")
    level_after = serializers.IntegerField(help_text="What the store held then.")
    at = serializers.DateTimeField(source="operation.created_at")
    by = serializers.CharField(source="operation.actor.username")
    reason = serializers.CharField(source="operation.reason")
    reference = serializers.CharField(source="operation.reference")
    evidence = serializers.CharField()
    transfer = serializers.IntegerField(source="operation.transfer_id", allow_null=True)
    stocktake = serializers.IntegerField(source="operation.stocktake_id", allow_null=True)
    reverses = serializers.IntegerField(
        source="reverses_id", allow_null=True, help_text="The movement that this takes back."
    )


class OperationOutput(SparseOutput):
    """What was booked together."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField(source="created_at")
    by = serializers.CharField(source="actor.username")
    reason = serializers.CharField()
    reference = serializers.CharField()
    transfer = serializers.IntegerField(source="transfer_id", allow_null=True)
    stocktake = serializers.IntegerField(source="stocktake_id", allow_null=True)
    movements = MovementOutput(
        source="readable", many=True, help_text="Those in stores whose ledger you may read."
    )


class BookingOutput(serializers.Serializer):
    operation = serializers.IntegerField(source="operation.pk")
    repeated = serializers.BooleanField(
        help_text="True: this request had been booked before, and was not booked again."
    )
    movements = MovementOutput(many=True)


class TransferOutput(SparseOutput):
    id = serializers.IntegerField()
    source = serializers.CharField(source="source.code")  # type: ignore[assignment]
    destination = serializers.CharField(source="destination.code")
    state = serializers.ChoiceField(choices=TransferState.choices)
    dispatched_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class TransferLineOutput(serializers.Serializer):
    sku = serializers.CharField(source="product.sku")
    name = serializers.CharField(source="product.name")
    dispatched = serializers.IntegerField()
    received = serializers.IntegerField()
    returned = serializers.IntegerField()
    missing = serializers.IntegerField(
        help_text="Still on the way; lost, where the transfer was closed short."
    )


class TransferDetailOutput(TransferOutput):
    lines = TransferLineOutput(many=True)


class StocktakeOutput(SparseOutput):
    id = serializers.IntegerField()
    store = serializers.CharField(source="store.code")
    category = serializers.SerializerMethodField(help_text="A path; null: the whole store.")
    state = serializers.ChoiceField(choices=StocktakeState.choices)
    opened_by = serializers.CharField(source="opened_by.username")
    opened_at = serializers.DateTimeField()
    closed_by = serializers.CharField(source="closed_by.username", default=None, allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_category(self, stocktake: Stocktake) -> str | None:
        return self.context["category_names"].get(stocktake.category_id)


class StocktakeLineOutput(serializers.Serializer):
    id = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku")
    counted = serializers.IntegerField()
    expected = serializers.IntegerField(help_text="What the books said when it was counted.")
    counted_at = serializers.DateTimeField()
    by = serializers.CharField(source="counted_by.username")
    method = serializers.ChoiceField(choices=CountMethod.choices)
    evidence = serializers.CharField()
    is_replaced = serializers.BooleanField()


class DifferenceOutput(serializers.Serializer):
    sku = serializers.CharField(source="product.sku")
    counted = serializers.IntegerField()
    expected = serializers.IntegerField()
    quantity = serializers.IntegerField(
        source="delta", help_text="What approving would post: counted minus expected."
    )
    moved_since = serializers.IntegerField(help_text="What was booked since it was counted.")
    trouble = serializers.CharField(
        allow_blank=True, help_text="Why it must be counted anew; empty: nothing in the way."
    )


class UncountedOutput(serializers.Serializer):
    sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField()


class ReviewOutput(serializers.Serializer):
    differences = DifferenceOutput(many=True)
    uncounted = UncountedOutput(many=True)


class StocktakeDetailOutput(StocktakeOutput):
    lines = StocktakeLineOutput(many=True)
    review = ReviewOutput(
        allow_null=True, help_text="What approving would do now; null: it is closed."
    )
