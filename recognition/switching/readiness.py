"""How far an encoder has come with the photos that can be found now."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from recognition.models import Encoder, ImageEmbedding
from recognition.vector_index import index_is_valid


@dataclass(frozen=True, slots=True)
class Readiness:
    """`findable`: photos that the active encoder finds; of those, the encoder has `ready`, has set
    aside `failed`, and `waiting` are still to come.
    """

    findable: int
    ready: int
    failed: int
    index: bool

    @property
    def waiting(self) -> int:
        return self.findable - self.ready - self.failed

    @property
    def missing(self) -> int:
        return self.findable - self.ready

    @property
    def complete(self) -> bool:
        return self.missing == 0 and self.index


def readiness(encoder: Encoder, present: Encoder | None) -> Readiness:
    """Of an encoder against the one that answers now; without one, against all of its own photos."""
    rows = ImageEmbedding.objects.filter(encoder=encoder, image=OuterRef("image"))
    found = ImageEmbedding.objects.findable((present or encoder).pk)
    return Readiness(
        findable=found.count(),
        ready=found.filter(Exists(rows.filter(state=ImageEmbedding.State.READY))).count(),
        failed=found.filter(Exists(rows.filter(state=ImageEmbedding.State.FAILED))).count(),
        index=index_is_valid(encoder),
    )
