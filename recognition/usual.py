"""How near products of this catalogue are to each other as a rule, to tell what is unusually near."""

from dataclasses import dataclass

import numpy as np
from django.core.cache import cache
from django.db import connection
from psycopg import sql

from recognition.models import Encoder

# Further photos of one product show little that is new; each costs a search.
MOST_PHOTOS = 4
# How many products tell what is usual in a catalogue, and how few tell nothing.
_SAMPLE, _LEAST_SAMPLE = 100, 30
# Of a hundred products, about three are as near to another as this: rare enough to look at.
_RARE = 0.03
_SECONDS_KEPT = 3600
# Photos looked at around each: enough to get past the product's own.
_AROUND = 40


@dataclass(frozen=True, slots=True)
class Usual:
    """How near products are to the nearest other one, by their nearest photos.

    `rare` is the distance within which only `share` of the `sample` products have another. It
    describes this catalogue and is not calibrated: it promises no rate of error.
    """

    rare: float
    share: float
    sample: int


def usual_distances(encoder: Encoder | None = None) -> Usual | None:
    """What is usual for an encoder (None: the active one), kept for an hour; None where there is too
    little to tell.
    """
    encoder = encoder or Encoder.objects.active()
    if encoder is None:
        return None
    key = f"recognition.usual.{encoder.pk}"
    kept = cache.get(key)
    if kept is None:
        kept = _measure(encoder)
        cache.set(key, kept or False, _SECONDS_KEPT)
    return kept or None


# The sample is scattered, and the same for as long as the products are. The innermost query has the
# expression and the condition of the encoder's index, and may use it.
_NEAREST_OTHERS = """
WITH sampled AS (
    SELECT p.id FROM products_product p
    WHERE p.is_active AND p.merged_into_id IS NULL AND EXISTS (
        SELECT FROM recognition_imageembedding e JOIN products_productimage i ON i.id = e.image_id
        WHERE i.product_id = p.id AND e.encoder_id = {encoder} AND e.state = 'ready'
    )
    ORDER BY md5(p.sku) LIMIT {sample}
), seen AS (
    SELECT i.product_id, e.vector::halfvec({dimension}) AS vector,
        row_number() OVER (PARTITION BY i.product_id ORDER BY i.position, i.id) AS place
    FROM sampled JOIN products_productimage i ON i.product_id = sampled.id
    JOIN recognition_imageembedding e ON e.image_id = i.id
    WHERE e.encoder_id = {encoder} AND e.state = 'ready'
)
SELECT seen.product_id, min(near.distance)
FROM seen CROSS JOIN LATERAL (
    SELECT e.image_id, e.vector::halfvec({dimension}) <=> seen.vector AS distance
    FROM recognition_imageembedding e
    WHERE e.encoder_id = {encoder} AND e.state = 'ready'
    ORDER BY e.vector::halfvec({dimension}) <=> seen.vector LIMIT {around}
) near
JOIN products_productimage i ON i.id = near.image_id
JOIN products_product p ON p.id = i.product_id
WHERE seen.place <= {photos} AND p.id <> seen.product_id
    AND p.is_active AND p.merged_into_id IS NULL
GROUP BY seen.product_id
"""


def _measure(encoder: Encoder) -> Usual | None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(_NEAREST_OTHERS).format(
                encoder=sql.Literal(encoder.pk),
                dimension=sql.Literal(encoder.dimension),
                sample=sql.Literal(_SAMPLE),
                photos=sql.Literal(MOST_PHOTOS),
                around=sql.Literal(_AROUND),
            )
        )
        distances = [float(distance) for _product, distance in cursor.fetchall()]
    if len(distances) < _LEAST_SAMPLE:
        return None
    rare = float(np.quantile(distances, _RARE, method="lower"))
    share = sum(distance <= rare for distance in distances) / len(distances)
    return Usual(rare=rare, share=share, sample=len(distances))
