"""Entering what was counted, with the sighting that it rests on."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products.models import Product
from recognition.counting.seeing import may_rest_on
from recognition.models import Sighting
from recognition.sightings import review_sighting
from stores.late import moment_of
from stores.models import StockMovement, Stocktake, StocktakeLine
from stores.refusals import Refusal
from stores.stocktaking import count_product


@retry_when_lost
@transaction.atomic
def enter_count(
    *,
    actor: Any,
    stocktake: Stocktake,
    product: Product,
    counted: int,
    replace: bool = False,
    method: StocktakeLine.Method = StocktakeLine.Method.HAND,
    sighting: Sighting | None = None,
    idempotency_key: str = "",
    seconds_ago: int = 0,
) -> StocktakeLine:
    """Enters a count; the sighting becomes its evidence, and is reviewed by the choice. One that is not
    theirs, or was not taken for this count, proves nothing: then it is entered as by hand.

    `seconds_ago` is how long the count waited on a phone without a connection. The ledger is asked
    now, so goods that moved meanwhile would be taken for a difference: that is refused, and so is a
    count that somebody else's later one knew nothing of.

    Raises:
        Refusal: as `stores.stocktaking.count_product`, or goods moved, or were counted by somebody
            else, since it was counted.
    """
    since = moment_of(seconds_ago)
    if sighting is not None and not may_rest_on(sighting, stocktake, actor):
        sighting = None
    line = count_product(
        actor=actor,
        stocktake=stocktake,
        product=product,
        counted=counted,
        replace=replace,
        method=StocktakeLine.Method.PHOTO if sighting is not None else method,
        evidence=sighting.evidence if sighting is not None else "",
        idempotency_key=idempotency_key,
        counted_at=since,
    )
    if line.repeated:
        return line
    if since is not None:
        _refuse_if_moved(line, since)
        _refuse_if_counted(line, since)
    if sighting is not None:
        review_sighting(
            sighting=sighting, product=product, by=actor, occasion=Sighting.Occasion.WORK
        )
    return line


def _refuse_if_moved(line: StocktakeLine, since: datetime) -> None:
    """Of what the line's “expected” includes, nothing may have happened after the count."""
    included = StockMovement.objects.filter(
        store=line.stocktake.store, product=line.product, pk__lte=line.last_movement
    )
    moment = Coalesce("operation__happened_at", "operation__created_at")
    if included.annotate(moment=moment).filter(moment__gte=since).exists():
        raise Refusal(
            _("Goods of %(product)s moved before this count was sent. Count it anew.")
            % {"product": line.product},
            code="count_anew",
        )


def _refuse_if_counted(line: StocktakeLine, since: datetime) -> None:
    """Nobody else's count may be younger: added to it or put in its place, neither was decided."""
    others = line.stocktake.lines.filter(product=line.product, counted_at__gt=since)
    if others.exclude(counted_by=line.counted_by).exists():
        raise Refusal(
            _("Somebody else counted %(product)s before this count was sent. Count it anew.")
            % {"product": line.product},
            code="count_anew",
        )
