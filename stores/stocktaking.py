"""Counting: open, count line by line, look at the differences, approve."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products.models import Category, Product
from stores.actions import Action
from stores.ledger import post_count
from stores.models import (
    StockLevel,
    StockMovement,
    Stocktake,
    StocktakeLine,
    Store,
)
from stores.models.stocktake import MOST_COUNTED
from stores.policy import require
from stores.posting import Booking, check_text, lock_levels, lock_products
from stores.refusals import KeyReused, NotEnough, Refusal


@dataclass(slots=True)
class Difference:
    """What the count of one product comes to."""

    product: Product
    lines: list[StocktakeLine] = field(default_factory=list)
    # What was booked after the first line of the product was counted.
    moved_since: int = 0
    # Goods moved between two lines of the product, or another stocktake posted it: count anew.
    trouble: str = ""

    @property
    def counted(self) -> int:
        return sum(line.counted for line in self.lines)

    @property
    def expected(self) -> int:
        return self.lines[0].expected

    @property
    def delta(self) -> int:
        return self.counted - self.expected

    @property
    def value(self) -> Decimal | None:
        """What the difference is worth at the product's price; None where it has none."""
        price = self.product.price
        return price * self.delta if price is not None else None

    @property
    def evidence(self) -> str:
        return next((line.evidence for line in reversed(self.lines) if line.evidence), "")


@dataclass(frozen=True, slots=True)
class Review:
    """All that an approval would do, and what stands in its way. What weighs most comes first."""

    differences: list[Difference]
    # Levels above zero, inside the stocktake's scope, that nobody counted; with their `value`.
    uncounted: list[StockLevel]

    @property
    def troubles(self) -> list[Difference]:
        return [each for each in self.differences if each.trouble]

    def is_empty(self, *, uncounted_are_zero: bool) -> bool:
        """Nothing was counted, and nothing is taken for gone: that cannot be approved."""
        return not self.differences and not (uncounted_are_zero and self.uncounted)


@retry_when_lost
def open_stocktake(*, actor: Any, store: Store, category: Category | None = None) -> Stocktake:
    """Begins the count of a store, whole or one category with all below it.

    Raises:
        Refusal: somebody began it already.
    """
    require(actor, Action.COUNT, store)
    try:
        with transaction.atomic():
            return Stocktake.objects.create(store=store, category=category, opened_by=actor)
    except IntegrityError as error:
        raise Refusal(
            _("This is being counted already. Go on with that stocktake."),
            code="counted_already",
        ) from error


@retry_when_lost
@transaction.atomic
def count_product(
    *,
    actor: Any,
    stocktake: Stocktake,
    product: Product,
    counted: int,
    replace: bool = False,
    method: StocktakeLine.Method = StocktakeLine.Method.HAND,
    evidence: str = "",
    idempotency_key: str = "",
    counted_at: datetime | None = None,
) -> StocktakeLine:
    """Enters what was counted of a product, and what the ledger says at this moment.

    A further line of the product adds to the others (shelf and storeroom); with `replace` it
    stands in their place. `counted_at` is for what waited for a connection; whether goods moved
    meanwhile is the caller's to ask.

    Raises:
        Refusal: the stocktake is closed, the product does not belong to it, or the number cannot be.
    """
    require(actor, Action.COUNT, stocktake.store)
    if not 0 <= counted <= MOST_COUNTED:
        raise Refusal(
            _("A count is a number from 0 to %(most)d.") % {"most": MOST_COUNTED},
            code="bad_quantity",
        )
    check_text(evidence)
    check_text(idempotency_key)
    stocktake = _locked(stocktake)
    if idempotency_key:
        # Before asking whether it is still open: what was counted stays so when it is sent again.
        before = stocktake.lines.filter(counted_by=actor, idempotency_key=idempotency_key).first()
        if before is not None:
            asked = (product.pk, counted, replace)
            if (before.product_id, before.counted, before.replaces) != asked:
                raise KeyReused
            before.repeated = True
            return before
    _require_draft(stocktake)
    # A merge of the product would not see this line, nor this transaction the merge.
    lock_products([product.pk], mode="KEY SHARE")
    _require_in_scope(stocktake, product)
    if replace:
        stocktake.lines.filter(product=product).update(is_replaced=True)
    # One row tells the level and the place in the ledger, so they belong together.
    last = StockMovement.objects.filter(store=stocktake.store, product=product).first()
    return StocktakeLine.objects.create(
        stocktake=stocktake,
        product=product,
        counted=counted,
        expected=last.level_after if last else 0,
        last_movement=last.pk if last else 0,
        counted_at=counted_at or timezone.now(),
        counted_by=actor,
        method=method,
        evidence=evidence,
        idempotency_key=idempotency_key,
        replaces=replace,
    )


