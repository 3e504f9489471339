"""Examples of the API's document: bodies that are taken as they are, where the codes are known."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_LINES = [{"sku": "CRT-0005", "quantity": 24}]


def _sent(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True, media_type="application/json")


BOOKINGS = (
    _sent(
        "A delivery",
        {"kind": "receive", "store": "ALTONA", "lines": _LINES, "reference": "delivery note 4711"},
    ),
    _sent(
        "A sale",
        {"kind": "sell", "store": "ALTONA", "lines": [{"sku": "CRT-0005", "quantity": 1}]},
    ),
    _sent(
        "An adjustment",
        {
            "kind": "adjust",
            "store": "ALTONA",
            "lines": [{"sku": "CRT-0005", "quantity": -2}],
            "reason": "broken",
        },
    ),
)
REVERSAL = (_sent("Why", {"reason": "booked twice"}),)
TRANSFER = (
    _sent("To another store", {"source": "ALTONA", "destination": "HAFEN", "lines": _LINES}),
)
ARRIVAL = (
    _sent("What arrived", {"lines": _LINES}),
    _sent("The rest will not come", {"lines": [], "close": True}),
)
RETURN = (_sent("Why", {"reason": "refused at the door"}),)
STOCKTAKE = (
    _sent("A whole store", {"store": "ALTONA"}),
    _sent("One category", {"store": "ALTONA", "category": "Drinks/Cartons"}),
)
COUNT = (_sent("What was counted", {"sku": "CRT-0005", "counted": 24}),)
APPROVAL = (_sent("What nobody counted stays", {"uncounted_are_zero": False}),)
