"""Stores and stock in the admin: one module for each concern."""

from stores.admin.ledger import StockMovementAdmin, StockOperationAdmin
from stores.admin.level import StockLevelAdmin
from stores.admin.stocktake import StocktakeAdmin
from stores.admin.store import StoreAdmin
from stores.admin.transfer import TransferAdmin

__all__ = [
    "StockLevelAdmin",
    "StockMovementAdmin",
    "StockOperationAdmin",
    "StocktakeAdmin",
    "StoreAdmin",
    "TransferAdmin",
]