@retry_when_lost
@transaction.atomic
def drop_line(*, actor: Any, line: StocktakeLine) -> None:
    """Takes a line out of the count; it stays to be seen as replaced."""
    require(actor, Action.COUNT, line.stocktake.store)
    _locked_draft(line.stocktake)
    StocktakeLine.objects.filter(pk=line.pk).update(is_replaced=True)


@retry_when_lost
@transaction.atomic
def approve(*, actor: Any, stocktake: Stocktake, uncounted_are_zero: bool = False) -> Booking:
    """Posts counted minus expected of every product, so that sales since the count stay true.

    With `uncounted_are_zero`, what nobody counted is taken for gone.

    Raises:
        Refusal: products must be counted anew first; says which.
        NotEnough: more of a product went out since than had been counted.
    """
    require(actor, Action.APPROVE, stocktake.store)
    stocktake = _locked_draft(stocktake)
    held = _hold_levels(stocktake, uncounted_too=uncounted_are_zero)
    found = review(stocktake)
    uncounted = [level for level in found.uncounted if level.product_id in held]
    result = Review(found.differences, uncounted)
    if result.troubles:
        raise Refusal(
            " ".join(f"{each.product}: {each.trouble}" for each in result.troubles),
            code="count_anew",
        )
    if result.is_empty(uncounted_are_zero=uncounted_are_zero):
        raise Refusal(_("Nothing was counted yet."), code="nothing_counted")
    differences = [(each.product, each.delta, each.evidence) for each in result.differences]
    if uncounted_are_zero:
        differences += [(level.product, -level.quantity, "") for level in uncounted]
    try:
        booking = post_count(
            actor=actor,
            stocktake=stocktake,
            differences=[each for each in differences if each[1]],
        )
    except NotEnough as error:
        raise Refusal(
            _("%(reason)s Count it anew: more went out since than was counted.")
            % {"reason": error.message},
            code="count_anew",
        ) from error
    _close(stocktake, actor, Stocktake.State.APPROVED)
    return booking


@retry_when_lost
@transaction.atomic
def cancel(*, actor: Any, stocktake: Stocktake) -> None:
    """Ends a stocktake without posting anything; its lines stay to be read."""
    require(actor, Action.APPROVE, stocktake.store)
    _close(_locked_draft(stocktake), actor, Stocktake.State.CANCELLED)


def review(stocktake: Stocktake) -> Review:
    """What approving would post now, and what nobody counted. A constant number of queries."""
    lines = list(
        stocktake.lines.filter(is_replaced=False)
        .select_related("product__merged_into", "counted_by")
        .order_by("counted_at", "id")
    )
    differences: dict[int, Difference] = {}
    for line in lines:
        differences.setdefault(line.product_id, Difference(line.product)).lines.append(line)
    _look_for_trouble(stocktake, differences)
    return Review(
        sorted(differences.values(), key=_by_weight),
        list(_uncounted(stocktake, differences)),
    )


def _by_weight(difference: Difference) -> tuple[Decimal, int, str]:
    """Where the most money is wrong, a person looks first, whether it is too much or missing."""
    value = difference.value or Decimal(0)
    return -abs(value), -abs(difference.delta), difference.product.sku


def products_in_scope(stocktake: Stocktake) -> QuerySet[Product]:
    """The products that may be counted in it."""
    products = Product.objects.filter(merged_into=None)
    if stocktake.category is not None:
        products = products.in_category(stocktake.category)
    return products


