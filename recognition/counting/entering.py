"""Entering what was counted, with the sighting that it rests on."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products.models import Product
from recognition.models import Sighting
from recognition.sightings import review_sighting
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
    """Enters a count; the sighting becomes its evidence, and is reviewed by the choice.

    `seconds_ago` is how long the count waited on a phone without a connection. The ledger is asked
    now, so goods that moved meanwhile would be taken for a difference: that is refused.

    Raises:
        Refusal: as `stores.stocktaking.count_product`, or goods moved since it was counted.
    """
    line = count_product(
        actor=actor,
        stocktake=stocktake,
        product=product,
        counted=counted,
        replace=replace,
        method=StocktakeLine.Method.PHOTO if sighting is not None else method,
        evidence=sighting.evidence if sighting is not None else "",
        idempotency_key=idempotency_key,
    )
    if line.repeated:
        return line
    if seconds_ago > 0:
        _refuse_if_moved(line, seconds_ago)
    if sighting is not None:
        review_sighting(
            sighting=sighting, product=product, by=actor, occasion=Sighting.Occasion.WORK
        )
    return line


def _refuse_if_moved(line: StocktakeLine, seconds_ago: int) -> None:
    """Of what the line's “expected” includes, nothing may be younger than the count."""
    since = timezone.now() - timedelta(seconds=seconds_ago)
    included = StockMovement.objects.filter(
        store=line.stocktake.store, product=line.product, pk__lte=line.last_movement
    )
    if included.filter(operation__created_at__gte=since).exists():
        raise Refusal(
            _("Goods of %(product)s moved before this count was sent. Count it anew.")
            % {"product": line.product},
            code="count_anew",
        )
