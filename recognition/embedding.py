"""The work of a worker: claim, decode in threads, encode as a batch, record."""

import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.core.files.storage import Storage
from django.dispatch import Signal
from django.utils.translation import gettext
from PIL import Image

from products.imaging import PhotoRefused, open_photo
from products.models import ProductImage
from products.photos import photo_limits, refusal
from recognition.adapting import can_be_filled, fill_batch
from recognition.encoders import Encoder as LoadedEncoder
from recognition.encoders import EncoderError, encode_in_batches
from recognition.indexing import Claim, Outcome, claim, postpone, record, release, waiting
from recognition.loaded import encoder_for
from recognition.models import Encoder

logger = logging.getLogger(__name__)

# Sent after each batch, once what became of its photos is committed.
photos_recorded = Signal()


class PhotoUnreadable(Exception):
    """A stored photo cannot be read; the text is the reason that staff see."""


class FileLost(PhotoUnreadable):
    """The storage has no such file, or another one: that may change, what a photo holds does not."""


class StorageTrouble(Exception):
    """The storage does not answer now; nothing is wrong with the photo."""


@dataclass(slots=True)
class Done:
    """What a run came to."""

    ready: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.ready + self.failed


@dataclass(slots=True)
class _Batch:
    claims: list[Claim]
    pictures: "list[Future[Image.Image]]"


def embed_pending(
    encoder: Encoder,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[Done], None] = lambda _done: None,
    most_seconds: float | None = None,
) -> Done:
    """Works until no photo of this encoder is due, or it is told to stop.

    The next batch is claimed and decoded while the present one is encoded, except after a crash:
    then photos go one by one (see `indexing.claim`), and a second claim would take the blame for
    the first. Vectors of an adapted encoder are made from those of its base, which comes first.
    """
    if encoder.base_id is not None:
        return _fill_adapted(encoder, should_stop, on_progress, most_seconds)
    loaded = encoder_for(encoder.key)
    loaded.load()  # before anything is claimed: loading takes longer than a batch
    done = Done()
    started = monotonic()
    ahead: _Batch | None = None
    with ThreadPoolExecutor(settings.DECODE_THREADS, thread_name_prefix="decode") as pool:
        try:
            ahead = _next_batch(encoder, loaded, pool)
            while ahead is not None:
                batch, ahead = ahead, None
                late = most_seconds is not None and monotonic() - started > most_seconds
                careful = len(batch.claims) == 1
                if not (late or careful or should_stop()):
                    ahead = _next_batch(encoder, loaded, pool)
                _finish(batch, loaded, done)
                photos_recorded.send_robust(sender=Encoder)
                on_progress(done)
                if late or should_stop():
                    break
                if careful:
                    ahead = _next_batch(encoder, loaded, pool)
        finally:
            if ahead is not None:
                release(ahead.claims)
    return done


def can_go_on(encoder: Encoder) -> bool:
    """Whether an encoder has due photos, of which one that is made from another's vectors can work
    only on those that are ready there.
    """
    return can_be_filled(encoder) if encoder.base_id is not None else waiting(encoder) > 0


def _fill_adapted(
    encoder: Encoder,
    should_stop: Callable[[], bool],
    on_progress: Callable[[Done], None],
    most_seconds: float | None,
) -> Done:
    done = Done()
    started = monotonic()
    while made := fill_batch(encoder):
        done.ready += made
        photos_recorded.send_robust(sender=Encoder)
        on_progress(done)
        if should_stop() or (most_seconds is not None and monotonic() - started > most_seconds):
            break
    return done


def _next_batch(encoder: Encoder, loaded: LoadedEncoder, pool: ThreadPoolExecutor) -> _Batch | None:
    claims = claim(encoder, settings.ENCODER_BATCH_SIZE)
    if not claims:
        return None
    storage = ProductImage._meta.get_field("file").storage
    side = loaded.input_side
    return _Batch(
        claims,
        [pool.submit(read_stored, storage, each.file_name, each.digest, side) for each in claims],
    )


def read_stored(storage: Storage, name: str, digest: str, side: int) -> Image.Image:
    """The picture of a stored photo, its shorter side at least `side` where it has so many pixels.

    Raises:
        PhotoUnreadable: it is no photo; as FileLost, the file is missing or not the one that was
            stored.
        StorageTrouble: the storage does not answer.
    """
    try:
        with storage.open(name, "rb") as file:
            data = file.read()
    except FileNotFoundError as error:
        raise FileLost(
            gettext("The photo's file is missing from the storage. Upload the photo again.")
        ) from error
    except Exception as error:  # a storage has errors of its own, as S3's clients do
        raise StorageTrouble(str(error)) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise FileLost(
            gettext("The photo's file is not the one that was stored. Upload the photo again.")
        )
    try:
        return open_photo(data, photo_limits(), at_least=side)
    except PhotoRefused as error:
        raise PhotoUnreadable(refusal(error).messages[0]) from error


def _finish(batch: _Batch, loaded: LoadedEncoder, done: Done) -> None:
    outcome = Outcome()
    pictures: dict[int, Image.Image] = {}
    for claimed, future in zip(batch.claims, batch.pictures, strict=True):
        try:
            pictures[claimed.embedding_id] = future.result()
        except PhotoUnreadable as error:
            outcome.failures[claimed.embedding_id] = str(error)
        except (StorageTrouble, MemoryError) as error:
            # The storage or this machine is in trouble, not the photo: it is claimed again when
            # its lease has run out, and that counts as no attempt.
            logger.warning("Photo %s could not be read now: %s", claimed.image_id, error)
            postpone(claimed)
    _encode(pictures, loaded, outcome)
    done.ready += record(batch.claims, outcome)
    done.failed += len(outcome.failures)


def _encode(pictures: dict[int, Image.Image], loaded: LoadedEncoder, outcome: Outcome) -> None:
    if not pictures:
        return
    ids = list(pictures)
    try:
        vectors = encode_in_batches(loaded, list(pictures.values()), settings.ENCODER_BATCH_SIZE)
    except EncoderError as error:
        if len(ids) > 1:  # one of them is the trouble: find it, and keep the others
            for embedding_id in ids:
                _encode({embedding_id: pictures[embedding_id]}, loaded, outcome)
            return
        outcome.failures[ids[0]] = str(error)
        return
    outcome.vectors.update(zip(ids, vectors, strict=True))
