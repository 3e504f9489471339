"""Gathers photos of which it is known what they show, as evidence for a calibration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, TextField
from django.db.models.functions import MD5, Cast

from products.models import Product
from recognition.confidence import Examples, Ranked
from recognition.cross_fitting import Meetings, cross_fitted
from recognition.evaluation import LabelledQuery
from recognition.labelled_products import labelled_products
from recognition.loaded import shared_batch_for
from recognition.models import Encoder, ImageEmbedding, Sighting
from recognition.query_photos import read_query_photo
from recognition.ranking import SHORTLIST, meet

# Photos of the catalogue that are held out, one at a time. Each costs a search; more of them would
# narrow a bound on photos that are not the ones that people ask with.
MOST_CATALOGUE_PHOTOS = 2000
# Reviewed sightings, the newest first.
MOST_SIGHTINGS = 5000

# Called after each photo.
Advance = Callable[[], None]


@dataclass(frozen=True, slots=True)
class CatalogueEvidence:
    """Photos of the catalogue, each asked with as if it were not there.

    `known`: its product has other photos. `removed`: the same photos and those of products with one
    photo, with the whole product left out. `products`: of which product each is, in both. `photos`
    were asked with, `of` there are. `learned_from`: of an adapted encoder, how many photos there were
    to learn from for the adapters that had not seen what was asked; else None.
    """

    known: Examples
    known_products: list[int]
    removed: Examples
    removed_products: list[int]
    photos: int
    of: int
    learned_from: int | None = None

    @property
    def is_held_out(self) -> bool:
        """Whether photos could be asked with that the encoder had not learned from."""
        return self.learned_from is None or self.photos > 0 or not self.of


def catalogue_photos(encoder: Encoder) -> int:
    return min(ImageEmbedding.objects.findable(encoder.pk).count(), MOST_CATALOGUE_PHOTOS)


def from_catalogue(
    encoder: Encoder, advance: Advance, alive: Advance = lambda: None
) -> CatalogueEvidence:
    """Holds out a scattered sample of the catalogue's own photos, the same one each time.

    Of an adapted encoder, by adapters that were learned without them (see `cross_fitting`); where
    there are none, a photo is no evidence: its own adapter knows it by heart. `alive` is called now
    and then while these are learned.
    """
    photos = ImageEmbedding.objects.findable(encoder.pk)
    several = set(
        photos.order_by()
        .values("image__product")
        .annotate(number=Count("pk"))
        .filter(number__gt=1)
        .values_list("image__product", flat=True)
    )
    known, removed = Examples(), Examples()
    known_products: list[int] = []
    removed_products: list[int] = []
    rows = (
        photos.annotate(scattered=MD5(Cast("image_id", TextField())))
        .order_by("scattered")
        .values_list("image", "image__product", "vector")[:MOST_CATALOGUE_PHOTOS]
    )
    held_out: Meetings | None = None
    if encoder.base_id is not None:
        asked = list(rows.values_list("image", flat=True))
        held_out = cross_fitted(encoder, SHORTLIST + 1, asked, alive)
    number = 0
    for image, product, vector in rows.iterator(chunk_size=200):
        met = _met_without(encoder, image, vector) if held_out is None else held_out.get(image)
        advance()
        if met is None:
            continue
        number += 1
        if product in several and met.products:
            known.add(met.short(SHORTLIST), product)
            known_products.append(product)
        without = met.without(product)
        if without.products:
            removed.add(without.short(SHORTLIST), None)
            removed_products.append(product)
    learned_from = None if held_out is None else held_out.learned_from
    return CatalogueEvidence(
        known, known_products, removed, removed_products, number, photos.count(), learned_from
    )


def _met_without(encoder: Encoder, image: int, vector: object) -> Ranked:
    return meet(
        encoder,
        np.asarray(vector, dtype=np.float32),
        products=SHORTLIST + 1,
        without_image=image,
    )


def reviewed_sightings(encoder: Encoder) -> int:
    reviewed = Sighting.objects.for_training().filter(encoder=encoder, vector__isnull=False)
    return min(reviewed.count(), MOST_SIGHTINGS)


def from_sightings(encoder: Encoder, advance: Advance) -> tuple[Examples, Examples]:
    """What people said of photos that were asked with: those of the random audit, and the others,
    which were volunteered, shown as doubtful, or part of the work, and so are no fair sample.

    An adapter has learned from none of them: they were asked of this very encoder, hence after it
    was learned, and what was drawn for the audit teaches no adapter at all.
    """
    audited, others = Examples(), Examples()
    into_heirs = heirs()
    active = set(Product.objects.active().values_list("pk", flat=True))
    carriers = set(Sighting.objects.carriers().filter(encoder=encoder).values_list("pk", flat=True))
    rows = (
        Sighting.objects.for_training()
        .filter(encoder=encoder, vector__isnull=False)
        .order_by("-pk")
        .values_list("pk", "reviewed_product", "vector")[:MOST_SIGHTINGS]
    )
    for pk, product, vector in rows.iterator(chunk_size=200):
        if product is None and pk not in carriers:
            # “None of these” of a customer means none of those that were shown, which is not to say
            # that the catalogue has it not; an auditor has searched it first.
            advance()
            continue
        truth = into_heirs.get(product, product)
        met = meet(encoder, np.asarray(vector, dtype=np.float32), products=SHORTLIST + 1)
        # A product that is no longer sold is not in the catalogue any more.
        into = audited if pk in carriers else others
        into.add(met, truth if truth in active else None)
        advance()
    return audited, others


def from_labelled(
    encoder: Encoder,
    queries: Sequence[LabelledQuery],
    read_photo: Callable[[str], bytes],
    advance: Advance,
) -> Examples:
    """Labelled photos, through the same eyes as everyone's.

    Raises:
        ValidationError: one of them is no photo that this site accepts.
        EncoderError: the encoder cannot be used.
    """
    products = labelled_products(query.sku for query in queries).ids
    batch = shared_batch_for(encoder.key)
    examples = Examples()
    for query in queries:
        vector = batch.encode_image(read_query_photo(read_photo(query.file)))
        met = meet(encoder, vector, products=SHORTLIST + 1)
        examples.add(met, products.get(query.sku))
        advance()
    return examples


def split_by_product(
    evidence: CatalogueEvidence, in_first: Callable[[int], bool]
) -> tuple[tuple[Examples, Examples], tuple[Examples, Examples]]:
    """(known, removed) of the products in the first part, and of the others: photos of one product
    are too alike to stand on both sides.
    """

    def part(examples: Examples, products: Iterable[int], wanted: bool) -> Examples:
        return examples.chosen(
            at for at, product in enumerate(products) if in_first(product) is wanted
        )

    first, second = (
        (
            part(evidence.known, evidence.known_products, wanted),
            part(evidence.removed, evidence.removed_products, wanted),
        )
        for wanted in (True, False)
    )
    return first, second


def heirs() -> Mapping[int, int]:
    """Where each merged product's stock, photos and sightings went in the end."""
    merged = Product.objects.exclude(merged_into=None).values_list("pk", "merged_into")
    into = {pk: heir for pk, heir in merged if heir is not None}
    found: dict[int, int] = {}
    for product in into:
        heir = product
        while heir in into:
            heir = into[heir]
        found[product] = heir
    return found
