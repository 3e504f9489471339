"""A shop with a second encoder beside the active one, filled."""

import io

from django.db import connection
from PIL import Image

from products.models import Product
from recognition.embedding import embed_pending
from recognition.encoders import PIXEL_KEY
from recognition.models import Encoder
from recognition.switching.adding import add_encoder
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo

SECOND_KEY = f"{PIXEL_KEY}:whole+tight"


def with_photos(encoder: Encoder, number: int, first: int = 0) -> list[Product]:
    """Products with a photo each, looked at by the encoder."""
    products = []
    for at in range(first, first + number):
        products.append(ProductFactory(sku=f"P{at}"))
        with_photo(at, products[-1])
    embed_pending(encoder)
    return products


def second(key: str = SECOND_KEY, *, filled: bool = True) -> Encoder:
    """Another encoder, added as staff add it."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:  # no index is made while deferred checks wait
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    encoder = add_encoder(key)
    if filled:
        embed_pending(encoder)
    return encoder


def asked(seed: int) -> Image.Image:
    return Image.open(io.BytesIO(phone_photo(seed))).convert("RGB")
