"""What the script of the feature map says."""

from django.utils.translation import gettext as _


def page_texts() -> dict[str, str]:
    """In the reader's language; `{n}` and the like are filled in by the script."""
    return {
        "loaded": _("{n} points."),
        "gone": _("{n} more are of photos or products that are no longer there."),
        "failed": _("The map could not be loaded. Load the page again."),
        "none": _("–"),
        "noBrand": _("no brand"),
        "other": _("other colours are used up"),
        "right": _("nearest other photo shows the same product"),
        "wrong": _("nearest other photo shows another product"),
        "alone": _("its product's only photo"),
        "inStock": _("in stock"),
        "outOfStock": _("not in stock"),
        "open": _("Open the product"),
        "photos": _("{n} photos here"),
        "noMatch": _("No product on this map has that SKU or name."),
        "found": _("{name}: {n} on the map."),
        "selected": _("{products} products, {n} points selected."),
        "selectedNone": _("No points there."),
        "more": _("Show {n} more"),
        "placing": _("Looking at the photo …"),
        "placed": _("The photo lies about here: {name} is nearest."),
        "placedApart": _(
            "The photo lies about here, but what is nearest to it lies far apart on the map:"
            " its place means little."
        ),
        "distance": _("distance {d}"),
        "notPlaced": _("The photo could not be placed."),
        "hidden": _("hidden by the legend"),
        "your": _("Your photo"),
    }
