"""What can be done with the stock of a store, and the permission that it needs."""

from enum import StrEnum


class Action(StrEnum):
    """Each value is the permission; where it may be used is decided store by store."""

    VIEW = "stores.view_stocklevel"
    BOOK = "stores.book_stock"
    ADJUST = "stores.adjust_stock"
    COUNT = "stores.count_stock"
    APPROVE = "stores.approve_stocktake"
    SET_REORDER_POINT = "stores.change_stocklevel"


# With these, not only the stores where somebody is staff.
SEE_ALL_STORES = "stores.see_all_stores"
ACT_IN_ALL_STORES = "stores.act_in_all_stores"
