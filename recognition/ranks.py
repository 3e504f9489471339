"""Several ranked lists as one."""

from collections.abc import Iterable, Sequence

# Cormack, Clarke & Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual rank
# learning methods", SIGIR 2009: 60 damps the head of each list enough that two agreeing lists win.
_DAMPING = 60


def fuse(lists: Iterable[Sequence[int]]) -> list[int]:
    """Reciprocal rank fusion: ids by the sum of 1 / (60 + rank), highest first."""
    scores: dict[int, float] = {}
    for ranked in lists:
        for rank, item in enumerate(ranked, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (_DAMPING + rank)
    return sorted(scores, key=lambda item: (-scores[item], item))
