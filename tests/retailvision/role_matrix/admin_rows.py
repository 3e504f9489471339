"""The admin. Who may not enter it is led to its log-in; rows of stores that somebody does not see
are not there (`gone`: back to the first page). Actions that somebody may not use are not in the list,
which then comes again as it was (`same`).
"""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from recognition.models import CalibrationUse
from tests.pictures import phone_photo, product_photo
from tests.retailvision.role_matrix.table import Row, action, do, look, model, new_key
from tests.retailvision.role_matrix.world import Place, World

_NO_PHOTOS = {
    "images-TOTAL_FORMS": 0, "images-INITIAL_FORMS": 0, "images-MIN_NUM_FORMS": 0,
    "images-MAX_NUM_FORMS": 1000,
}  # fmt: skip


def _product(sku: str) -> Any:
    def data(world: World, _place: Place) -> dict[str, Any]:
        product = world.spare
        return {
            "sku": sku, "name": "Renamed", "brand": "", "category": product.category_id,
            "description": "", "attributes": "{}", "barcode": "", "price": "", "is_active": "on",
            "merged_into": "", **_NO_PHOTOS,
        }  # fmt: skip

    return data


def _merge(world: World, place: Place) -> dict[str, Any]:
    return {**_product("SPARE")(world, place), "merged_into": world.product.pk}


def _store(code: str) -> Any:
    return lambda _world, _place: {"code": code, "name": "Renamed", "is_active": "on"}


def _user(username: str, **more: Any) -> Any:
    return lambda _world, _place: {
        "username": username, "first_name": "Renamed", "is_active": "on",
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00", **more,
    }  # fmt: skip


_PASSWORD = {
    "usable_password": "true", "password1": "plum-cart-lamp-7", "password2": "plum-cart-lamp-7",
}  # fmt: skip


_NEW_PASSWORD = {
    "old_password": "secret", "new_password1": "plum-cart-lamp-7",
    "new_password2": "plum-cart-lamp-7",
}  # fmt: skip


def _photo(field: str, data: bytes) -> Any:
    return lambda _world, _place: {field: SimpleUploadedFile("photo.jpg", data, "image/jpeg")}


def _photo_order(world: World, _place: Place) -> dict[str, Any]:
    ids = world.product.images.order_by("-position").values_list("pk", flat=True)
    return {"ids": ",".join(map(str, ids))}


def _upload(kind: str, text: str) -> Any:
    return lambda _world, place: {
        "kind": kind,
        "file": SimpleUploadedFile("x.csv", text.format(place=place).encode(), "text/csv"),
    }


def _level(world: World, place: Place) -> dict[str, Any]:
    return {"store": place.store.pk, "product": world.product.pk, "reorder_point": 7}


def _levels_row(_world: World, place: Place) -> dict[str, Any]:
    return {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-MIN_NUM_FORMS": 0,
        "form-MAX_NUM_FORMS": 1000, "form-0-id": place.level.pk, "form-0-reorder_point": 9,
        "initial-form-0-reorder_point": 50, "_save": "Save",
    }  # fmt: skip


def _booking(quantity: int = 1, **more: str) -> Any:
    return lambda _world, place: {
        "store": place.store.pk, "key": new_key(), "lines-TOTAL_FORMS": 1,
        "lines-INITIAL_FORMS": 0, "lines-0-code": place.goods.sku, "lines-0-quantity": quantity,
        **more,
    }  # fmt: skip


def _dispatch(world: World, place: Place) -> dict[str, Any]:
    return {**_booking()(world, place), "destination": place.far.pk}


def _arrive(which: str) -> Any:
    return lambda _world, place: {
        "key": new_key(), f"line-{getattr(place, which).lines.get().pk}": 3,
    }  # fmt: skip


def _reason(_world: World, _place: Place) -> dict[str, Any]:
    return {"key": new_key(), "reason": "asked by the matrix"}


def _key(_world: World, _place: Place) -> dict[str, Any]:
    return {"key": new_key()}


def _endpoint(description: str) -> Any:
    return lambda _world, _place: {
        "url": "https://93.184.216.34/hook", "description": description, "events": ["stock.low"],
    }  # fmt: skip


def _feature_map(_world: World, _place: Place) -> dict[str, Any]:
    return {"subject": "photos", "method": "tsne", "perplexity": 30, "limit": 100, "seed": 1}


