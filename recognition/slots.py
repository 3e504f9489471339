"""What recognition shows inside the catalogue: its admin, its pages and its API."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Prefetch
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from products import slots
from products.models import Product
from recognition.models import Encoder, ImageEmbedding
from recognition.photo_states import (
    PHOTO_STATES,
    PhotoStateFilter,
    badge,
    has_failed,
    load_states,
    photo_state,
    try_again,
)
from recognition.product_panels import duplicates_panel, find_by_photo, similar_panel
from recognition.queue import is_embedding
from recognition.sightings import evidence_links
from recognition.similar import similar_products
from stores import slots as stores_slots
from stores.availability import holdings

# As many as fill one row of a wide page.
_SIMILAR_SHOWN = 6


def similar_section(product: Product) -> str:
    """What looks like a product, on its page; nothing where nothing is known to."""
    ids = [hit.product_id for hit in similar_products(product, _SIMILAR_SHOWN).hits]
    found = Product.objects.prefetch_related("images").in_bulk(ids)
    if not found:
        return ""
    products = [found[pk] for pk in ids if pk in found]
    context = {"products": products, "holdings": holdings([product.pk for product in products])}
    return render_to_string("recognition/_similar.html", context)


def load_photo_states(products: Sequence[Product]) -> None:
    """Attaches `photo_states`, numbers of photos by state for the active encoder, by one query."""
    counts: dict[int, dict[str, int]] = {product.pk: {} for product in products}
    rows = (
        ImageEmbedding.objects.filter(
            image__product__in=list(counts), encoder__state=Encoder.State.ACTIVE
        )
        .order_by()
        .values_list("image__product", "state")
        .annotate(number=Count("pk"))
    )
    for product_id, state, number in rows:
        counts[product_id][state] = number
    for product in products:
        product.photo_states = counts[product.pk]  # type: ignore[attr-defined]


def product_states(product: Any) -> str:
    parts = [
        badge(state, f"{number} {ImageEmbedding.State(state).label}")
        for state in ImageEmbedding.State.values
        if (number := product.photo_states.get(state))
    ]
    if not parts:
        return "–"
    return format_html(" ".join(["{}"] * len(parts)), *parts)


product_states.short_description = _("photo states")  # type: ignore[attr-defined]


def fill_slots() -> None:
    slots.more_urgent.append(is_embedding)
    slots.page_ends.append(similar_section)
    slots.photo_columns.append(photo_state)
    slots.photo_prefetch.append(
        # Without the vectors, which are most of a row.
        Prefetch(
            "embeddings",
            ImageEmbedding.objects.defer("vector").select_related("encoder").order_by("pk"),
        )
    )
    slots.photo_fields.append(
        slots.PhotoFields(
            fields={
                "state": serializers.ChoiceField(
                    choices=PHOTO_STATES,
                    help_text="How far the active encoder has come with it: only `ready` photos are found"
                    " by search. none: not yet seen.",
                ),
                "reason": serializers.CharField(help_text="Why it failed; else empty."),
            },
            load=load_states,
        )
    )
    slots.photo_actions.append(
        slots.PhotoAction("try-again", _("Try again"), applies=has_failed, run=try_again)
    )
    slots.product_columns.append(product_states)
    slots.product_page_loaders.append(load_photo_states)
    slots.product_filters.append(PhotoStateFilter)
    slots.product_panels.append(
        slots.ProductPanel("similar", _("Similar products"), render=similar_panel)
    )
    slots.product_panels.append(
        slots.ProductPanel("duplicates", _("Possible duplicates"), render=duplicates_panel)
    )
    slots.photo_finders.append(find_by_photo)
    stores_slots.evidence_links.append(evidence_links)
