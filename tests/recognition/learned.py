"""Encoders that were learned from the photos of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from django.db import connection

from recognition.adapters import Recipe, fit_adapter
from recognition.adapting import add_adapted
from recognition.embedding import embed_pending
from recognition.indexing import sweep
from recognition.loaded import forget_encoders
from recognition.models import Encoder, ImageEmbedding, Scoring
from recognition.vector_index import drop_index
from tests.recognition.spaces import catalogue, unit
from tests.recognition.test_adapted_encoder import vectors

RECIPE = Recipe("whitening", 0.1)


def noise(encoder: Encoder, *, products: int, photos: int, seed: int = 3) -> None:
    """A catalogue in which no photo says anything of its product."""
    catalogue(encoder, products=products, photos=photos, seed=seed)
    rng = np.random.default_rng(seed)
    rows = list(ImageEmbedding.objects.filter(encoder=encoder).order_by("image"))
    for row in rows:
        row.vector = unit(rng.normal(size=encoder.dimension))
    ImageEmbedding.objects.bulk_update(rows, ["vector"])


@contextmanager
def learned(base: Encoder) -> Iterator[Encoder]:
    """One that learned all photos where they are now, is filled, and answers."""
    with connection.cursor() as cursor:  # an index cannot be made while deferred checks wait
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    adapted = add_adapted(
        base=base, adapter=fit_adapter(*vectors(base), RECIPE), recipe=RECIPE.as_data(),
        scoring=Scoring.NEAREST, origin={},
    )  # fmt: skip
    try:
        sweep()
        embed_pending(adapted)
        Encoder.objects.filter(pk=base.pk).update(state="standby")
        Encoder.objects.filter(pk=adapted.pk).update(state="active")
        yield Encoder.objects.select_related("base").get(pk=adapted.pk)
    finally:
        drop_index(adapted)
        forget_encoders()
