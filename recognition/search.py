"""Finding products from a photo, words or a barcode: one function for page, API and commands."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image

from products.imaging import canonical_gtin, read_barcodes
from products.models import Product, ProductImage
from recognition.calibrations import in_force
from recognition.filters import Filters
from recognition.loaded import shared_batch_for
from recognition.models import Encoder
from recognition.nearest import Hit
from recognition.ranking import SHORTLIST, meet, rank_products
from recognition.ranks import fuse
from recognition.verdicts import Verdict, verdict_on
from recognition.versions import active_encoder
from stores.availability import Shelf, shelves

logger = logging.getLogger(__name__)

# Shorter side, in pixels, at which a query photo is decoded: enough to read a barcode that fills a
# third of it, at a quarter of the cost of a whole phone photo.
QUERY_SIDE = 1200
# How deep each list goes into the fusion of photo and words.
_FUSION_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Box:
    """A part of an upright photo; left, top, width and height as fractions of its size, 0..1."""

    left: float
    top: float
    width: float
    height: float

    def cut(self, image: Image.Image) -> Image.Image:
        x, y = self.left * image.width, self.top * image.height
        right, bottom = x + self.width * image.width, y + self.height * image.height
        return image.crop(
            (int(x), int(y), max(int(x) + 1, round(right)), max(int(y) + 1, round(bottom)))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; at least one of photo, text and barcode. `encoder` None: the active one."""

    photo: Image.Image | None = None
    text: str = ""
    barcode: str = ""
    box: Box | None = None
    filters: Filters = field(default_factory=Filters)
    limit: int = settings.SEARCH_DEFAULT_LIMIT
    max_distance: float | None = None
    encoder: Encoder | None = None


@dataclass(frozen=True, slots=True)
class Barcode:
    """A code that was given or seen in the photo, and the product that it names, if any."""

    code: str
    seen_in_photo: bool
    product: Product | None


@dataclass(frozen=True, slots=True)
class Result:
    """A product that was found, and by what: `barcode`, `photo`, `text`."""

    product: Product
    matched_by: tuple[str, ...]
    distance: float | None = None
    photo: ProductImage | None = None
    # None where the site keeps no stores, which is not the same as sold out.
    stock: list[Shelf] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What an encoder made of the photo; the hits lie inside the filters, nearest first, those
    `over_all` in the whole catalogue.
    """

    encoder: Encoder
    vector: NDArray[np.float32]
    hits: list[Hit]
    over_all: list[Hit]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as the API and the page give it. There is no verdict without a calibration, nor
    without a photo.

    `seen` is for those who record the query; no caller is shown it.
    """

    results: list[Result]
    encoder: str | None
    fallback: str | None
    barcode: Barcode | None
    text_by_names_only: bool
    verdict: Verdict | None = None
    sighting: str | None = None
    seen: Seen | None = field(default=None, repr=False, compare=False)


def search(query: Query) -> Answer:
    """Answers a query.

    Raises:
        NoActiveEncoder: a photo was sent before an encoder was set up.
        Busy: too many photos are waiting for the encoder.
        MissingWeights: the active encoder's weights are gone from this machine.
    """
    photo = query.box.cut(query.photo) if query.photo and query.box else query.photo
    barcode = _find_barcode(query.barcode, photo)
    # Asked for once: an answer is made by one encoder, also while another one takes over.
    encoder = query.encoder or (active_encoder() if photo is not None else Encoder.objects.active())

    by_photo: list[Hit] = []
    seen: Seen | None = None
    if photo is not None and encoder is not None:
        vector = shared_batch_for(encoder.key).encode_image(photo)
        depth = max(query.limit, _FUSION_DEPTH if query.text else SHORTLIST)
        by_photo = rank_products(encoder, vector, filters=query.filters, limit=depth)
        # Filters must not raise the confidence in what they leave over: the verdict is on all.
        over_all = by_photo
        if query.filters.narrows:
            over_all = rank_products(encoder, vector, filters=Filters(), limit=SHORTLIST)
        seen = Seen(encoder, vector, by_photo, over_all)
        # Cut outside the ordered, limited query, which could otherwise not use its index.
        if query.max_distance is not None:
            by_photo = [hit for hit in by_photo if hit.distance <= query.max_distance]
    by_text = _by_text(query, encoder) if query.text else []

    verdict = _judge(seen, barcode) if seen else None
    results = _assemble(query, barcode, by_photo, by_text, verdict)
    return Answer(
        results=results,
        encoder=encoder.key if encoder else None,
        fallback=(encoder.fallback_reason or None) if encoder else None,
        barcode=barcode,
        text_by_names_only=bool(query.text) and encoder_of_words(encoder) is None,
        verdict=verdict,
        seen=seen,
    )