# fmt: off
#      anonymous plain editor clerk     analyst partner superuser
ALL         = "login ok  ok  ok         ok  login ok"
READERS     = "login 403 ok  ok         ok  login ok"
EDITORS     = "login 403 ok  403        403 login ok"
EDITOR_ACTS = "login 403 ok  same       same login ok"
# Stock and the stores themselves are seen by all roles, clerks see those of their own stores.
LEVELS      = "login 403 ok  ok/gone    ok  login ok"
LEVEL_LIST  = "login 403 shown shown/hidden shown login shown"
# The ledger and what leads to it are no business of the catalogue's editors.
LEDGER      = "login 403 403 ok/gone    ok  login ok"
LEDGER_LIST = "login 403 403 shown/hidden shown login shown"
CLERKS      = "login 403 403 ok         403 login ok"
CLERKS_OWN  = "login 403 403 ok/gone    403 login ok"
CLERKS_BOOK = "login 403 403 ok/403     403 login ok"
CLERKS_PICK = "login 403 403 ok/same    403 login ok"  # the other store is not among the choices
WRONG_END   = "login 403 403 403/gone   403 login ok"
RECOGNITION = "login 403 ok  403        ok  login ok"
SUPERUSER   = "login 403 403 403        403 login ok"
NOBODY      = "login 403 403 403        403 login 403"
KEPT        = "login 403 403 403        403 login same"  # nobody deletes what the ledger knows

_KEPT_LISTS = {"add": NOBODY, "change": NOBODY, "delete": NOBODY}

