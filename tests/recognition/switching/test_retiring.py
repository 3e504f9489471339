"""Taking an encoder out of use."""

import pytest
from django.db import InternalError, transaction
from django.db.utils import ProgrammingError

from recognition.models import Encoder, ImageEmbedding
from recognition.switching import retiring
from recognition.switching.retiring import CannotRetire, retire
from recognition.vector_index import index_is_valid
from tests.recognition.spaces import catalogue
from tests.recognition.switching.shop import second, with_photos
from tests.recognition.test_adapted_encoder import adapted_of

pytestmark = pytest.mark.django_db


def test_its_vectors_and_its_index_go_and_nothing_else(encoder: Encoder) -> None:
    with_photos(encoder, 3)
    other = second()
    told: list[tuple[int, int]] = []
    assert retire(other, on_progress=lambda done, total: told.append((done, total))) == 3
    other.refresh_from_db()
    assert other.state == "retired"
    assert not index_is_valid(other)
    assert told == [(3, 3)]
    assert not ImageEmbedding.objects.filter(encoder=other).exists()
    assert ImageEmbedding.objects.ready().filter(encoder=encoder).count() == 3


def test_killed_half_way_it_goes_on_when_called_again(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_photos(encoder, 3)
    other = second()
    monkeypatch.setattr(retiring, "_BATCH", 1)

    def killed(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retire(other, on_progress=killed)
    with_photos(encoder, 1, first=7)  # no new rows for it
    assert ImageEmbedding.objects.filter(encoder=other).count() == 1
    assert retire(other) == 1
    assert not ImageEmbedding.objects.filter(encoder=other).exists()


def test_what_answers_stays(encoder: Encoder) -> None:
    with pytest.raises(CannotRetire, match="answers now"):
        retire(encoder)


def test_the_base_of_one_in_use_stays(encoder: Encoder) -> None:
    catalogue(encoder, products=30, photos=4)
    base = second(filled=False)
    rows = ImageEmbedding.objects.filter(encoder=encoder).values("image", "vector")
    for row in rows:
        ImageEmbedding.objects.filter(encoder=base, image=row["image"]).update(
            vector=row["vector"], state="ready"
        )
    made = adapted_of(base)
    with pytest.raises(CannotRetire, match="is the base of"):
        retire(base)
    refused = pytest.raises((InternalError, ProgrammingError), match="base")
    with refused, transaction.atomic():
        Encoder.objects.filter(pk=base.pk).update(state="retired")
    retire(made)
    retire(base)
    with refused, transaction.atomic():
        Encoder.objects.filter(pk=made.pk).update(state="building")
