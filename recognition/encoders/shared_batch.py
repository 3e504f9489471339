"""Concurrent callers of one process share a batch.

No thread of its own and no timer: the first caller leads, and encodes at once with whatever is
queued; who comes meanwhile queues up, and the first of those leads the next batch. Alone, a caller
waits for nobody; under load, batches grow by themselves.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognition.encoders.base import Encoder, Vectors
from recognition.encoders.errors import Busy, EncoderError, TextNotSupported
from recognition.encoders.forks import renew_after_fork
from recognition.encoders.halving import encode_in_batches

Vector = NDArray[np.float32]


@dataclass(eq=False)
class _Ticket:
    """What one caller wants to be encoded, together, and what becomes of it."""

    kind: Literal["image", "text"]
    contents: Sequence[Any]
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    vectors: Vectors | None = None
    error: BaseException | None = None

    @property
    def size(self) -> int:
        return len(self.contents)

    @property
    def is_done(self) -> bool:
        return self.vectors is not None or self.error is not None


class SharedBatch:
    """Encodes for many threads at once; use one per process and encoder.

    At most `max_batch` pictures (or texts) share a pass, and at most `max_waiting` callers wait;
    one more gets Busy at once, which is kinder than an answer after everyone has gone. So does who
    brings several pictures while so many wait that one pass would not take them all: those with one
    picture, who take the next pass before them, would wait ever longer for it to begin.
    """

    def __init__(self, encoder: Encoder, max_batch: int = 32, max_waiting: int = 256) -> None:
        if max_batch < 1 or max_waiting < 1:
            raise ValueError("max_batch and max_waiting must be at least 1")
        self._encoder = encoder
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self.renew_after_fork()
        renew_after_fork(self)

    def renew_after_fork(self) -> None:
        """An empty queue: in a forked child, none of the threads that queued exist."""
        self._lock = threading.Lock()
        self._queue: deque[_Ticket] = deque()
        self._led = False

    def encode_image(self, image: Image.Image) -> Vector:
        """RGB picture -> float32 (dimension,) of unit length.

        Raises Busy, OutOfMemory, or whatever the encoder raises for this very picture.
        """
        # A copy, so that who keeps one vector does not keep the whole batch.
        return self._encode(_Ticket("image", [image]))[0].copy()

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """RGB pictures of one caller -> float32 (n, dimension) of unit length, in one pass as far as
        that holds them. Raises as `encode_image`; one picture's error is the whole call's.
        """
        if not images:
            return np.zeros((0, self._encoder.dimension), dtype=np.float32)
        return self._encode(_Ticket("image", list(images)))

    def encode_text(self, text: str) -> Vector:
        """Text -> float32 (dimension,) of unit length. Raises TextNotSupported or Busy too."""
        if not self._encoder.speaks_text:
            raise TextNotSupported(
                f"The encoder {self._encoder.key} sees pictures only, not words."
            )
        return self._encode(_Ticket("text", [text]))[0].copy()

    def _encode(self, ticket: _Ticket) -> Vectors:
        with self._lock:
            waiting = sum(each.size for each in self._queue)
            crowds = ticket.size > 1 and waiting > 0 and waiting + ticket.size > self._max_batch
            if len(self._queue) >= self._max_waiting or crowds:
                raise Busy(f"{waiting} pictures wait to be looked at; try again in a moment.")
            self._queue.append(ticket)
            if not self._led:
                self._led = ticket.leads = True
        try:
            if not ticket.leads:
                ticket.woken.wait()
            if ticket.leads:
                self._run(self._take())
        finally:
            # Also on KeyboardInterrupt and SystemExit, wherever they strike: a queue whose leader
            # is gone would wait for ever.
            self._leave(ticket)
        if ticket.error is not None:
            raise ticket.error
        if ticket.vectors is None:
            raise EncoderError("The encoding was interrupted; send the picture again.")
        return ticket.vectors

    def _take(self) -> list[_Ticket]:
        """The next batch: who waits longest, and as many others of that kind as fit beside, those
        with few pictures first, so that nobody with one waits for others with many.

        The first is the leader's own: leadership goes to the head of the queue.
        """
        with self._lock:
            head, *others = self._queue
            batch, size = [head], head.size
            alike = [ticket for ticket in others if ticket.kind == head.kind]
            for ticket in sorted(alike, key=lambda each: each.size):
                if size + ticket.size <= self._max_batch:
                    batch.append(ticket)
                    size += ticket.size
            chosen = set(batch)
            self._queue = deque(ticket for ticket in self._queue if ticket not in chosen)
        return batch

    def _run(self, batch: list[_Ticket]) -> None:
        """Encodes a batch and hands every caller its own vector or its own error."""
        try:
            self._deliver(batch)
        except Exception as error:  # noqa: BLE001  belongs to one of the callers, found below
            if len(batch) == 1:
                batch[0].error = error
            else:
                for ticket in batch:
                    self._run([ticket])
        finally:
            for ticket in batch:
                if not ticket.is_done:
                    ticket.error = EncoderError("The encoding was interrupted; try again.")
                ticket.woken.set()

    def _deliver(self, batch: Sequence[_Ticket]) -> None:
        contents = [content for ticket in batch for content in ticket.contents]
        vectors: Vectors = (
            encode_in_batches(self._encoder, contents, min(len(contents), self._max_batch))
            if batch[0].kind == "image"
            else self._encoder.encode_texts(contents)
        )
        if len(vectors) != len(contents):
            raise EncoderError("The encoder gave another number of vectors than of pictures.")
        start = 0
        for ticket in batch:
            ticket.vectors = vectors[start : start + ticket.size]
            start += ticket.size

    def _leave(self, ticket: _Ticket) -> None:
        """Takes an interrupted caller out of the queue; a leader passes the lead on."""
        with self._lock:
            if not ticket.is_done and ticket in self._queue:
                self._queue.remove(ticket)
            if not ticket.leads:
                return
            ticket.leads = False
            if self._queue:
                successor = self._queue[0]
                successor.leads = True
                successor.woken.set()
            else:
                self._led = False
