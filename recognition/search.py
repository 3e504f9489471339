"""Finding products from a photo, words or a barcode: one function for page, API and commands."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from django.conf import settings
from django.db.models import QuerySet
from numpy.typing import NDArray
from PIL import Image

from products.imaging import canonical_gtin, read_barcodes
from products.models import Product, ProductImage
from recognition.calibrations import in_force
from recognition.filters import Filters
from recognition.loaded import shared_batch_for
from recognition.models import Encoder
from recognition.nearest import Hit
from recognition.ranking import SHORTLIST, meet, rank_for_set, rank_products
from recognition.ranks import fuse
from recognition.verdicts import Verdict, verdict_on, verdict_on_set
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


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """What a photo was, when it was asked with before: its vector, and the barcodes read in it."""

    encoder: Encoder
    vector: NDArray[np.float32]
    barcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; at least one of photo, text and barcode. `encoder` None: the active one.

    `further_photos` show the same thing as `photo`, from other sides; `again` stands in place of a
    photo. The first `offset` products are left out. `stock`: the results say which stores hold them.
    """

    photo: Image.Image | None = None
    further_photos: tuple[Image.Image, ...] = ()
    again: SeenBefore | None = None
    text: str = ""
    barcode: str = ""
    box: Box | None = None
    filters: Filters = field(default_factory=Filters)
    offset: int = 0
    limit: int = settings.SEARCH_DEFAULT_LIMIT
    max_distance: float | None = None
    encoder: Encoder | None = None
    stock: bool = False

    def photos(self) -> list[Image.Image]:
        """As they are looked at."""
        if self.photo is None:
            return []
        first = self.box.cut(self.photo) if self.box else self.photo
        return [first, *self.further_photos]


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
    # None where it was not asked for, or the site keeps no stores, which is not the same as sold out.
    stock: list[Shelf] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What an encoder made of the photo; the hits lie inside the filters, nearest first, those
    `over_all` in the whole catalogue. Several photos of one thing have no one vector.
    """

    encoder: Encoder
    vector: NDArray[np.float32] | None
    hits: list[Hit]
    over_all: list[Hit]
    barcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as the API and the page give it. There is no verdict without a calibration, nor
    without a photo.

    `more`: further products would follow. `seen` is for those who record the query; no caller is shown
    it.
    """

    results: list[Result]
    encoder: str | None
    fallback: str | None
    barcode: Barcode | None
    text_by_names_only: bool
    verdict: Verdict | None = None
    sighting: str | None = None
    more: bool = False
    seen: Seen | None = field(default=None, repr=False, compare=False)


def search(query: Query) -> Answer:
    """Answers a query.

    Raises:
        NoActiveEncoder: a photo was sent before an encoder was set up.
        Busy: too many photos are waiting for the encoder.
        MissingWeights: the active encoder's weights are gone from this machine.
    """
    return search_each([query])[0]


def search_each(queries: Sequence[Query]) -> list[Answer]:
    """Answers queries that came together, by one encoder; their photos share a pass of it.

    Raises:
        NoActiveEncoder, Busy, MissingWeights: as `search`.
    """
    photos = [query.photos() for query in queries]
    # Asked for once: an answer is made by one encoder, also while another one takes over.
    given = next((query.encoder for query in queries if query.encoder), None)
    given = given or next((query.again.encoder for query in queries if query.again), None)
    encoder = given or (active_encoder() if any(photos) else Encoder.objects.active())
    flat = [photo for each in photos for photo in each]
    vectors = iter(
        shared_batch_for(encoder.key).encode_images(flat) if encoder is not None and flat else ()
    )
    # Words and filters are those of the call: looked up once for all of its photos.
    words: dict[tuple[str, Filters], list[list[int]]] = {}
    answers = []
    for query, own in zip(queries, photos, strict=True):
        key = query.text, query.filters
        if query.text and key not in words:
            words[key] = _by_text(query, encoder)
        met: list[NDArray[np.float32]] = [next(vectors).copy() for _photo in own]
        if query.again is not None:
            met = [query.again.vector]
        answers.append(_answer(query, encoder, own, met, words.get(key, [])))
    return answers