_CATALOGUE: list[Row] = [
    *model("products.category", "spare_category", see=READERS, add=EDITORS, change=EDITORS, delete=EDITORS,
           new=lambda _w, _p: {"name": "New", "parent": ""},
           changed=lambda _w, _p: {"name": "Renamed", "parent": ""}),
    action("products.category", "delete_selected", EDITOR_ACTS, "spare_category"),
    *model("products.product", "spare", see=READERS, add=EDITORS, change=EDITORS, delete=EDITORS,
           new=_product("NEW"), changed=_product("SPARE")),
    do("admin:products_product_change", EDITORS, "spare", data=_merge, note="merge"),
    action("products.product", "delete_selected", EDITOR_ACTS, "spare"),
    action("products.product", "export_chosen", READERS, "spare", writes=False),
    look("admin:products_product_export", READERS),
    do("admin:products_product_export", READERS, data=lambda _w, _p: {"format": "0"}, writes=False),
    do("admin:products_product_by_photo", READERS, data=_photo("photo", phone_photo(1)), writes=False),
    look("admin:products_product_photos", READERS, "product"),
    do("admin:products_product_photo_add", EDITORS, "product", data=_photo("file", product_photo(9))),
    do("admin:products_product_photo_order", EDITORS, "product", data=_photo_order),
    do("admin:products_product_photo_delete", EDITORS, "product", "image"),
    do("admin:products_product_photo_action", EDITORS, "product", "image", "'try-again'"),
    look("admin:products_productimage_thumbnail", READERS, "image", "'small'"),
    look("admin:products_product_panel", READERS, "goods", "'similar'"),
    look("admin:products_product_panel", READERS, "goods", "'duplicates'"),
    look("admin:products_product_panel", LEVEL_LIST, "goods", "'stock'", shows="store.name"),
    look("admin:products_product_panel", "login 403 hidden shown/hidden shown login shown", "goods", "'stock'", shows="secret"),
]
# Who may import a kind sees its imports, and of stock their own alone; analysts read them all.
_IMPORTS: list[Row] = [
    *model("products.importrun", "run", see="login gone ok gone ok login ok", list="login 403 ok ok ok login ok",
           add="login 403 ok same 403 login ok", add_page="login 403 ok ok 403 login ok",
           change="login gone same gone same login same", delete=NOBODY,
           new=_upload("products", "sku,name,category\nNEW,New,Home\n")),
    look("admin:products_importrun_template", "login 404 ok 404 404 login ok", "'products'", "'csv'"),
    look("admin:products_importrun_status", RECOGNITION, "run"),
    do("admin:products_importrun_start", EDITORS, "run"),
    do("admin:products_importrun_cancel", EDITORS, "run"),
    look("admin:products_importrun_errors", RECOGNITION, "run"),
    do("admin:products_importrun_add", "login 403 same ok 403 login ok", note="stock",
       data=_upload("stock", "store,sku,quantity\nOWN,G-OWN,7\n")),
    look("admin:products_importrun_template", "login 404 404 ok 404 login ok", "'stock'", "'csv'"),
    look("admin:products_importrun_changelist", "login 403 hidden shown/hidden shown login shown", shows="stock_run.file_name"),
    look("admin:products_importrun_change", "login gone gone ok/gone ok login ok", "stock_run"),
    look("admin:products_importrun_status", "login 403 403 ok/403 ok login ok", "stock_run"),
    do("admin:products_importrun_start", CLERKS_BOOK, "stock_run"),
    do("admin:products_importrun_cancel", CLERKS_BOOK, "stock_run"),
    look("admin:products_importrun_errors", "login 403 403 ok/403 ok login ok", "stock_run"),
]
_STORES: list[Row] = [
    *model("stores.store", "store", see=LEVELS, list=LEVEL_LIST, shows="store.name", history="login gone ok ok/gone ok login ok",
           add=SUPERUSER, change=SUPERUSER, delete=KEPT, delete_page=SUPERUSER,
           new=_store("NEW"), changed=_store("RENAMED")),
    action("stores.store", "delete_selected", "login 403 same same same login same", "store"),
    *model("stores.stocklevel", "level", see=LEVELS, list=LEVEL_LIST, shows="goods.name", history="login gone ok ok/gone ok login ok",
           add=CLERKS_PICK, add_page=CLERKS, change=CLERKS_OWN, delete=NOBODY,
           new=_level, changed=_level),
    do("admin:stores_stocklevel_changelist", "login 403 403 ok/400 403 login ok", data=_levels_row, note="rows"),
    look("admin:stores_stocklevel_export", LEVEL_LIST, "'csv'", shows="goods.sku"),
    look("admin:stores_find_product", CLERKS, query="q=goods"),
    look("admin:stores_reorder", LEVEL_LIST, shows="goods.name"),
    look("admin:stores_reorder_file", LEVEL_LIST, shows="goods.name"),
    look("admin:stores_book_receive", "login 403 403 shown/hidden 403 login shown", shows="store.name"),
    do("admin:stores_book_receive", CLERKS_BOOK, data=_booking()),
    look("admin:stores_book_sell", "login 403 403 shown/hidden 403 login shown", shows="store.name"),
    do("admin:stores_book_sell", CLERKS_BOOK, data=_booking()),
    look("admin:stores_book_adjust", "login 403 403 shown/hidden 403 login shown", shows="store.name"),
    do("admin:stores_book_adjust", CLERKS_BOOK, data=_booking(-1, reason="broken")),
    look("admin:stores_book_dispatch", CLERKS),
    do("admin:stores_book_dispatch", CLERKS_BOOK, data=_dispatch),
    *model("stores.stockmovement", "movement", see=LEDGER, list=LEDGER_LIST, shows="secret", history="login gone 403 ok/gone ok login ok", **_KEPT_LISTS),
    *model("stores.stockoperation", "operation", see=LEDGER, list=LEDGER_LIST, shows="secret", history="login gone 403 ok/gone ok login ok", **_KEPT_LISTS),
    look("admin:stores_stockoperation_take_back", CLERKS_OWN, "operation"),
    do("admin:stores_stockoperation_take_back", CLERKS_OWN, "operation", data=_reason),
    *model("stores.transfer", "leaving", see=LEDGER, list=LEDGER_LIST, shows="store.name", history="login gone 403 ok/gone ok login ok",
           add=CLERKS_BOOK, add_page=CLERKS, change=NOBODY, delete=NOBODY, new=_dispatch),
    look("admin:stores_transfer_arrive", CLERKS_OWN, "arriving"),
    do("admin:stores_transfer_arrive", CLERKS_OWN, "arriving", data=_arrive("arriving")),
    do("admin:stores_transfer_arrive", WRONG_END, "leaving", data=_arrive("leaving"), note="at the wrong end"),
    look("admin:stores_transfer_send_back", CLERKS_OWN, "leaving"),
    do("admin:stores_transfer_send_back", CLERKS_OWN, "leaving", data=_reason),
    do("admin:stores_transfer_send_back", WRONG_END, "arriving", data=_reason, note="at the wrong end"),
    *model("stores.stocktake", "stocktake", see=LEDGER, list=LEDGER_LIST, shows="store.name", history="login gone 403 ok/gone ok login ok",
           add=CLERKS_PICK, add_page=CLERKS, change=NOBODY, delete=NOBODY,
           new=lambda w, p: {"key": new_key(), "store": p.store.pk, "category": w.spare_category.pk}),
    look("admin:stores_stocktake_count_on", CLERKS_OWN, "stocktake"),
    look("admin:stores_stocktake_approve_it", CLERKS_OWN, "stocktake"),
    do("admin:stores_stocktake_approve_it", CLERKS_OWN, "stocktake", data=_key),
    look("admin:stores_stocktake_cancel_it", CLERKS_OWN, "stocktake"),
    do("admin:stores_stocktake_cancel_it", CLERKS_OWN, "stocktake", data=_key),
]


