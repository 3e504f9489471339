"""What stores add to the catalogue, and places of theirs that apps above may fill."""

from collections.abc import Callable, Iterable

from accounts import slots as account_slots
from products import slots
from products.imports.kinds import register as register_import
from stores.deletion import kept_products, kept_users
from stores.merging import move_stock
from stores.product_page import stock_part
from stores.product_slots import HoldingStoreFilter, StockFilter, load_stock, stock, stock_box
from stores.stock_import import StockKind

# Addresses of what the evidence of movements names, as in `sighting:TOKEN`: each takes all such
# references of a page and returns `{reference: address}` for those of its own kind.
evidence_links: list[Callable[[Iterable[str]], dict[str, str]]] = []


def fill_slots() -> None:
    slots.product_columns.append(stock)
    slots.product_page_loaders.append(load_stock)
    slots.product_filters.extend([HoldingStoreFilter, StockFilter])
    slots.product_panels.append(stock_box)
    slots.page_parts.append(stock_part)
    slots.merge_steps.append(move_stock)
    slots.reasons_to_keep.append(kept_products)
    account_slots.reasons_to_keep.append(kept_users)
    register_import(StockKind())
