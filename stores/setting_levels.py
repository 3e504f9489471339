"""Levels brought to what somebody says they are, as a file of stock does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products.models import Product
from stores.actions import Action
from stores.fingerprints import fingerprint
from stores.models import StockLevel, StockMovement, StockOperation, Store
from stores.policy import require
from stores.posting import (
    MOST_AT_ONCE,
    check_text,
    lock_levels,
    lock_products,
)
from stores.refusals import Refusal

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a level is to be; None leaves as it is. `never` takes the reorder point away."""

    store: Store
    product: Product
    quantity: int | None = None
    reorder_point: int | None = None
    never: bool = False
    reason: str = ""

    @property
    def key(self) -> Key:
        return self.store.pk, self.product.pk

    @property
    def sets_point(self) -> bool:
        return self.never or self.reorder_point is not None


@dataclass(slots=True)
class LevelSet:
    """What became of one: old and new values, or why it was refused."""

    was: int = 0
    now: int = 0
    point_was: int | None = None
    point_now: int | None = None
    is_new: bool = False
    refusal: str = ""

    @property
    def changed(self) -> bool:
        return (self.was, self.point_was) != (self.now, self.point_now)


@retry_when_lost
@transaction.atomic
def set_levels(*, actor: Any, wanted: Sequence[Wanted], reference: str = "") -> list[LevelSet]:
    """Brings levels to the quantities and reorder points named, each by itself.

    The quantity is what the level is at the moment that its row is locked: a sale that was booked
    before is part of the difference that gets adjusted, one that waits for the lock is booked on
    top. Asked for twice, the second changes nothing. Refusals are returned, not raised: one bad row
    keeps no other from being written.
    """
    lock_products({each.product.pk for each in wanted}, mode="KEY SHARE")
    heirs = _heirs({each.product.pk for each in wanted})
    results = [LevelSet(refusal=_problem(each, heirs)) for each in wanted]
    good = [
        (each, result)
        for each, result in zip(wanted, results, strict=True)
        if not result.refusal and (each.quantity is not None or each.sets_point)
    ]
    for action, asked in (
        (Action.ADJUST, [pair for pair in good if pair[0].quantity is not None]),
        (Action.SET_REORDER_POINT, [pair for pair in good if pair[0].sets_point]),
    ):
        _refuse_others_stores(actor, action, asked)
    good = [pair for pair in good if not pair[1].refusal]
    keys = {each.key for each, _result in good}
    known = set(_known_levels(keys))
    levels = lock_levels(keys) if keys else {}
    changed = []
    for each, result in good:
        level = levels[each.key]
        result.is_new = each.key not in known
        result.was, result.point_was = level.quantity, level.reorder_point
        result.now = level.quantity if each.quantity is None else each.quantity
        result.point_now = each.reorder_point if each.sets_point else level.reorder_point
        level.quantity, level.reorder_point = result.now, result.point_now
        if result.changed:
            changed.append(level)
    StockLevel.objects.bulk_update(changed, ["quantity", "reorder_point"])
    _write_down(actor, [pair for pair in good if pair[1].now != pair[1].was], reference)
    return results


def set_level(
    *, actor: Any, store: Store, product: Product, quantity: int, reason: str, reference: str = ""
) -> LevelSet:
    """Brings one level to a quantity; see `set_levels`.

    Raises:
        Refusal: says what is in the way.
    """
    require(actor, Action.ADJUST, store)
    wanted = Wanted(store, product, quantity=quantity, reason=reason)
    result = set_levels(actor=actor, wanted=[wanted], reference=reference)[0]
    if result.refusal:
        raise Refusal(result.refusal)
    return result


def _write_down(actor: Any, adjusted: Sequence[tuple[Wanted, LevelSet]], reference: str) -> None:
    """An operation and a movement for each level, since each has a reason of its own.

    All at once, which `stores.posting` does for one operation: a file has ten thousand.
    """
    check_text(reference)
    operations = StockOperation.objects.bulk_create(
        StockOperation(
            actor=actor,
            fingerprint=fingerprint("set", each.store, each.product, each.quantity, each.reason),
            reason=each.reason[:500],
            reference=reference,
        )
        for each, _result in adjusted
    )
    StockMovement.objects.bulk_create(
        StockMovement(
            operation=operation,
            kind=StockMovement.Kind.ADJUST,
            store=each.store,
            product=each.product,
            delta=result.now - result.was,
            level_after=result.now,
        )
        for operation, (each, result) in zip(operations, adjusted, strict=True)
    )


def _problem(wanted: Wanted, heirs: dict[int, Product]) -> str:
    heir = heirs.get(wanted.product.pk)
    if heir is not None:
        return _("%(product)s was merged into %(heir)s: book it there.") % {
            "product": wanted.product,
            "heir": heir,
        }
    for name, number in (
        (_("A quantity"), wanted.quantity),
        (_("A reorder point"), wanted.reorder_point),
    ):
        if number is not None and not 0 <= number <= MOST_AT_ONCE:
            return _("%(name)s is a whole number from 0 to %(most)d.") % {
                "name": name,
                "most": MOST_AT_ONCE,
            }
    if wanted.quantity is not None and not wanted.reason.strip():
        return _("Say why; the reason is kept with the booking.")
    return ""


def _heirs(ids: Collection[int]) -> dict[int, Product]:
    """Of merged products, what they were merged into."""
    merged = Product.objects.filter(pk__in=ids).exclude(merged_into=None)
    return {
        each.pk: each.heir() or each for each in merged.select_related("merged_into__merged_into")
    }


def _refuse_others_stores(
    actor: Any, action: Action, asked: Sequence[tuple[Wanted, LevelSet]]
) -> None:
    own = set(Store.objects.where_may(actor, action).order_by().values_list("pk", flat=True))
    for each, result in asked:
        if each.store.pk not in own:
            result.refusal = _("You may not do this in %(store)s.") % {"store": each.store}


def _known_levels(keys: Collection[Key]) -> list[Key]:
    levels = StockLevel.objects.filter(
        store__in={store for store, _product in keys},
        product__in={product for _store, product in keys},
    )
    return list(levels.order_by().values_list("store_id", "product_id"))
