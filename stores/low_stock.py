"""What is running out: flagged once when it falls to its reorder point, until it is above again."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products.models import Product
from stores.actions import Action
from stores.models import StockLevel, StockMovement, Store, Transfer, TransferLine
from stores.policy import require
from stores.posting import MOST_AT_ONCE, hold_products, lock_levels
from stores.refusals import Refusal

# Sent once for a crossing, after the commit; `level_ids` are those that became low.
levels_became_low = Signal()
_RECENT_DAYS = 28


@retry_when_lost
@transaction.atomic
def flag_low_stock() -> list[int]:
    """Flags the levels that became low since the last call and takes the flag from the others.

    Returns the ids of the newly flagged; each crossing is returned by one call only. Levels that
    somebody is booking at the moment are left to the next call.
    """
    now = timezone.now()
    low = StockLevel.objects.low()
    became_low = _locked(low.filter(low_since=None))
    StockLevel.objects.filter(pk__in=became_low).update(low_since=now)
    recovered = _locked(StockLevel.objects.exclude(low_since=None).exclude(pk__in=low.values("pk")))
    StockLevel.objects.filter(pk__in=recovered).update(low_since=None)
    if became_low:
        transaction.on_commit(
            lambda: levels_became_low.send(sender=StockLevel, level_ids=became_low), robust=True
        )
    return became_low


def _locked(levels: QuerySet[StockLevel]) -> list[int]:
    levels = levels.order_by("store_id", "product_id")
    locked = levels.select_for_update(of=("self",), skip_locked=True)
    return list(locked.values_list("pk", flat=True))


@retry_when_lost
@transaction.atomic
def set_reorder_point(
    *, actor: Any, store: Store, product: Product, reorder_point: int | None
) -> StockLevel:
    """From which quantity on a product is to be reordered for a store; None: never.

    Raises:
        NotAllowed: the actor may not do this in this store.
        Refusal: the product was merged away, or the number cannot be.
    """
    require(actor, Action.SET_REORDER_POINT, store)
    if reorder_point is not None and not 0 <= reorder_point <= MOST_AT_ONCE:
        raise Refusal(
            _("A reorder point is a number from 0 to %(most)d.") % {"most": MOST_AT_ONCE},
            code="bad_quantity",
        )
    # As a booking does, in its order of locks, and never the quantity.
    hold_products([product.pk])
    level = lock_levels([(store.pk, product.pk)])[store.pk, product.pk]
    level.reorder_point = reorder_point
    level.save(update_fields=["reorder_point"])
    return level


def reorder_list(stores: Iterable[Store], *, urgent_first: bool = False) -> QuerySet[StockLevel]:
    """The levels to reorder, with `missing` (to the reorder point), `on_the_way` and
    `sold_recently` (in the last 28 days). One query.

    By name; or `urgent_first`: what is gone before all else, and of equally few what sells best.
    """
    by_name = ("store__name", "product__name", "pk")
    order = ("quantity", "-sold_recently", "-missing", *by_name) if urgent_first else by_name
    coming = (
        TransferLine.objects.filter(
            transfer__state=Transfer.State.DISPATCHED,
            transfer__destination=OuterRef("store"),
            product=OuterRef("product"),
        )
        .order_by()
        .values("product")
        .annotate(n=Sum(F("dispatched") - F("received") - F("returned")))
        .values("n")
    )
    sold = (
        StockMovement.objects.filter(
            Q(kind=StockMovement.Kind.SELL) | Q(reverses__kind=StockMovement.Kind.SELL),
            store=OuterRef("store"),
            product=OuterRef("product"),
            operation__created_at__gte=timezone.now() - timedelta(days=_RECENT_DAYS),
        )
        .order_by()
        .values("product")
        .annotate(n=-Sum("delta"))
        .values("n")
    )
    return (
        StockLevel.objects.low()
        .filter(store__in=stores)
        .select_related("store", "product")
        .annotate(
            missing=F("reorder_point") - F("quantity"),
            on_the_way=Coalesce(Subquery(coming, output_field=IntegerField()), 0),
            sold_recently=Coalesce(Subquery(sold, output_field=IntegerField()), 0),
        )
        .order_by(*order)
    )
