"""What is booked later than it happened, since a phone had no connection.

Its movement is the last in the ledger, but the goods moved before: whoever counted the shelf, or put
the level right, in between has seen them gone (or there) already, and booked once more the level
would be wrong by them. That is refused, so that a person looks.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from products.models import Product
from stores.fingerprints import fingerprint_of_merge
from stores.models import StockMovement, Stocktake, StocktakeLine, Store
from stores.refusals import Refusal

# What waited longer on a phone is from another week: a person books it, having looked.
MOST_SECONDS_LATE = 7 * 24 * 3600


def moment_of(seconds_ago: int | None) -> datetime | None:
    """When something happened that waited for so long; None where it did not wait.

    The phone says how long, not when: its clock may be wrong, and may be set right meanwhile. It takes
    the site's for both ends (`static/retailvision/stock/clock.js`).
    """
    return timezone.now() - timedelta(seconds=seconds_ago) if seconds_ago else None


def refuse_if_seen_since(goods: Iterable[tuple[Store, Product]], happened_at: datetime) -> None:
    """Raises:
    Refusal: a product was counted, or its level put right, in that store since then.
    """
    for store, product in sorted(goods, key=lambda each: (each[0].pk, each[1].pk)):
        lines = StocktakeLine.objects.filter(
            product=product, stocktake__store=store, is_replaced=False, counted_at__gte=happened_at
        ).exclude(stocktake__state=Stocktake.State.CANCELLED)
        if (counted := lines.order_by("-counted_at").first()) is not None:
            raise Refusal(
                _(
                    "%(product)s was counted at %(when)s, after this happened, so the count has seen"
                    " it. Look at the level, and book it only if it is still missing."
                )
                % {"product": product, "when": _time(counted.counted_at)},
                code="counted_since",
            )
        if (movement := _put_right_since(store, product, happened_at)) is not None:
            raise Refusal(
                _(
                    "The level of %(product)s was corrected at %(when)s, after this happened. Look at"
                    " the level, and book it only if it is still missing."
                )
                % {"product": product, "when": _time(movement.operation.moment)},
                code="counted_since",
            )


def _put_right_since(store: Store, product: Product, happened_at: datetime) -> StockMovement | None:
    """An adjustment, or a count that took for gone what nobody had counted. What a count posted by
    its lines was seen when these were counted, which may be earlier. A merge adjusts, too, but has
    looked at no shelf: the level of the heir is as right or wrong as it was.
    """
    merged = Product.objects.only("pk").filter(merged_into=product)
    merges = [fingerprint_of_merge(each, product) for each in merged]
    lines = StocktakeLine.objects.filter(
        stocktake=OuterRef("operation__stocktake"), product=product, is_replaced=False
    )
    kinds = (StockMovement.Kind.ADJUST, StockMovement.Kind.COUNT)
    return (
        StockMovement.objects.filter(store=store, product=product, kind__in=kinds)
        .annotate(moment=Coalesce("operation__happened_at", "operation__created_at"))
        .filter(~Exists(lines), moment__gte=happened_at)
        .exclude(operation__fingerprint__in=merges)
        .select_related("operation")
        .first()
    )


def _time(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i")
