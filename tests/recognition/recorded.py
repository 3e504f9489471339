"""Sightings for tests of what becomes of them."""

from typing import Any

from django.core.files.base import ContentFile

from products.models import Product
from recognition.models import Encoder, Sighting
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo


def lamps(number: int = 4) -> list[Product]:
    """Products with photos; nothing is embedded."""
    return [
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}")).product for n in range(number)
    ]


def asked(
    encoder: Encoder, products: list[Product], *, photo: bool = True, **fields: Any
) -> Sighting:
    """A recorded query, which met these products in this order."""
    sighting = Sighting(
        encoder=encoder,
        best_product=products[0],
        **{
            "source": Sighting.Source.SEARCH,
            "vector": [1.0] + [0.0] * (encoder.dimension - 1),
            "distance": 0.1,
            "margin": 0.05,
            "candidates": [
                {"product": product.pk, "image": product.face.pk, "distance": 0.1 + n / 100}
                for n, product in enumerate(products)
            ],
            **fields,
        },
    )
    if photo:
        sighting.photo.save("photo.jpg", ContentFile(phone_photo(1)), save=False)
    sighting.save()
    return sighting


def aged(sighting: Sighting, created_at: Any) -> Sighting:
    Sighting.objects.filter(pk=sighting.pk).update(created_at=created_at)
    sighting.refresh_from_db()
    return sighting
