"""The stock pages, `/stock/`. Who is not known is led to the log-in; a store that somebody does not
see is not there (404), and what they may not do in one that they see is 403.
"""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.pictures import phone_photo
from tests.retailvision.role_matrix.table import Row, do, look, new_key
from tests.retailvision.role_matrix.world import Place, World


def _photo(_world: World, _place: Place) -> dict[str, Any]:
    return {"photo": SimpleUploadedFile("photo.jpg", phone_photo(1), "image/jpeg")}


def _book(kind: str) -> Any:
    return lambda _world, _place: {
        "book": kind, "key": new_key(), "quantity": 1, "direction": "less", "why": "broken",
    }  # fmt: skip


def _send(_world: World, place: Place) -> dict[str, Any]:
    return {
        "key": new_key(), "destination": place.far.pk, "rows": 1, "code_0": place.goods.sku,
        "quantity_0": 1,
    }  # fmt: skip


def _by_code(_world: World, place: Place) -> dict[str, Any]:
    return {"key": new_key(), "book": "sell", "code": place.goods.sku, "quantity": 1}


def _arrive(_world: World, place: Place) -> dict[str, Any]:
    return {"key": new_key(), f"line_{place.arriving.lines.get().pk}": 3}


def _seen(world: World, place: Place) -> dict[str, Any]:
    from recognition.counting.reviewing import state_of
    from stores.stocktaking import review

    seen = state_of(review(place.stocktake), uncounted_are_zero=False)
    return {"uncounted": "leave", "seen": seen}


def _reason(_world: World, _place: Place) -> dict[str, Any]:
    return {"key": new_key(), "reason": "back"}


def _count(_world: World, _place: Place) -> dict[str, Any]:
    return {"key": new_key(), "quantity": 4, "how": "add"}


def _count_by_code(_world: World, place: Place) -> dict[str, Any]:
    return {"key": new_key(), "code": place.goods.sku, "quantity": 4, "how": "add"}