def _hold_levels(stocktake: Stocktake, *, uncounted_too: bool) -> set[int]:
    """The products whose levels are locked, so that what is reviewed is what will be posted.

    Another stocktake of the same products waits here, and then sees what this one posted.
    """
    lines = stocktake.lines.filter(is_replaced=False)
    ids = set(lines.values_list("product", flat=True))
    if uncounted_too:
        scope = products_in_scope(stocktake)
        levels = StockLevel.objects.filter(store=stocktake.store, product__in=scope)
        ids |= set(levels.values_list("product", flat=True))
    lock_products(ids, mode="KEY SHARE")
    lock_levels({(stocktake.store_id, product) for product in ids})
    return ids


def _uncounted(stocktake: Stocktake, counted: Iterable[int]) -> QuerySet[StockLevel]:
    return (
        StockLevel.objects.filter(
            store=stocktake.store, quantity__gt=0, product__in=products_in_scope(stocktake)
        )
        .exclude(product__in=list(counted))
        .select_related("product")
        .annotate(value=F("quantity") * F("product__price"))
        .order_by(F("value").desc(nulls_last=True), "-quantity", "product__sku")
    )


def _look_for_trouble(stocktake: Stocktake, differences: dict[int, Difference]) -> None:
    if not differences:
        return
    first = min(each.lines[0].last_movement for each in differences.values())
    moves: dict[int, list[StockMovement]] = {}
    for move in StockMovement.objects.filter(
        store=stocktake.store, product__in=list(differences), pk__gt=first
    ).only("product_id", "delta", "kind", "reverses_id"):
        moves.setdefault(move.product_id, []).append(move)
    for product_id, difference in differences.items():
        begin = difference.lines[0].last_movement
        since = [move for move in moves.get(product_id, []) if move.pk > begin]
        difference.moved_since = sum(move.delta for move in since)
        difference.trouble = _trouble(difference, since)


def _trouble(difference: Difference, since: list[StockMovement]) -> str:
    """Why counted minus expected is not what is wrong now; goods that came and went are no reason,
    but a level that was put right since is: it would be put right twice.
    """
    if difference.product.merged_into is not None:
        return _("it was merged into %(heir)s; drop the line and count that.") % {
            "heir": difference.product.merged_into
        }
    if len({line.last_movement for line in difference.lines}) > 1:
        return _("goods moved while it was being counted in several places; count all of it anew.")
    kinds = {move.kind for move in since}
    if StockMovement.Kind.COUNT in kinds:
        return _("another stocktake was approved since it was counted; count it anew.")
    if StockMovement.Kind.ADJUST in kinds:
        return _("its level was adjusted since it was counted; count it anew.")
    begin = difference.lines[0].last_movement
    if any(move.reverses_id is not None and move.reverses_id <= begin for move in since):
        return _("an earlier booking was taken back since it was counted; count it anew.")
    return ""


def _require_in_scope(stocktake: Stocktake, product: Product) -> None:
    if products_in_scope(stocktake).filter(pk=product.pk).exists():
        return
    product.refresh_from_db(fields=["merged_into"])
    if product.merged_into is not None:
        raise Refusal(
            _("%(product)s was merged into %(heir)s: count that.")
            % {"product": product, "heir": product.heir()},
            code="product_merged",
        )
    raise Refusal(
        _("%(product)s does not belong to %(category)s, which is being counted.")
        % {"product": product, "category": stocktake.category},
        code="out_of_scope",
    )


def _locked_draft(stocktake: Stocktake) -> Stocktake:
    stocktake = _locked(stocktake)
    _require_draft(stocktake)
    return stocktake


def _locked(stocktake: Stocktake) -> Stocktake:
    locked = Stocktake.objects.select_for_update(of=("self",)).select_related("store", "category")
    return locked.get(pk=stocktake.pk)


def _require_draft(stocktake: Stocktake) -> None:
    if stocktake.state != Stocktake.State.DRAFT:
        raise Refusal(
            _("This stocktake is closed: %(state)s.") % {"state": stocktake.get_state_display()},
            code="stocktake_closed",
        )


def _close(stocktake: Stocktake, actor: Any, state: Stocktake.State) -> None:
    stocktake.state = state
    stocktake.closed_by = actor
    stocktake.closed_at = timezone.now()
    stocktake.save(update_fields=["state", "closed_by", "closed_at"])