def _judge(seen: Seen, barcode: Barcode | None) -> Verdict | None:
    rules = in_force(seen.encoder)
    if not rules:
        return None
    met = meet(seen.encoder, seen.vector, hits=seen.over_all)
    return verdict_on(rules, met, barcode.product if barcode else None)


def encoder_of_words(encoder: Encoder | None) -> Encoder | None:
    """The encoder that understands words for searches with this one: itself, or for an adapted one
    its base, whose vectors are kept beside its own.
    """
    for each in (encoder, encoder.base if encoder else None):
        if each is not None and each.speaks_text:
            return each
    return None


def _find_barcode(given: str, photo: Image.Image | None) -> Barcode | None:
    if given:
        code = canonical_gtin(given) or given
        return Barcode(code, seen_in_photo=False, product=Product.objects.by_barcode(given))
    seen = read_barcodes(photo) if photo is not None else []
    found = [
        Barcode(code, seen_in_photo=True, product=Product.objects.by_barcode(code)) for code in seen
    ]
    return next((code for code in found if code.product), found[0] if found else None)


def _by_text(query: Query, encoder: Encoder | None) -> list[list[int]]:
    """Ranked product ids by full text and, where the encoder understands words, by meaning."""
    products = Product.objects.filter(query.filters.condition())
    lists = [list(products.matching(query.text).values_list("pk", flat=True)[:_FUSION_DEPTH])]
    speaking = encoder_of_words(encoder)
    if speaking is not None:
        vector: NDArray[np.float32] = shared_batch_for(speaking.key).encode_text(query.text)
        hits = rank_products(speaking, vector, filters=query.filters, limit=_FUSION_DEPTH)
        lists.append([hit.product_id for hit in hits])
    return lists


def _assemble(
    query: Query,
    barcode: Barcode | None,
    by_photo: Sequence[Hit],
    by_text: Sequence[Sequence[int]],
    verdict: Verdict | None,
) -> list[Result]:
    hits = {hit.product_id: hit for hit in by_photo}
    order = fuse([list(hits), *by_text]) if by_text else list(hits)
    if verdict is not None and verdict.kind == "lookalike" and not by_text:
        # What the verdict names must not have to be looked for; each part keeps its order.
        named = {product.pk for product in verdict.products}
        order.sort(key=lambda product_id: product_id not in named)
    if query.max_distance is not None and query.photo is not None:
        order = [product_id for product_id in order if product_id in hits]
    exact = barcode.product.pk if barcode and barcode.product else None
    # A product outside the filters must not take the place of one inside.
    inside = Product.objects.filter(query.filters.condition())
    if exact is not None and not inside.filter(pk=exact).exists():
        exact = None
    if exact is not None:
        order = [exact, *(product_id for product_id in order if product_id != exact)]
    order = order[: query.limit]

    products = (
        inside.filter(pk__in=order).select_related("category").prefetch_related("images").in_bulk()
    )
    by_words = {product_id for ranked in by_text for product_id in ranked}
    stock = shelves(products)
    results = []
    for product_id in order:
        product = products.get(product_id)
        if product is None:  # deleted a moment ago
            continue
        hit = hits.get(product_id)
        photo = next((i for i in product.images.all() if hit and i.pk == hit.image_id), None)
        ways = {
            "barcode": product_id == exact,
            "photo": hit is not None,
            "text": product_id in by_words,
        }
        results.append(
            Result(
                product=product,
                matched_by=tuple(way for way, applies in ways.items() if applies),
                distance=hit.distance if hit else None,
                photo=photo or product.face,
                stock=stock[product_id] if stock is not None else None,
            )
        )
    return results
