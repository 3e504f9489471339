"""Catalogues with faults in them; vectors are made up, so that what an encoder sees is known."""

import numpy as np
from numpy.typing import NDArray

from products.models import Category, Product, ProductImage
from recognition.models import Encoder, ImageEmbedding, PhotoDetail
from tests.recognition.spaces import unit

DIRECTIONS = 40


def centre(rng: np.random.Generator, encoder: Encoder) -> NDArray[np.float64]:
    wide = np.zeros(encoder.dimension)
    wide[:DIRECTIONS] = rng.normal(size=DIRECTIONS)
    return wide / np.linalg.norm(wide)


def photos_of(
    product: Product,
    encoder: Encoder,
    middle: NDArray[np.float64],
    number: int,
    *,
    spread: float = 0.6,
    rng: np.random.Generator,
) -> None:
    """Photos of one thing: around its centre, each from another side."""
    first = product.images.count()
    noise = np.zeros((number, len(middle)))
    noise[:, :DIRECTIONS] = rng.normal(size=(number, DIRECTIONS)) / np.sqrt(DIRECTIONS)
    digests = [f"{rng.integers(2**62):064x}" for _ in range(number)]
    images = ProductImage.objects.bulk_create(
        ProductImage(
            product=product, file=f"x/{digest}.jpg", digest=digest, source_digest=digest,
            width=400, height=400, position=first + n,
        )
        for n, digest in enumerate(digests)
    )  # fmt: skip
    ImageEmbedding.objects.bulk_create(
        ImageEmbedding(
            image=image, encoder=encoder, digest=image.digest, state="ready",
            vector=unit(middle + spread * row),
        )
        for image, row in zip(images, noise, strict=True)
    )  # fmt: skip
    # There are no files; how much there is to see in them stands here.
    PhotoDetail.objects.bulk_create(PhotoDetail(digest=each, contrast=40) for each in digests)


class Shop:
    """Sound products, `photos` of each, with room for faults."""

    def __init__(self, encoder: Encoder, products: int = 40, photos: int = 6, seed: int = 3):
        self.encoder, self.rng = encoder, np.random.default_rng(seed)
        self.shelf = Category.objects.at_path("Shop/Shelf")
        self.centres: dict[int, NDArray[np.float64]] = {}
        self.products = [self.add(f"P{n:03d}", photos) for n in range(products)]

    def add(
        self, sku: str, photos: int, like: Product | None = None, **fields: object
    ) -> Product:  # fmt: skip
        fields = {"name": f"{sku} thing", **fields}
        product = Product.objects.create(sku=sku, category=self.shelf, **fields)
        middle = self.centres[like.pk] if like else centre(self.rng, self.encoder)
        self.centres[product.pk] = middle
        photos_of(product, self.encoder, middle, photos, rng=self.rng)
        return product

    def misplace(self, of: Product, on: Product) -> ProductImage:
        image = of.images.order_by("-position")[0]
        ProductImage.objects.filter(pk=image.pk).update(product=on, position=99)
        image.refresh_from_db()
        return image


def look_alike(shop: Shop, sku: str, product: Product) -> Product:
    """Another product of which every second photo shows what the first one's show."""
    twin = shop.add(sku, 3)
    photos_of(twin, shop.encoder, shop.centres[product.pk], 3, rng=shop.rng)
    photos_of(product, shop.encoder, shop.centres[twin.pk], 3, rng=shop.rng)
    return twin
