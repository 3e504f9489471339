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
    """One caller's picture or text, and what becomes of it."""

    kind: Literal["image", "text"]
    content: Any
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    vector: Vector | None = None
    error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return self.vector is not None or self.error is not None


class SharedBatch:
    """Encodes for many threads at once; use one per process and encoder.

    At most `max_batch` pictures (or texts) share a pass, and at most `max_waiting` callers wait;
    one more gets Busy at once, which is kinder than an answer after everyone has gone.
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
        return self._encode(_Ticket("image", image))

    def encode_text(self, text: str) -> Vector:
        """Text -> float32 (dimension,) of unit length. Raises TextNotSupported or Busy too."""
        if not self._encoder.speaks_text:
            raise TextNotSupported(
                f"The encoder {self._encoder.key} sees pictures only, not words."
            )
        return self._encode(_Ticket("text", text))

    def _encode(self, ticket: _Ticket) -> Vector:
        with self._lock:
            if len(self._queue) >= self._max_waiting:
                raise Busy(
                    f"{len(self._queue)} pictures wait to be looked at; try again in a moment."
                )
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
        if ticket.vector is None:
            raise EncoderError("The encoding was interrupted; send the picture again.")
        return ticket.vector

    def _take(self) -> list[_Ticket]:
        """The next batch: what waits, in order, of the kind that waits longest.

        That one is the leader's own: leadership goes to the head of the queue.
        """
        with self._lock:
            kind = self._queue[0].kind
            batch = [ticket for ticket in self._queue if ticket.kind == kind][: self._max_batch]
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
        contents = [ticket.content for ticket in batch]
        vectors: Vectors = (
            encode_in_batches(self._encoder, contents, len(contents))
            if batch[0].kind == "image"
            else self._encoder.encode_texts(contents)
        )
        for ticket, vector in zip(batch, vectors, strict=True):
            # A copy, so that who keeps one vector does not keep the whole batch.
            ticket.vector = vector.copy()

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
