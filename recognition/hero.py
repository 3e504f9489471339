"""The product that stands above all others in the answer to a photo, large, with where to get it."""

from dataclasses import dataclass

from products.models import Product
from recognition.filters import Filters
from recognition.search import Answer, Result
from stores.availability import shelves
from stores.told import ToldStore, told_shelves


@dataclass(frozen=True, slots=True)
class Hero:
    """What a verdict or a barcode names.

    `unlike`: the barcode names it, and the photo looks more like something else. `undecided`: nobody
    knows then which of them is right, so that somebody has to look. `outside`: the filters leave it out;
    it is named all the same.
    """

    result: Result
    unlike: bool = False
    undecided: bool = False
    outside: bool = False

    @property
    def product(self) -> Product:
        return self.result.product

    def stores(self) -> list[ToldStore] | None:
        """Where it is now: open stores first, then those with most. None: the site keeps no stores."""
        found = shelves([self.product.pk])
        return None if found is None else told_shelves(found[self.product.pk])


def hero_of(answer: Answer, filters: Filters, *, speaks_against: bool) -> Hero | None:
    """What the answer names, if it is on sale: by its verdict, else by a barcode in the photo, which needs
    no calibration and only must not be taken at its word where the photo `speaks_against` it.
    """
    judged = answer.verdict.product if answer.verdict else None
    product = judged or product_of_barcode(answer)
    if product is None:
        return None
    inside = next((each for each in answer.results if each.product == product), None)
    if inside is None and not is_left_out(product, filters):
        return None  # it was taken off sale a moment ago
    unlike = speaks_against and product == product_of_barcode(answer)
    return Hero(
        inside or _without_filters(answer, product),
        unlike=unlike,
        undecided=judged is None and (answer.verdict is not None or unlike),
        outside=inside is None,
    )


def product_of_barcode(answer: Answer) -> Product | None:
    """The product whose barcode is in the photo."""
    barcode = answer.barcode
    return barcode.product if barcode is not None and barcode.seen_in_photo else None


def photo_speaks_against_barcode(answer: Answer) -> bool:
    """Whether the photo looks more like another product than the one of its barcode. For a product
    without photos that is always so, and means nothing.
    """
    product = product_of_barcode(answer)
    over_all = answer.seen.over_all if answer.seen else []
    if product is None or not over_all or over_all[0].product_id == product.pk:
        return False
    return product.images.exists()


def is_left_out(product: Product, filters: Filters) -> bool:
    """Whether the filters, and nothing else, keep a product from the results."""
    if not filters.narrows:
        return False
    outside = Product.objects.active().exclude(filters.condition())
    return outside.filter(pk=product.pk).exists()


def _without_filters(answer: Answer, product: Product) -> Result:
    """A product that no filter let through, as it would have been found without them."""
    over_all = answer.seen.over_all if answer.seen else []
    hit = next((hit for hit in over_all if hit.product_id == product.pk), None)
    photos = {image.pk: image for image in product.images.all()} if hit else {}
    return Result(
        product=product,
        matched_by=("photo",) if hit else ("barcode",),
        distance=hit.distance if hit else None,
        photo=photos.get(hit.image_id) if hit else None,
    )
