"""What recognition shows inside the catalogue's admin."""

from typing import Any

from django.db.models import Count, Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from products import slots
from products.models import ProductImage
from recognition.models import Encoder, ImageEmbedding

_COLOURS = {
    ImageEmbedding.State.READY: "bg-green-100 text-green-700 dark:bg-green-500/20 dark:text-green-400",
    ImageEmbedding.State.PENDING: "bg-blue-100 text-blue-700 dark:bg-blue-500/20 dark:text-blue-400",
    ImageEmbedding.State.FAILED: "bg-red-100 text-red-700 dark:bg-red-500/20 dark:text-red-400",
}


def badge(state: str, label: Any) -> str:
    """A state as a small coloured label, as the admin's theme draws them."""
    colour = _COLOURS[ImageEmbedding.State(state)]
    return format_html(
        '<span class="inline-block font-semibold rounded px-2 py-0.5 text-xs {}">{}</span>',
        colour,
        label,
    )


def photo_state(image: ProductImage) -> str:
    """How far the active encoder has come with a photo, with the reason where it failed."""
    embeddings = [e for e in image.embeddings.all() if e.encoder.state == Encoder.State.ACTIVE]
    if not embeddings:
        return str(_("not yet seen")) if image.pk else ""
    embedding = embeddings[0]
    label = badge(embedding.state, embedding.get_state_display())
    return format_html("{} {}", label, embedding.reason) if embedding.reason else label


photo_state.short_description = _("recognition")  # type: ignore[attr-defined]


def with_photo_states(products: Any) -> Any:
    """Counts of each product's photos by state, for the active encoder, by one query."""

    def count(state: str) -> Count:
        return Count(
            "images__embeddings",
            filter=Q(
                images__embeddings__state=state,
                images__embeddings__encoder__state=Encoder.State.ACTIVE,
            ),
            distinct=True,
        )

    return products.annotate(
        photos_ready=count("ready"), photos_pending=count("pending"), photos_failed=count("failed")
    )


def product_states(product: Any) -> str:
    parts = [
        badge(state, f"{number} {ImageEmbedding.State(state).label}")
        for state, number in (
            ("ready", product.photos_ready),
            ("pending", product.photos_pending),
            ("failed", product.photos_failed),
        )
        if number
    ]
    if not parts:
        return "–"
    return format_html(" ".join(["{}"] * len(parts)), *parts)


product_states.short_description = _("photo states")  # type: ignore[attr-defined]


def retried_message(count: int) -> str:
    return ngettext("%d photo is tried again.", "%d photos are tried again.", count) % count


def fill_slots() -> None:
    slots.photo_columns.append(photo_state)
    slots.photo_prefetch.append("embeddings__encoder")
    slots.product_columns.append(product_states)
    slots.product_annotations.append(with_photo_states)
