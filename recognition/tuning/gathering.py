"""The photos that a tuning looks at: the catalogue's own, those that people confirmed, labelled ones."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import numpy as np
from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import MD5
from numpy.typing import NDArray
from PIL import Image

from products.imaging import PhotoRefused, open_photo
from products.models import Product, ProductImage
from products.photos import photo_limits
from recognition.calibrating import Labelled
from recognition.embedding import PhotoUnreadable, StorageTrouble, read_stored
from recognition.encoders import Encoder as LoadedEncoder
from recognition.evidence import heirs
from recognition.labelled_products import labelled_products
from recognition.models import Sighting
from recognition.query_photos import read_query_photo
from recognition.tuning.looking import look, side_for
from recognition.tuning.trials import Asked, Photos

# Every photo is looked at six times. Of larger catalogues whole products are taken, scattered.
MOST_PHOTOS = 4000
MOST_SIGHTINGS = 2000

Advance = Callable[[], None]
_Row = TypeVar("_Row")


@dataclass(slots=True)
class _Seen:
    """Photos one by one as they are looked at."""

    vectors: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)
    products: list[int] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)
    listed: list[bool] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was looked at, of how much; and how many products have one photo, of those with any."""

    photos: int
    of: int
    products: int
    confirmed: int
    labelled: int
    unreadable: int
    single: int
    with_photos: int

    @property
    def single_share(self) -> float:
        return self.single / self.with_photos if self.with_photos else 0.0


def photos_to_look_at() -> tuple[list[tuple[ProductImage, bool]], int]:
    """(photo, whether it is its product's first) of a scattered sample of whole products, and how
    many photos the catalogue has.
    """
    photos = ProductImage.objects.filter(
        product__is_active=True, product__merged_into=None
    ).annotate(scattered=MD5("product__sku"))
    found: list[tuple[ProductImage, bool]] = []
    last: int | None = None
    for photo in photos.order_by("scattered", "product", "position", "pk").iterator():
        if photo.product_id != last and len(found) >= MOST_PHOTOS:
            break
        found.append((photo, photo.product_id != last))
        last = photo.product_id
    return found, photos.count()


def confirmed_sightings() -> list[Sighting]:
    """Photos that were kept, of which people said what they show. Those of the random audit carry
    the bound of a calibration, and teach nothing.
    """
    kept = Sighting.objects.with_photo().reviewed().exclude(reviewed_product=None)
    return list(kept.filter(drawn_for_audit=False).order_by("-pk")[:MOST_SIGHTINGS])


def gather(
    network: LoadedEncoder,
    views: Sequence[str],
    *,
    labelled: Labelled | None,
    begin: Callable[[int], None],
    advance: Advance,
) -> tuple[Photos, Asked | None, Sample]:
    """Looks at everything; `begin` is told how many photos there are, `advance` called after each.

    Raises:
        ValidationError: a labelled photo is none that this site accepts.
        EncoderError: the encoder cannot be used.
    """
    rows, of = photos_to_look_at()
    sightings = confirmed_sightings()
    begin(len(rows) + len(sightings) + (len(labelled.queries) if labelled else 0))
    side = side_for(network, views)
    seen, unreadable = _Seen(), 0
    storage = ProductImage._meta.get_field("file").storage

    def read_row(row: tuple[ProductImage, bool]) -> Image.Image | None:
        try:
            return read_stored(storage, str(row[0].file.name), row[0].digest, side)
        except (PhotoUnreadable, StorageTrouble):
            return None

    for row, parts in _looked_at(network, views, rows, read_row, advance):
        if parts is None:
            unreadable += 1
            continue
        _keep(seen, parts, row[0].product_id, first=row[1], listed=True)
    into, there, confirmed = heirs(), set(seen.products), 0
    for sighting, parts in _looked_at(network, views, sightings, _kept_photo(side), advance):
        product = into.get(sighting.reviewed_product_id or 0, sighting.reviewed_product_id)
        if parts is not None and product in there:
            _keep(seen, parts, product, first=False, listed=False)
            confirmed += 1
    asked = _asked(network, views, labelled, there, advance) if labelled else None
    single, with_photos = _single_products()
    sample = Sample(
        photos=len(rows) - unreadable, of=of, products=len(there), confirmed=confirmed,
        labelled=len(asked.products) if asked else 0, unreadable=unreadable, single=single,
        with_photos=with_photos,
    )  # fmt: skip
    return _as_photos(seen, network.dimension, views), asked, sample


