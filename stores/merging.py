"""A product that is merged into another takes its stock along."""

from typing import Any

from django.utils.translation import gettext as _

from products.models import Product
from stores.fingerprints import fingerprint_of_merge
from stores.models import StockLevel, StockMovement, StocktakeLine, TransferLine
from stores.posting import Entry, Header, begin, post
from stores.refusals import Refusal


def move_stock(product: Product, into: Product, actor: Any) -> None:
    """Moves what every store holds of a product to its heir, by movements.

    Called inside the merge's transaction, which holds both products: nothing can be booked on
    either meanwhile. Who may merge products decides this, not the stores.

    Raises:
        Refusal: goods of the product are on their way, or it is being counted.
    """
    if TransferLine.objects.filter(product=product, transfer__state="dispatched").exists():
        raise Refusal(
            _("%(product)s is on its way between stores; receive or return the transfer first.")
            % {"product": product},
            code="on_the_way",
        )
    counting = StocktakeLine.objects.filter(
        product=product, stocktake__state="draft", is_replaced=False
    )
    if counting.exists():
        raise Refusal(
            _("%(product)s is being counted; approve the stocktake first.") % {"product": product},
            code="being_counted",
        )
    levels = StockLevel.objects.filter(product=product, quantity__gt=0).select_related("store")
    entries = []
    for level in levels.order_by("store_id"):
        entries += [
            Entry(level.store, product, -level.quantity),
            Entry(level.store, into, level.quantity),
        ]
    if not entries:
        return
    reason = _("%(sku)s merged into %(heir)s") % {"sku": product.sku, "heir": into.sku}
    operation, _is_new = begin(
        Header(actor=actor, reason=reason, reference=f"merge:{product.sku}"),
        fingerprint_of_merge(product, into),
    )
    post(operation, StockMovement.Kind.ADJUST, entries)
