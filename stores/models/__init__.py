"""Where things are, and every change of it."""

from stores.models.level import StockLevel
from stores.models.movement import StockMovement, StockOperation
from stores.models.stocktake import Stocktake, StocktakeLine
from stores.models.store import Store
from stores.models.transfer import Transfer, TransferLine

__all__ = [
    "StockLevel",
    "StockMovement",
    "StockOperation",
    "Stocktake",
    "StocktakeLine",
    "Store",
    "Transfer",
    "TransferLine",
]