def _answer(
    query: Query,
    encoder: Encoder | None,
    photos: Sequence[Image.Image],
    vectors: Sequence[NDArray[np.float32]],
    by_text: list[list[int]],
) -> Answer:
    read = [read_barcodes(photo) for photo in photos]
    if query.again is not None:
        read = [list(query.again.barcodes)]
    barcodes = find_barcodes(query.barcode, read)
    barcode = next((code for code in barcodes if code.product), barcodes[0] if barcodes else None)
    by_photo: list[Hit] = []
    seen: Seen | None = None
    verdict: Verdict | None = None
    if encoder is not None and vectors:
        seen = _see(query, encoder, vectors, tuple(code for codes in read for code in codes))
        verdict = _judge(seen, vectors, [code.product for code in barcodes if code.product])
        by_photo = seen.hits
        # Cut outside the ordered, limited query, which could otherwise not use its index.
        if query.max_distance is not None:
            by_photo = [hit for hit in by_photo if hit.distance <= query.max_distance]
    results, more = _assemble(query, barcode, by_photo, by_text, verdict)
    return Answer(
        results=results,
        encoder=encoder.key if encoder else None,
        fallback=(encoder.fallback_reason or None) if encoder else None,
        barcode=barcode,
        text_by_names_only=bool(query.text) and encoder_of_words(encoder) is None,
        verdict=verdict,
        more=more,
        seen=seen,
    )


def _see(
    query: Query,
    encoder: Encoder,
    vectors: Sequence[NDArray[np.float32]],
    barcodes: tuple[str, ...],
) -> Seen:
    def ranked(filters: Filters, limit: int) -> list[Hit]:
        if len(vectors) == 1:
            return rank_products(encoder, vectors[0], filters=filters, limit=limit)
        return rank_for_set(encoder, vectors, filters=filters, limit=limit)

    # One more, which tells whether there are more.
    wanted = query.offset + query.limit + 1
    hits = ranked(query.filters, max(wanted, _FUSION_DEPTH if query.text else SHORTLIST))
    # Filters must not raise the confidence in what they leave over: the verdict is on all.
    over_all = ranked(Filters(), SHORTLIST) if query.filters.narrows else hits
    vector = vectors[0] if len(vectors) == 1 else None
    return Seen(encoder, vector, hits, over_all, barcodes)


def _judge(
    seen: Seen, vectors: Sequence[NDArray[np.float32]], named: Sequence[Product]
) -> Verdict | None:
    """`named`: the products of the barcodes."""
    rules = in_force(seen.encoder)
    if not rules:
        return None
    if len(vectors) == 1:
        met = meet(seen.encoder, vectors[0], hits=seen.over_all)
        return verdict_on(rules, met, named[0] if named else None)
    each = [verdict_on(rules, meet(seen.encoder, vector)) for vector in vectors]
    return verdict_on_set(each, [hit.product_id for hit in seen.over_all], named)


def encoder_of_words(encoder: Encoder | None) -> Encoder | None:
    """The encoder that understands words for searches with this one: itself, or for an adapted one
    its base, whose vectors are kept beside its own.
    """
    for each in (encoder, encoder.base if encoder else None):
        if each is not None and each.speaks_text:
            return each
    return None


def find_barcodes(given: str, read: Sequence[Sequence[str]] = ()) -> list[Barcode]:
    """The one that was given; otherwise, of those that were read in each photo, the one that names a
    product, or one that names none.
    """
    if given:
        code = canonical_gtin(given) or given
        return [Barcode(code, seen_in_photo=False, product=Product.objects.by_barcode(given))]
    found = []
    for codes in read:
        seen = [
            Barcode(code, seen_in_photo=True, product=Product.objects.by_barcode(code))
            for code in codes
        ]
        found += [next((code for code in seen if code.product), seen[0])] if seen else []
    return found


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


def with_pictures(products: QuerySet[Product]) -> QuerySet[Product]:
    """With all that a card shows, by one query for each kind of it."""
    return products.select_related("category").prefetch_related("images").defer("text")


def _assemble(
    query: Query,
    barcode: Barcode | None,
    by_photo: Sequence[Hit],
    by_text: Sequence[Sequence[int]],
    verdict: Verdict | None,
) -> tuple[list[Result], bool]:
    """The results of the wanted page, and whether more would follow."""
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
    end = query.offset + query.limit
    more = len(order) > end
    order = order[query.offset : end]

    products = with_pictures(inside.filter(pk__in=order)).in_bulk()
    by_words = {product_id for ranked in by_text for product_id in ranked}
    stock = shelves(products) if query.stock else None
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
    return results, more
