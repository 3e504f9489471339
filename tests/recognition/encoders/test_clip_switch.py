"""CLIP by its real loading path (seeded weights in a local file) goes through the switch."""

import pytest

from recognition.embedding import embed_pending
from recognition.encoders import clip_key
from recognition.loaded import forget_encoders
from recognition.models import Encoder, ImageEmbedding
from recognition.search import Query, search
from recognition.switching.activating import activate, roll_back
from recognition.switching.rehearsing import begin_rehearsal, rehearse
from tests.recognition.encoders.conftest import SavedClip
from tests.recognition.switching.shop import asked, second, with_photos
from tests.recognition.switching.test_rehearsing import labelled

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(settings, small_clip: SavedClip) -> str:
    settings.CLIP_WEIGHTS = small_clip.path
    forget_encoders()
    yield clip_key(small_clip.path)
    forget_encoders()


def test_add_fill_rehearse_activate_and_back(encoder: Encoder, clip: str) -> None:
    with_photos(encoder, 4)
    added = second(clip, filled=False)
    assert added.speaks_text
    assert embed_pending(added).ready == 4
    rehearsal = rehearse(begin_rehearsal(encoder=added), labelled=labelled(4))
    assert rehearsal.figures["candidate"]["queries"] == 4
    activate(added)
    answer = search(Query(photo=asked(2), text="Product"))
    assert answer.encoder == clip
    assert not answer.text_by_names_only
    assert roll_back().encoder == encoder
    assert ImageEmbedding.objects.ready().filter(encoder=added).count() == 4


def test_with_views_too(encoder: Encoder, clip: str) -> None:
    with_photos(encoder, 2)
    added = second(f"{clip}:whole+centre")
    activate(added)
    assert search(Query(photo=asked(1))).encoder == added.key
