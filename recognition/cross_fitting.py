"""What photos of the catalogue meet without themselves, where an adapter was learned from them."""

from collections.abc import Mapping

import numpy as np

from recognition.adapters import Recipe, TooFewPhotos
from recognition.confidence import Ranked, held_out_meetings
from recognition.models import Encoder, EncoderAdapter, ImageEmbedding

# More photos teach an adapter so well that each of them matters little, and need not be in memory.
MOST_PHOTOS = 20_000


def cross_fitted(encoder: Encoder, products: int) -> Mapping[int, Ranked]:
    """By photo, the so many nearest products that it meets in the catalogue without it; empty for an
    encoder without adapter, for a catalogue of very many photos and for one that has become too
    small to learn from.
    """
    kept = EncoderAdapter.objects.filter(encoder=encoder).values_list("recipe", flat=True).first()
    if kept is None or encoder.base_id is None:
        return {}
    photos = ImageEmbedding.objects.findable(encoder.base_id).order_by("image")
    if photos.count() > MOST_PHOTOS:
        return {}
    rows = list(photos.values_list("image", "image__product", "vector"))
    if not rows:
        return {}
    of = np.array([product for _image, product, _vector in rows], dtype=np.int64)
    vectors = np.stack([np.asarray(each, dtype=np.float32) for _image, _product, each in rows])
    recipe = Recipe(kept["method"], kept["shrinkage"])
    try:
        met = list(held_out_meetings(vectors, of, recipe, encoder.scoring, products))
    except TooFewPhotos:
        return {}
    return {rows[place][0]: ranked for place, ranked in met}
