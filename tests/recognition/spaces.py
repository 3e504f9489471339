"""Catalogues whose vectors are made up, so that what an encoder would see is known."""

import numpy as np
from numpy.typing import NDArray

from products.models import Category, Product, ProductImage
from recognition.calibrating import begin_run, calibrate
from recognition.models import Calibration, CalibrationRun, Encoder, ImageEmbedding, Sighting

Vectors = NDArray[np.float32]


def unit(vectors: NDArray[np.float64]) -> Vectors:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / norms, dtype=np.float32)


def catalogue(
    encoder: Encoder,
    *,
    products: int,
    photos: int,
    spread: float = 0.9,
    seed: int = 1,
    categories: int = 4,
) -> list[Product]:
    """Products in `Shop/Shelf n`, each with photos around a centre of its own; the larger the
    spread, the more often a photo is nearer to another product's.
    """
    rng = np.random.default_rng(seed)
    shelves = [Category.objects.at_path(f"Shop/Shelf {n}") for n in range(categories)]
    made = Product.objects.bulk_create(
        Product(sku=f"K{seed}-{n:03d}", name=f"Kind {n}", category=shelves[n % categories])
        for n in range(products)
    )
    images = ProductImage.objects.bulk_create(
        ProductImage(
            product=made[n // photos], file=f"x/{seed}-{n}.jpg", digest=f"{seed:04x}{n:060x}",
            source_digest=f"{seed:04x}{n:060x}", width=9, height=9, position=n % photos,
        )
        for n in range(products * photos)
    )  # fmt: skip
    vectors = around(centres(encoder, products, seed).repeat(photos, axis=0), rng, spread)
    ImageEmbedding.objects.bulk_create(
        ImageEmbedding(
            image=image, encoder=encoder, digest=image.digest, state="ready", vector=vector
        )
        for image, vector in zip(images, vectors, strict=True)
    )
    return made


def centres(encoder: Encoder, products: int, seed: int = 1) -> NDArray[np.float64]:
    """Of few true dimensions, as photos have: so that neighbours are near."""
    rng = np.random.default_rng(seed + 1000)
    flat = rng.normal(size=(products, 6))
    wide = np.zeros((products, encoder.dimension))
    wide[:, :6] = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return wide


def around(middle: NDArray[np.float64], rng: np.random.Generator, spread: float) -> Vectors:
    """A photo for each row: some are clear, some are not."""
    noise = np.zeros_like(middle)
    noise[:, :6] = rng.normal(size=(len(middle), 6)) / np.sqrt(6)
    return unit(middle + spread * rng.uniform(0, 1, size=(len(middle), 1)) * noise)


def asked(
    encoder: Encoder,
    products: list[Product],
    number: int,
    *,
    spread: float = 0.9,
    seed: int = 9,
    catalogue_seed: int = 1,
) -> list[tuple[Product, Vectors]]:
    """Photos that people ask with, and which product each shows."""
    rng = np.random.default_rng(seed)
    middle = centres(encoder, len(products), catalogue_seed)
    shown = rng.integers(len(products), size=number)
    vectors = around(middle[shown], rng, spread)
    return [(products[at], vector) for at, vector in zip(shown, vectors, strict=True)]


def judged_sightings(
    encoder: Encoder, photos: list[tuple[Product, Vectors]], occasion: str = "audit"
) -> list[Sighting]:
    """As if people had been asked what each photo shows."""
    from django.utils import timezone

    return Sighting.objects.bulk_create(
        Sighting(
            source="search",
            encoder=encoder,
            vector=vector,
            best_product=product,
            distance=0.1,
            review="confirmed",
            reviewed_product=product,
            reviewed_at=timezone.now(),
            occasion=occasion,
            drawn_for_audit=occasion == "audit",
        )
        for product, vector in photos
    )


def run_for(encoder: Encoder, target: float = 0.1, **given: float) -> CalibrationRun:
    return calibrate(begin_run(encoder=encoder, target_error=target, **given))


def whole(run: CalibrationRun) -> Calibration:
    return run.calibrations.get(scope="", target_error=run.target_error)
