"""How far recognition has come with a product's photos: badges, the filter of the list, try again."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import RadioFilter

from products.models import ProductImage
from recognition.indexing import retry
from recognition.models import Encoder, ImageEmbedding

_COLOURS = {
    ImageEmbedding.State.READY: "bg-green-100 text-green-700 dark:bg-green-500/20 dark:text-green-400",
    ImageEmbedding.State.PENDING: "bg-blue-100 text-blue-700 dark:bg-blue-500/20 dark:text-blue-400",
    ImageEmbedding.State.FAILED: "bg-red-100 text-red-700 dark:bg-red-500/20 dark:text-red-400",
}

# As the API says it; `none`: the active encoder has not met the photo yet.
PHOTO_STATES = [*ImageEmbedding.State.choices, ("none", _("not yet seen"))]


def load_states(images: Sequence[ProductImage]) -> None:
    """Attaches `state` and `reason`, of the active encoder, by one query."""
    rows = ImageEmbedding.objects.filter(
        image__in=[image.pk for image in images], encoder__state=Encoder.State.ACTIVE
    ).values_list("image", "state", "reason")
    found = {image: (state, reason) for image, state, reason in rows}
    for image in images:
        image.state, image.reason = found.get(image.pk, ("none", ""))  # type: ignore[attr-defined]


def badge(state: str, label: Any) -> str:
    """A state as a small coloured label, as the admin's theme draws them."""
    colour = _COLOURS[ImageEmbedding.State(state)]
    return format_html(
        '<span class="inline-block font-semibold rounded px-2 py-0.5 text-xs {}">{}</span>',
        colour,
        label,
    )


def _active(image: ProductImage) -> list[ImageEmbedding]:
    return [e for e in image.embeddings.all() if e.encoder.state == Encoder.State.ACTIVE]


def photo_state(image: ProductImage) -> str:
    """How far the active encoder has come with a photo, with the reason where it failed."""
    embeddings = _active(image) if image.pk else []
    if not embeddings:
        return str(_("not yet seen")) if image.pk else ""
    embedding = embeddings[0]
    label = badge(embedding.state, embedding.get_state_display())
    if embedding.state == ImageEmbedding.State.PENDING:
        # The page looks again for as long as it shows one of these.
        label = format_html("<span data-waiting>{}</span>", label)
    return format_html("{} {}", label, embedding.reason) if embedding.reason else label


photo_state.short_description = _("recognition")  # type: ignore[attr-defined]


def has_failed(image: ProductImage) -> bool:
    return any(e.state == ImageEmbedding.State.FAILED for e in image.embeddings.all())


def try_again(image: ProductImage) -> str:
    """Makes a photo due again for every encoder that failed with it; says so."""
    return retried_message(retry(image.embeddings.values_list("pk", flat=True)))


def retried_message(count: int) -> str:
    return ngettext("%d photo is tried again.", "%d photos are tried again.", count) % count


class PhotoStateFilter(RadioFilter):
    """Products by what the active encoder has made of their photos."""

    title = _("recognition")
    parameter_name = "recognition"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [
            ("ready", _("all photos ready")),
            ("pending", _("photos waiting")),
            ("failed", _("photos failed")),
            ("none", _("photos not yet seen")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        states = ImageEmbedding.objects.filter(encoder__state=Encoder.State.ACTIVE)
        photos = ProductImage.objects.order_by()
        match self.value():
            case "ready":
                of_photo = states.filter(image=OuterRef("pk"), state=ImageEmbedding.State.READY)
                unready = photos.filter(~Exists(of_photo))
                return queryset.filter(
                    pk__in=photos.values("product"),
                ).exclude(pk__in=unready.values("product"))
            case "pending" | "failed" as state:
                found = states.filter(state=state).order_by()
                return queryset.filter(pk__in=found.values("image__product"))
            case "none":
                unseen = photos.filter(~Exists(states.filter(image=OuterRef("pk"))))
                return queryset.filter(pk__in=unseen.values("product"))
        return queryset