def _first_batch(_world: World, _place: Any) -> dict[str, Any]:
    return {"batch": CalibrationUse.objects.earliest("pk").batch}


_RECOGNITION: list[Row] = [
    *model("recognition.imageembedding", "embedding", see=RECOGNITION, **_KEPT_LISTS),
    action("recognition.imageembedding", "try_again", "login 403 ok 403 same login ok", "embedding"),
    *model("recognition.encoder", "encoder", see=RECOGNITION, **_KEPT_LISTS),
    look("admin:recognition_encoder_status", RECOGNITION, "encoder"),
    look("admin:recognition_encoder_begin", EDITORS),
    do("admin:recognition_encoder_begin", EDITORS, data=lambda _w, _p: {"key": "none"}, writes=False),
    look("admin:recognition_encoder_rollback", EDITORS),
    look("admin:recognition_encoder_act", EDITORS, "encoder", "'activate'"),
    # `same`: it is the only encoder, and active.
    do("admin:recognition_encoder_rollback", "login 403 same 403 403 login same"),
    do("admin:recognition_encoder_act", "login 403 same 403 403 login same", "encoder", "'activate'"),
    do("admin:recognition_encoder_act", "login 403 same 403 403 login same", "encoder", "'rehearse'"),
    do("admin:recognition_encoder_act", "login 403 same 403 403 login same", "encoder", "'retire'"),
    *model("recognition.featuremap", "feature_map", see=RECOGNITION, add=NOBODY, change=NOBODY, delete=EDITORS),
    action("recognition.featuremap", "delete_selected", "login 403 ok 403 same login ok", "feature_map"),
    look("admin:recognition_featuremap_newest", RECOGNITION),
    look("admin:recognition_featuremap_status", RECOGNITION),
    do("admin:recognition_featuremap_build", EDITORS, data=_feature_map),
    look("admin:recognition_featuremap_data", RECOGNITION, "feature_map"),
    look("admin:recognition_featuremap_stock", RECOGNITION, "feature_map"),
    look("admin:recognition_featuremap_png", RECOGNITION, "feature_map"),
    # There is nothing on this map that the photo could be compared with: 400 without a photo.
    do("admin:recognition_featuremap_place", "login 403 400 403 400 login 400", "feature_map", writes=False),
    *model("recognition.sighting", "sighting", see=RECOGNITION, **_KEPT_LISTS),
    *model("recognition.similarityreport", "report", see=RECOGNITION, **_KEPT_LISTS),
    look("admin:recognition_similarityreport_newest", RECOGNITION),
    look("admin:recognition_similarityreport_status", RECOGNITION),
    look("admin:recognition_similarityreport_csv", RECOGNITION, "report"),
    look("admin:recognition_similarityreport_drawn", RECOGNITION, "report", "'png'"),
    look("admin:recognition_similarityreport_thresholds_csv", RECOGNITION, "calibration.run_id"),
    do("admin:recognition_similarityreport_build", EDITORS),
    do("admin:recognition_similarityreport_calibrate", EDITORS, data=lambda _w, _p: {"target": "0.05"}),
    do("admin:recognition_similarityreport_apply", EDITORS, data=lambda w, _p: {"run": w.calibration.run.pk, "target": "0.1", "confirmed": "1"}),
    do("admin:recognition_similarityreport_back", EDITORS, data=_first_batch),
    *model("recognition.finding", "finding", see=RECOGNITION, **_KEPT_LISTS),
    look("admin:recognition_finding_status", RECOGNITION),
    do("admin:recognition_finding_check", EDITORS),
    do("admin:recognition_finding_decide", EDITORS, "finding", data=lambda _w, _p: {"decision": "dismiss"}),
    look("admin:recognition_finding_merge", EDITORS, "finding"),
    do("admin:recognition_finding_merge", EDITORS, "finding", data=lambda w, _p: {"keep": w.product.pk}),
    do("admin:recognition_finding_move", EDITORS, "misplaced"),
    look("admin:recognition_review", EDITORS),
    look("admin:recognition_review_queue", EDITORS, "'doubtful'"),
    look("admin:recognition_review_photo", EDITORS, "drawn.token"),
    # `same`: nobody gave it to them to judge, and there is nothing to let go of or to take back.
    do("admin:recognition_review_judge", "login 403 same 403 403 login same", "'audit'", "drawn.token", data=lambda _w, _p: {"none": "1"}),
    do("admin:recognition_review_skip", "login 403 same 403 403 login same", "'audit'", "drawn.token"),
    do("admin:recognition_review_undo", "login 403 same 403 403 login same", "'audit'"),
    do("admin:recognition_review_again", "login 403 same 403 403 login same", "'audit'"),
]
_ACCOUNTS: list[Row] = [
    *model("accounts.user", "somebody", see=SUPERUSER, add=SUPERUSER, change=SUPERUSER, delete=SUPERUSER,
           new=_user("new", **_PASSWORD), changed=_user("somebody")),
    do("admin:accounts_user_change", SUPERUSER, "somebody", note="to superuser",
       data=_user("somebody", is_superuser="on", is_staff="on")),
    action("accounts.user", "delete_selected", SUPERUSER, "somebody"),
    look("admin:auth_user_password_change", SUPERUSER, "somebody"),
    do("admin:auth_user_password_change", SUPERUSER, "somebody", data=lambda _w, _p: _PASSWORD),
    *model("auth.group", "group", see=SUPERUSER, add=SUPERUSER, change=SUPERUSER, delete=SUPERUSER,
           new=lambda _w, _p: {"name": "New"}, changed=lambda _w, _p: {"name": "Renamed"}),
    action("auth.group", "delete_selected", SUPERUSER, "group"),
    # Never deleted: revoked.
    *model("api.apikey", "key", see=SUPERUSER, add=SUPERUSER, change=SUPERUSER,
           delete="login 403 403 403 403 login 403",
           new=lambda w, _p: {"user": w.somebody.pk, "name": "New", "scopes": ["stock:read"]},
           changed=lambda w, _p: {"user": w.somebody.pk, "name": "Renamed", "scopes": ["stock:read"]}),
    action("api.apikey", "revoke", SUPERUSER, "key"),
]
# No group manages webhooks: a partner has no admin, and whoever makes an endpoint makes this machine
# send requests.
_OTHERS_ROW = "login gone gone gone gone login ok"
_WEBHOOKS: list[Row] = [
    *model("webhooks.webhookendpoint", "endpoint", see=SUPERUSER, add=SUPERUSER, change=SUPERUSER, delete=SUPERUSER, history=_OTHERS_ROW,
           new=lambda w, _p: {"owner": w.users["partner"].pk, **_endpoint("New")(w, _p)}, changed=_endpoint("Renamed")),
    action("webhooks.webhookendpoint", "delete_selected", SUPERUSER, "endpoint"),
    *(look(f"admin:webhooks_webhookendpoint_{name}", SUPERUSER, "endpoint") for name in ("test", "rotate", "turn_off", "turn_on")),
    *(do(f"admin:webhooks_webhookendpoint_{name}", SUPERUSER, "endpoint") for name in ("test", "rotate", "turn_off")),
    # `same`: it is on.
    do("admin:webhooks_webhookendpoint_turn_on", "login 403 403 403 403 login same", "endpoint"),
    look("admin:webhooks_webhookendpoint_secret", SUPERUSER, "endpoint"),
    *model("webhooks.webhookdelivery", "delivery", see=SUPERUSER, history=_OTHERS_ROW, **_KEPT_LISTS),
    action("webhooks.webhookdelivery", "send_chosen_again", SUPERUSER, "delivery"),
    look("admin:webhooks_webhookdelivery_send_one_again", SUPERUSER, "delivery"),
    do("admin:webhooks_webhookdelivery_send_one_again", SUPERUSER, "delivery"),
]
_FIELD = "app_label={}&model_name={}&field_name={}&term=a"
_OTHERS: list[Row] = [
    look("admin:index", "login hidden shown shown/hidden shown login shown", shows="goods.name"),
    look("admin:search", ALL, query="s=store"),
    look("admin:password_change", ALL),
    do("admin:password_change", ALL, data=lambda _w, _p: _NEW_PASSWORD),
    look("admin:jsi18n", ALL),
    look("admin:autocomplete", READERS, query=_FIELD.format("products", "product", "category")),
    look("admin:autocomplete", SUPERUSER, query=_FIELD.format("stores", "store", "staff")),
    look("admin:autocomplete", SUPERUSER, query=_FIELD.format("api", "apikey", "user")),
    look("admin:autocomplete", READERS, query=_FIELD.format("stores", "stocklevel", "product")),
]
# fmt: on
ROWS = [*_CATALOGUE, *_IMPORTS, *_STORES, *_RECOGNITION, *_WEBHOOKS, *_ACCOUNTS, *_OTHERS]