def _looked_at(
    network: LoadedEncoder,
    views: Sequence[str],
    rows: Iterable[_Row],
    read: Callable[[_Row], Image.Image | None],
    advance: Advance,
) -> Iterator[tuple[_Row, dict[str, NDArray[np.float32]] | None]]:
    rows = iter(rows)
    size = settings.ENCODER_BATCH_SIZE
    with ThreadPoolExecutor(settings.DECODE_THREADS, thread_name_prefix="decode") as pool:
        while batch := list(islice(rows, size)):
            pictures = list(pool.map(read, batch))
            whole = [each for each in pictures if each is not None]
            vectors = look(network, whole, views, size) if whole else {}
            at = 0
            for row, picture in zip(batch, pictures, strict=True):
                if picture is None:
                    yield row, None
                else:
                    yield row, {view: vectors[view][at] for view in views}
                    at += 1
                advance()


def _keep(
    seen: _Seen, parts: dict[str, NDArray[np.float32]], product: int, *, first: bool, listed: bool
) -> None:
    for view, vector in parts.items():
        seen.vectors.setdefault(view, []).append(vector)
    # A product whose first photo cannot be read begins with the next.
    seen.first.append(first or (listed and product not in seen.products[-1:]))
    seen.products.append(product)
    seen.listed.append(listed)


def _kept_photo(side: int) -> Callable[[Sighting], Image.Image | None]:
    def read(sighting: Sighting) -> Image.Image | None:
        try:
            with sighting.photo.open("rb") as file:
                return open_photo(file.read(), photo_limits(), at_least=side)
        except (OSError, PhotoRefused):  # forgotten meanwhile, or lost
            return None

    return read


def _asked(
    network: LoadedEncoder,
    views: Sequence[str],
    labelled: Labelled,
    there: set[int],
    advance: Advance,
) -> Asked:
    known = labelled_products(query.sku for query in labelled.queries).ids
    vectors: dict[str, list[NDArray[np.float32]]] = {view: [] for view in views}
    products: list[int] = []

    def read(query: object) -> Image.Image:
        return read_query_photo(labelled.read_photo(query.file))  # type: ignore[attr-defined]

    for query, parts in _looked_at(network, views, labelled.queries, read, advance):
        product = known.get(query.sku, -1)
        if parts is None or (product != -1 and product not in there):
            continue  # outside the sample of a large catalogue
        for view, vector in parts.items():
            vectors[view].append(vector)
        products.append(product)
    empty = np.empty((0, network.dimension), dtype=np.float32)
    return Asked(
        {view: np.stack(each) if each else empty for view, each in vectors.items()},
        np.array(products, dtype=np.int64),
    )


def _single_products() -> tuple[int, int]:
    counts = (
        Product.objects.active()
        .annotate(photos=Count("images"))
        .aggregate(single=Count("pk", filter=Q(photos=1)), any=Count("pk", filter=Q(photos__gt=0)))
    )
    return counts["single"], counts["any"]


def _as_photos(seen: _Seen, dimension: int, views: Sequence[str]) -> Photos:
    empty = np.empty((0, dimension), dtype=np.float32)
    return Photos(
        {view: np.stack(seen.vectors[view]) if seen.vectors.get(view) else empty for view in views},
        np.array(seen.products, dtype=np.int64),
        np.array(seen.first, dtype=bool),
        np.array(seen.listed, dtype=bool),
    )
