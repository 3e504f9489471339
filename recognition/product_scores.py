"""How near products are to a photo by all of their photos, exactly, for a few products."""

from collections.abc import Sequence

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql

from recognition.models import Encoder, Scoring

_PROTOTYPE = """
SELECT i.product_id, avg(e.vector::halfvec({dimension})) <=> %(query)s::halfvec({dimension})
FROM recognition_imageembedding e JOIN products_productimage i ON i.id = e.image_id
WHERE e.encoder_id = {encoder} AND e.state = 'ready' AND i.product_id = ANY(%(products)s)
    AND (%(without)s::bigint IS NULL OR e.image_id <> %(without)s)
GROUP BY i.product_id
"""
_THREE = """
SELECT product_id, avg(distance) FROM (
    SELECT i.product_id, e.distance, row_number() OVER (
        PARTITION BY i.product_id ORDER BY e.distance
    ) AS place
    FROM (
        SELECT image_id, vector::halfvec({dimension}) <=> %(query)s::halfvec({dimension}) AS distance
        FROM recognition_imageembedding WHERE encoder_id = {encoder} AND state = 'ready'
            AND image_id IN (
                SELECT id FROM products_productimage WHERE product_id = ANY(%(products)s)
            )
            AND (%(without)s::bigint IS NULL OR image_id <> %(without)s)
    ) e JOIN products_productimage i ON i.id = e.image_id
) photo WHERE place <= 3 GROUP BY product_id
"""
_STATEMENTS = {Scoring.PROTOTYPE.value: _PROTOTYPE, Scoring.THREE.value: _THREE}


def product_scores(
    encoder: Encoder,
    vector: NDArray[np.float32],
    products: Sequence[int],
    *,
    without_image: int | None = None,
) -> dict[int, float]:
    """Cosine distance 0..2 of each product by the encoder's scoring, one of those that take several
    photos together; those without any photo are left out.
    """
    if not products:
        return {}
    statement = (
        sql.SQL(_STATEMENTS[encoder.scoring])
        .format(encoder=sql.Literal(encoder.pk), dimension=sql.Literal(encoder.dimension))
        .as_string()
    )
    query = "[" + ",".join(format(value, ".7g") for value in vector.tolist()) + "]"
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {"query": query, "products": list(products), "without": without_image}
        )
        return {
            int(product): float(distance)
            for product, distance in cursor.fetchall()
            # Photos that cancel each other out have no mean to be near to.
            if distance is not None and not np.isnan(distance)
        }
