"""Products page by page: those that have some words, or all of a catalogue or a category.

Words find here what has them in its text. Where the encoder understands words, meaning decides about the
order, and adds at the end of a short list what fits by meaning alone, told apart.
"""

from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings

from products.models import Product
from products.models.product import ProductQuerySet
from recognition.encoders import Busy, EncoderError
from recognition.facets import count_up_to
from recognition.filters import Filters
from recognition.loaded import shared_batch_for
from recognition.models import Encoder
from recognition.ranking import rank_products
from recognition.ranks import fuse
from recognition.search import Barcode, Result, encoder_of_words, find_barcodes, with_pictures

Sort = Literal["relevance", "name", "price", "-price"]
# How deep meaning decides about the order.
_FUSION_DEPTH = 200
_BY_MEANING = 12


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of products. `total` is that of all pages; where it is not `exact`, there are more, which no
    page shows. `by_meaning`: products that lack the words. `barcode` and `text_by_names_only` as in an
    answer to a photo.
    """

    results: list[Result]
    total: int
    exact: bool
    page: int
    pages: int
    sort: Sort
    barcode: Barcode | None = None
    text_by_names_only: bool = False
    by_meaning: list[Result] = field(default_factory=list)


class NoSuchPage(Exception):
    """The list ends before that page."""


def list_products(
    *, words: str = "", barcode: str = "", filters: Filters, sort: Sort | None = None, page: int = 1
) -> Listing:
    """A page of `CATALOGUE_PAGE` products; with words the best first, else by name.

    Raises:
        NoSuchPage: `page` lies behind the last one.
    """
    if sort is None or (sort == "relevance" and not words):
        sort = "relevance" if words else "name"
    encoder = Encoder.objects.active() if words else None
    speaking = encoder_of_words(encoder)
    meant = _meant(speaking, words, filters) if speaking is not None and not barcode else []
    products = Product.objects.filter(filters.condition())
    found = products.with_words(words) if words else products
    most = settings.SEARCH_EXACT_COUNT
    counted = count_up_to(found, most)
    total, size = min(counted, most), settings.CATALOGUE_PAGE
    pages = max(1, -(-total // size))
    if page > pages:
        raise NoSuchPage
    ids = _ids(found, words, sort, meant, (page - 1) * size)
    code = next(iter(find_barcodes(barcode)), None) if barcode else None
    exact = code.product if code else None
    if exact is not None and products.filter(pk=exact.pk).exists():
        total += not found.filter(pk=exact.pk).exists()
        ids = [exact.pk] * (page == 1) + [pk for pk in ids if pk != exact.pk]
    further: list[int] = []
    if page == pages and total < size:
        listed = set(ids)
        further = [pk for pk in meant if pk not in listed][:_BY_MEANING]
    way = ("text",) if words else ()
    by_id = with_pictures(products.filter(pk__in=[*ids, *further])).in_bulk()
    return Listing(
        results=[
            _result(by_id[pk], ("barcode",) if exact and pk == exact.pk else way)
            for pk in ids
            if pk in by_id
        ],
        total=total,
        exact=counted <= most,
        page=page,
        pages=pages,
        sort=sort,
        barcode=code,
        text_by_names_only=bool(words) and speaking is None,
        by_meaning=[_result(by_id[pk], ()) for pk in further if pk in by_id],
    )


def _result(product: Product, ways: tuple[str, ...]) -> Result:
    return Result(product=product, matched_by=ways, photo=product.face)


def _meant(speaking: Encoder, words: str, filters: Filters) -> list[int]:
    """The products whose photos are nearest to the words."""
    try:
        vector = shared_batch_for(speaking.key).encode_text(words)
    except (Busy, EncoderError):  # words are found without it
        return []
    hits = rank_products(speaking, vector, filters=filters, limit=_FUSION_DEPTH)
    return [hit.product_id for hit in hits]


def _ids(found: ProductQuerySet, words: str, sort: Sort, meant: list[int], start: int) -> list[int]:
    """The products of a page, in order."""
    end = start + settings.CATALOGUE_PAGE
    if sort != "relevance":
        return list(found.sorted_by(sort).values_list("pk", flat=True)[start:end])
    ranked = found.by_rank(words)
    if not meant:
        return list(ranked.values_list("pk", flat=True)[start:end])
    # The best by their text in the order that meaning gives them; behind these by their text alone.
    head = list(ranked.values_list("pk", flat=True)[:_FUSION_DEPTH])
    best = set(head)
    fused = [pk for pk in fuse([head, meant]) if pk in best]
    ids = fused[start:end]
    missing = end - start - len(ids)
    if missing and len(head) == _FUSION_DEPTH:
        behind = max(start, len(fused))
        ids += list(ranked.values_list("pk", flat=True)[behind : behind + missing])
    return ids