_CODE, _OWN = "store.code", "own:store.code"
_COUNT = (_CODE, "stocktake")
# Who sees a store sees its levels; its movements, transfers and stocktakes are for those who work
# there and for analysts. A photo that is asked with is recorded; who books says what it showed.
# fmt: off
ROWS: list[Row] = [
    #                    anonymous plain editor clerk        analyst partner    superuser
    look("stock:stores",     "login 403 shown  shown/hidden  shown shown        shown", shows="store.name"),
    look("stock:here",       "login ok  ok     ok            ok    ok           ok"),
    look("stock:store",      "login 404 shown  shown/404     shown shown        shown", _CODE, shows="goods.name"),
    look("stock:store",      "login 404 hidden shown/404     shown shown/hidden shown", _CODE, shows="far.name", note="what arrives"),
    look("stock:store",      "login 404 hidden shown/404     shown hidden       shown", _CODE, shows="counting", note="what is counted"),
    look("stock:low",        "login 404 shown  shown/404     shown shown        shown", _CODE, shows="goods.name"),
    look("stock:product",    "login 404 hidden shown/404     shown shown/hidden shown", _CODE, "goods.sku", shows="secret"),
    do("stock:product",      "login 404 403    ok/404        403   ok/403       ok", _CODE, "goods.sku", data=_book("receive"), note="receive"),
    do("stock:product",      "login 404 403    ok/404        403   ok/403       ok", _CODE, "goods.sku", data=_book("sell"), note="sell"),
    do("stock:product",      "login 404 403    ok/404        403   403          ok", _CODE, "goods.sku", data=_book("adjust"), note="adjust"),
    look("stock:transfers",  "login 404 403    ok/404        ok    ok/403       ok", _CODE),
    look("stock:send",       "login 404 403    ok/404        403   ok/403       ok", _CODE),
    do("stock:send",         "login 404 403    ok/404        403   ok/403       ok", _CODE, data=_send),
    look("stock:transfer",   "login 404 403    ok/404        ok    ok/403       ok", _CODE, "arriving"),
    do("stock:transfer",     "login 404 403    ok/404        403   ok/403       ok", _CODE, "arriving", data=_arrive, note="receive"),
    do("stock:transfer",     "login 404 403    ok/404        403   ok/403       ok", _CODE, "leaving", data=_reason, note="return"),
    look("stock:by-code",    "login 404 403    ok/404        403   ok/403       ok", _CODE),
    do("stock:by-code",      "login 404 403    ok/404        403   ok/403       ok", _CODE, data=_by_code),
    look("stock:delivery",   "login 404 403    ok/404        403   ok/403       ok", _CODE),
    do("stock:delivery",     "login 404 403    ok/404        403   ok/403       ok", _CODE, data=_send),
    look("stock:what-is",    "login 404 ok     ok/404        ok    ok           ok", _CODE, query="code=G-OWN"),
    look("stock:operation",  "login 404 403    ok/404        ok    ok/403       ok", _CODE, "operation"),
    do("stock:operation",    "login 404 403    ok/404        403   403          ok", _CODE, "operation", data=_reason, note="take back"),
    look("counting:find",    "login 404 ok     ok/404        ok    ok           ok", _CODE),
    do("counting:find",      "login 404 ok     ok/404        ok    ok           ok", _CODE, data=_photo),
    look("counting:found",   "login 404 ok     ok/404        ok    ok           ok", _CODE, "sighting.token"),
    do("counting:choose",    "login 404 403    ok/404        403   ok/403       ok", _CODE, "sighting.token", data=lambda _w, p: {"sku": p.goods.sku}),
    look("counting:start",   "login 404 403    ok/404        403   403          ok", _CODE),
    do("counting:start",     "login 404 403    ok/404        403   403          ok", _CODE, data=lambda _w, _p: {"category": "Empty"}),
    look("counting:count",   "login 404 404    ok/404        ok    404          ok", *_COUNT),
    look("counting:lines",   "login 404 404    shown/404     shown 404          shown", *_COUNT, shows="goods.name"),
    do("counting:drop",      "login 404 404    ok/404        403   404          ok", *_COUNT, "line"),
    do("counting:photo",     "login 404 404    ok/404        403   404          ok", *_COUNT, data=_photo),
    look("counting:seen",    "login 404 404    ok/404        ok    404          ok", *_COUNT, "sighting.token"),
    do("counting:none",      "login 404 404    ok/404        403   404          ok", *_COUNT, "counted.token"),
    look("counting:enter",   "login 404 404    ok/404        403   404          ok", *_COUNT, "goods.sku"),
    do("counting:enter",     "login 404 404    ok/404        403   404          ok", *_COUNT, "goods.sku", data=_count),
    look("counting:by-code", "login 404 404    ok/404        403   404          ok", *_COUNT),
    do("counting:by-code",   "login 404 404    ok/404        403   404          ok", *_COUNT, data=_count_by_code),
    look("counting:review",  "login 404 404    ok/404        ok    404          ok", *_COUNT),
    look("counting:approve", "login 404 404    ok/404        403   404          ok", *_COUNT),
    do("counting:approve",   "login 404 404    ok/404        403   404          ok", *_COUNT, data=_seen),
    look("counting:cancel",  "login 404 404    ok/404        403   404          ok", *_COUNT),
    do("counting:cancel",    "login 404 404    ok/404        403   404          ok", *_COUNT),
    look("counting:report",  "login 404 404    ok/404        ok    404          ok", _CODE, "closed"),
    # The address of one's own store does not open what belongs to another: not for superusers either.
    look("stock:transfer",   "login 404 403    ok/404        ok/404   ok/404   ok/404", _OWN, "arriving", note="mixed"),
    do("stock:transfer",     "login 404 403    ok/404        403/404  ok/404   ok/404", _OWN, "arriving", data=_arrive, note="mixed"),
    look("stock:operation",  "login 404 403    ok/404        ok/404   ok/404   ok/404", _OWN, "operation", note="mixed"),
    do("stock:operation",    "login 404 403    ok/404        403/404  403/404  ok/404", _OWN, "operation", data=_reason, note="mixed"),
    look("counting:found",   "login 404 ok/404 ok/404        ok/404   ok/404   ok/404", _OWN, "sighting.token", note="mixed"),
    do("counting:choose",    "login 404 403    ok/404        403      ok/404   ok/404", _OWN, "sighting.token", note="mixed"),
    look("counting:count",   "login 404 404    ok/404        ok/404   404      ok/404", _OWN, "stocktake", note="mixed"),
    do("counting:photo",     "login 404 404    ok/404        403/404  404      ok/404", _OWN, "stocktake", data=_photo, note="mixed"),
    do("counting:drop",      "login 404 404    ok/404        403      404      ok/404", _OWN, "own:stocktake", "line", note="mixed"),
    look("counting:seen",    "login 404 404    ok/404        ok/404   404      ok/404", _OWN, "own:stocktake", "sighting.token", note="mixed"),
    do("counting:none",      "login 404 404    ok/404        403      404      ok/404", _OWN, "own:stocktake", "counted.token", note="mixed"),
    do("counting:enter",     "login 404 404    ok/404        403/404  404      ok/404", _OWN, "stocktake", "goods.sku", data=_count, note="mixed"),
    do("counting:by-code",   "login 404 404    ok/404        403/404  404      ok/404", _OWN, "stocktake", data=_count_by_code, note="mixed"),
    do("counting:approve",   "login 404 404    ok/404        403/404  404      ok/404", _OWN, "stocktake", data=_seen, note="mixed"),
    do("counting:cancel",    "login 404 404    ok/404        403/404  404      ok/404", _OWN, "stocktake", note="mixed"),
]
# fmt: on
