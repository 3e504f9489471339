"""What the people of a shop do, as groups. Where a role may act (own stores, all) is decided by
`stores.policy`; what a group may do at all stands here.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.management import create_permissions

CATALOGUE_EDITOR = "Catalogue editor"
STORE_CLERK = "Store clerk"
ANALYST = "Analyst"
PARTNER = "Partner"

_LOOK_AT_CATALOGUE = (
    "products.view_category",
    "products.view_product",
    "products.view_productimage",
)
_LOOK_AT_STOCK = ("stores.view_store", "stores.view_stocklevel")
_READ_LEDGER = (
    "stores.view_stockoperation",
    "stores.view_stockmovement",
    "stores.view_transfer",
    "stores.view_stocktake",
)

# Nobody of these changes users or groups. Importing products needs to add and to change them;
# trying failed photos again, to change photos.
ROLES: dict[str, tuple[str, ...]] = {
    CATALOGUE_EDITOR: (
        *_LOOK_AT_CATALOGUE,
        *(
            f"products.{action}_{model}"
            for model in ("category", "product", "productimage")
            for action in ("add", "change", "delete")
        ),
        *_LOOK_AT_STOCK,
        "stores.see_all_stores",
        "recognition.view_encoder",
        "recognition.view_encoderactivation",
        "recognition.view_encoderrehearsal",
        "recognition.view_finding",
        "recognition.decide_finding",
        "recognition.view_imageembedding",
        "recognition.view_sighting",
        "recognition.review_sighting",
        "recognition.view_calibrationrun",
        "recognition.view_calibration",
        "recognition.view_calibrationuse",
        "recognition.apply_calibration",
        "recognition.switch_encoder",
        "recognition.view_similarityreport",
        "recognition.build_similarityreport",
        "recognition.view_featuremap",
        "recognition.build_featuremap",
        "recognition.delete_featuremap",
    ),
    STORE_CLERK: (
        *_LOOK_AT_CATALOGUE,
        *_LOOK_AT_STOCK,
        *_READ_LEDGER,
        "stores.book_stock",
        "stores.adjust_stock",
        "stores.count_stock",
        "stores.approve_stocktake",
        "stores.change_stocklevel",
    ),
    ANALYST: (
        *_LOOK_AT_CATALOGUE,
        *_LOOK_AT_STOCK,
        *_READ_LEDGER,
        "products.view_importrun",
        "stores.see_all_stores",
        "recognition.view_encoder",
        "recognition.view_encoderactivation",
        "recognition.view_encoderrehearsal",
        "recognition.view_finding",
        "recognition.view_imageembedding",
        "recognition.view_sighting",
        "recognition.view_calibrationrun",
        "recognition.view_calibration",
        "recognition.view_calibrationuse",
        "recognition.view_similarityreport",
        "recognition.view_featuremap",
    ),
    PARTNER: (
        *_LOOK_AT_CATALOGUE,
        "products.add_category",
        "products.add_product",
        "products.change_product",
        "products.add_productimage",
        "products.change_productimage",
        "products.delete_productimage",
        *_LOOK_AT_STOCK,
        "stores.see_all_stores",
        "stores.book_stock",
        # How far an answer may be trusted, and what it was made by.
        "recognition.view_encoder",
        "recognition.view_calibrationrun",
        "recognition.view_calibration",
        "recognition.view_featuremap",
    ),
}


def ensure_roles(
    apps: Any, added: Collection[str] | None = None, only: Collection[str] | None = None
) -> None:
    """Makes the groups with their permissions. Only migrations call it.

    A retailer may rename, empty or delete these groups, and that stays so: a migration that comes
    with new permissions names them as `added`, which go to the groups of the table that are still
    there, and nothing else is touched. `only`: where an older permission is new to some roles alone,
    their names; the others may have lost it on purpose. Permissions of models that `apps` does not know yet are left
    to the migration that makes those.
    """
    group_model = apps.get_model("auth", "Group")
    known = _permissions(apps)
    for name, wanted in ROLES.items():
        if only is not None and name not in only:
            continue
        if added is None:
            group, _created = group_model.objects.get_or_create(name=name)
        else:
            group = group_model.objects.filter(name=name).first()
        if group is not None:
            given = [each for each in wanted if added is None or each in added]
            group.permissions.add(*(known[each] for each in given if each in known))


def remove_unused_roles(apps: Any) -> None:
    """The way back: a group that somebody is in stays, since it is what they may do."""
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES, user=None).delete()


def _permissions(apps: Any) -> dict[str, Any]:
    """Those of the table's apps, by `app.codename`."""
    labels = {each.split(".")[0] for wanted in ROLES.values() for each in wanted}
    for label in labels:
        # Django makes them after all migrations; a role that is made by one cannot wait for it.
        config = apps.get_app_config(label)
        module = getattr(config, "models_module", None)
        config.models_module = module or True  # else it takes a migration's app for an empty one
        create_permissions(config, verbosity=0, apps=apps)
        config.models_module = module
    rows = apps.get_model("auth", "Permission").objects.filter(content_type__app_label__in=labels)
    return {
        f"{each.content_type.app_label}.{each.codename}": each
        for each in rows.select_related("content_type")
    }
