"""A clerk's photo: recognised, recorded, and shown as products to choose from."""

from collections.abc import Sequence
from typing import Any

from PIL import Image

from products.models import Product
from recognition.counting.finding import Choice, in_scope
from recognition.models import Sighting
from recognition.sightings import recognise
from stores.actions import Action
from stores.models import Stocktake, StocktakeLine, Store
from stores.policy import require

# As many as a person looks through before another photo is quicker.
_SHOWN = 8


def recognise_for_count(*, actor: Any, stocktake: Stocktake, photo: Image.Image) -> Sighting:
    """What a photo taken in a stocktake shows, sought in the whole catalogue: a product of another
    category must not come out as the nearest one of this.

    Raises:
        NotAllowed: the actor may not count in this store.
        NoActiveEncoder, Busy, MissingWeights: as `recognition.search.search`.
    """
    require(actor, Action.COUNT, stocktake.store)
    return _recognise(actor, stocktake.store, photo, Sighting.Source.STOCKTAKE)


def recognise_for_booking(*, actor: Any, store: Store, photo: Image.Image) -> Sighting:
    """As `recognise_for_count`, to look at a product's stock or to book."""
    require(actor, Action.VIEW, store)
    return _recognise(actor, store, photo, Sighting.Source.BOOKING)


def _recognise(actor: Any, store: Store, photo: Image.Image, source: Sighting.Source) -> Sighting:
    _answer, sighting = recognise(photo=photo, user=actor, source=source, store=store, limit=_SHOWN)
    return sighting


def leaves_doubt(sighting: Sighting, product: Product) -> bool:
    """Whether the photo alone does not tell the product that was chosen from others."""
    if sighting.barcode_product_id == product.pk:
        return False
    return sighting.verdict != Sighting.Verdict.MATCH or sighting.best_product_id != product.pk


def is_sure(sighting: Sighting, choices: Sequence[Choice]) -> bool:
    """Whether the first of the choices was recognised, and nobody has said yet whether that is right: then
    the others are a press away.
    """
    if sighting.verdict != Sighting.Verdict.MATCH or sighting.review or not choices:
        return False
    return not leaves_doubt(sighting, choices[0].product)


def was_taken_to_count(sighting: Sighting, stocktake: Stocktake) -> bool:
    """Whether a photo was taken for this count, as far as can be told: to count, in its store, since it
    was opened, and without being the evidence of another count.
    """
    if sighting.source != Sighting.Source.STOCKTAKE or sighting.store_id != stocktake.store_id:
        return False
    if sighting.created_at < stocktake.opened_at:
        return False
    others = StocktakeLine.objects.exclude(stocktake=stocktake)
    return not others.filter(evidence=sighting.evidence).exists()


def may_rest_on(sighting: Sighting, stocktake: Stocktake, by: Any) -> bool:
    """Whether what somebody enters may name a photo as its evidence, and say by it what it showed: it
    is theirs, and was taken to count this.
    """
    return sighting.user_id == by.pk and was_taken_to_count(sighting, stocktake)


def choices_of(sighting: Sighting, *, stocktake: Stocktake | None = None) -> list[Choice]:
    """The products that a sighting offers, as they were ranked; merged ones by their heirs."""
    ids = [candidate["product"] for candidate in sighting.candidates]
    products = (
        Product.objects.select_related("category", "merged_into")
        .prefetch_related("images")
        .defer("text", "description", "attributes")
        .in_bulk(ids)
    )
    choices: dict[int, Choice] = {}
    for candidate in sighting.candidates:
        found = products.get(candidate["product"])
        product = found.heir() if found is not None else None
        if product is None or product.pk in choices:
            continue
        photos = {image.pk: image for image in product.images.all()}
        choices[product.pk] = Choice(
            product,
            photo=photos.get(candidate["image"]) or product.face,
            distance=candidate["distance"],
            by_barcode=candidate["product"] == sighting.barcode_product_id,
            in_scope=in_scope(product, stocktake),
        )
    return list(choices.values())
