"""What a stocktake comes to, and approving just that."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from stores.actions import Action
from stores.fingerprints import fingerprint
from stores.models import Stocktake
from stores.policy import require
from stores.posting import Booking
from stores.refusals import Refusal
from stores.stocktaking import Review, approve, review


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a review. `value_more` and `value_less` are those of the differences, of products
    with a price: what is missing does not disappear behind what was found.
    """

    counted: int
    differing: int
    surplus: int
    shortage: int
    value_more: Decimal
    value_less: Decimal
    without_price: int
    uncounted: int
    uncounted_pieces: int

    @property
    def value(self) -> Decimal:
        return self.value_more + self.value_less


def totals(result: Review) -> Totals:
    differing = [each for each in result.differences if each.delta]
    values = [each.value for each in differing if each.value is not None]
    return Totals(
        counted=len(result.differences),
        differing=len(differing),
        surplus=sum(max(each.delta, 0) for each in differing),
        shortage=sum(min(each.delta, 0) for each in differing),
        value_more=sum((each for each in values if each > 0), Decimal(0)),
        value_less=sum((each for each in values if each < 0), Decimal(0)),
        without_price=sum(each.value is None for each in differing),
        uncounted=len(result.uncounted),
        uncounted_pieces=sum(level.quantity for level in result.uncounted),
    )


def state_of(result: Review, *, uncounted_are_zero: bool) -> str:
    """A digest of what approving would post. Not of the order, which a new price changes."""
    differences = sorted((each.product.pk, each.delta) for each in result.differences)
    gone = sorted((level.product_id, level.quantity) for level in result.uncounted)
    return fingerprint(differences, gone if uncounted_are_zero else None)


@retry_when_lost
@transaction.atomic
def approve_as_seen(
    *, actor: Any, stocktake: Stocktake, uncounted_are_zero: bool, seen: str
) -> Booking:
    """Approves, unless it is no longer what the person saw (`seen`, from `state_of`).

    Raises:
        Refusal: something was counted since, or as `stores.stocktaking.approve`.
    """
    require(actor, Action.APPROVE, stocktake.store)
    Stocktake.objects.select_for_update(of=("self",)).get(pk=stocktake.pk)
    if state_of(review(stocktake), uncounted_are_zero=uncounted_are_zero) != seen:
        raise Refusal(
            _("Something changed since you looked at it. Look again, then approve."),
            code="changed",
        )
    return approve(actor=actor, stocktake=stocktake, uncounted_are_zero=uncounted_are_zero)
