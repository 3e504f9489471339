"""`/api/v1/`. Whoever has no log-in gets 401, and who has no right to this at all 403; rows of stores that
somebody does not see are not there (404), and what they may not do in a store that they see is 403.
"""

from typing import Any

from django.core.files.base import ContentFile

from tests.pictures import product_photo
from tests.retailvision.role_matrix.table import Row, call, do, look
from tests.retailvision.role_matrix.world import Place, World


def _line(place: Place, quantity: int = 1) -> list[dict[str, Any]]:
    return [{"sku": place.goods.sku, "quantity": quantity}]


def _booking(kind: str, quantity: int = 1, **more: str) -> Any:
    return lambda _world, place: {
        "kind": kind, "store": place.store.code, "lines": _line(place, quantity), **more,
    }  # fmt: skip


def _send(_world: World, place: Place) -> dict[str, Any]:
    return {
        "source": place.store.code, "destination": place.far.code, "lines": _line(place),
    }  # fmt: skip


def _arrival(_world: World, place: Place) -> dict[str, Any]:
    return {"lines": _line(place, 3)}


def _count(_world: World, place: Place) -> dict[str, Any]:
    return {"sku": place.goods.sku, "counted": 4}


def _reason(_world: World, _place: Place) -> dict[str, Any]:
    return {"reason": "asked by the matrix"}


def _new_product(_world: World, _place: Place) -> dict[str, Any]:
    return {"sku": "NEW", "name": "New", "category": "Home/Lamps"}


def _name(_world: World, _place: Place) -> dict[str, Any]:
    return {"name": "Another"}


def _photos(_world: World, _place: Place) -> dict[str, Any]:
    return {"photos": ContentFile(product_photo(77), name="photo.jpg")}


def _turned_round(world: World, _place: Place) -> dict[str, Any]:
    photos = world.product.images.order_by("-position")
    return {"ids": [image.pk for image in photos]}


_ADJUST = _booking("adjust", -1, reason="broken")
_OPEN = {"category": "Empty"}

# fmt: off
ROWS: list[Row] = [
    #                           anonymous plain editor clerk      analyst partner    superuser
    look("v1:whoami",                "401 ok  ok    ok            ok    ok           ok"),
    look("v1:stores",                "401 403 shown shown/hidden  shown shown        shown", shows="store.code"),
    look("v1:store",                 "401 403 ok    ok/404        ok    ok           ok", "store.code"),
    look("v1:stock",                 "401 403 shown shown/hidden  shown shown        shown", shows="goods.sku"),
    look("v1:movements",             "401 403 403   shown/hidden  shown shown/hidden shown", shows="secret"),
    call("v1:movements",             "401 403 403   ok/403        403   ok/403       ok", data=_booking("receive"), note="receive"),
    call("v1:movements",             "401 403 403   ok/403        403   ok/403       ok", data=_booking("sell"), note="sell"),
    call("v1:movements",             "401 403 403   ok/403        403   403          ok", data=_ADJUST, note="adjust"),
    call("v1:movement-reverse",      "401 403 403   ok/404        403   403          ok", "operation", data=_reason),
    look("v1:operation",             "401 403 403   ok/404        ok    ok/404       ok", "operation"),
    look("v1:transfers",             "401 403 403   shown/hidden  shown shown/hidden shown", shows="store.code"),
    call("v1:transfers",             "401 403 403   ok/403        403   ok/403       ok", data=_send),
    look("v1:transfer",              "401 403 403   ok/404        ok    ok/404       ok", "leaving"),
    call("v1:transfer-receive",      "401 403 403   ok/404        403   ok/404       ok", "arriving", data=_arrival),
    call("v1:transfer-receive",      "401 403 403   403/404       403   403/404      ok", "leaving", data=_arrival, note="at the wrong end"),
    call("v1:transfer-return",       "401 403 403   ok/404        403   ok/404       ok", "leaving", data=_reason),
    call("v1:transfer-return",       "401 403 403   403/404       403   403/404      ok", "arriving", data=_reason, note="at the wrong end"),
    look("v1:stocktakes",            "401 403 403   shown/hidden  shown 403          shown", shows="store.code"),
    call("v1:stocktakes",            "401 403 403   ok/403        403   403          ok", data=lambda _w, p: {"store": p.store.code, **_OPEN}),
    look("v1:stocktake",             "401 403 403   ok/404        ok    403          ok", "stocktake"),
    call("v1:stocktake-lines",       "401 403 403   ok/404        403   403          ok", "stocktake", data=_count),
    call("v1:stocktake-approve",     "401 403 403   ok/404        403   403          ok", "stocktake"),
    # The matrix's sightings are the stores' work: not the public's, whoever knows their token.
    look("v1:sightings",             "401 hidden shown hidden     shown hidden       shown", shows="sighting.token"),
    look("v1:sighting",              "404 404 ok    404           ok    404          ok", "sighting.token"),
    call("v1:sighting-feedback",     "404 404 ok    404           404   404          ok", "sighting.token", data=lambda _w, _p: {"verdict": "rejected"}),
    look("v1:categories",            "401 403 ok    ok             ok    ok           ok"),
    call("v1:categories",            "401 403 ok    403            403   ok           ok", data=lambda _w, _p: {"path": "Made/By/Matrix"}),
    look("v1:category",              "401 403 ok    ok             ok    ok           ok", "category"),
    call("v1:category",              "401 403 ok    403            403   403          ok", "spare_category", data=_name, method="PATCH"),
    call("v1:category",              "401 403 ok    403            403   403          ok", "spare_category", method="DELETE"),
    look("v1:products",              "401 403 ok    ok             ok    ok           ok"),
    call("v1:products",              "401 403 ok    403            403   ok           ok", data=_new_product),
    look("v1:product",               "401 403 ok    ok             ok    ok           ok", "product.sku"),
    call("v1:product",               "401 403 ok    403            403   ok           ok", "product.sku", data=_name, method="PATCH"),
    call("v1:product",               "401 403 ok    403            403   403          ok", "spare.sku", method="DELETE"),
    look("v1:photos",                "401 403 ok    ok             ok    ok           ok", "product.sku"),
    do("v1:photos",                  "401 403 ok    403            403   ok           ok", "product.sku", data=_photos),
    call("v1:photo-order",           "401 403 ok    403            403   ok           ok", "product.sku", data=_turned_round, method="PUT"),
    look("v1:photo",                 "401 403 ok    ok             ok    ok           ok", "product.sku", "image"),
    call("v1:photo",                 "401 403 ok    403            403   ok           ok", "product.sku", "image", method="DELETE"),
    look("v1:photo-thumbnail",       "401 403 ok    ok             ok    ok           ok", "image"),
    call("v1:stocktake-cancel",      "401 403 403   ok/404        403   403          ok", "stocktake"),
    # How far an answer may be trusted, and what it was made by: also for partners.
    look("v1:encoders",              "401 403 ok    403           ok    ok           ok"),
    look("v1:encoder",               "401 403 ok    403           ok    ok           ok", "encoder"),
    look("v1:calibrations",          "401 403 ok    403           ok    ok           ok"),
    look("v1:calibration",           "401 403 ok    403           ok    ok           ok", "calibration"),
    look("v1:feature-maps",          "401 403 ok    403           ok    ok           ok"),
    look("v1:feature-map",           "401 403 ok    403           ok    ok           ok", "feature_map"),
    look("v1:feature-map-points",    "401 403 ok    403           ok    ok           ok", "feature_map"),
]
# fmt: on
