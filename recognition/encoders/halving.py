"""Encoding in batches that shrink when memory runs out.

Nothing here imports torch: an out-of-memory error is known by its class name and its words, so
that code which never touches a network can still ask.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from recognition.encoders.base import Encoder, Vectors
from recognition.encoders.errors import OutOfMemory

_WORDS = (
    "out of memory",  # torch on CUDA, MPS and the driver itself
    "can't allocate memory",  # the CPU allocator of torch
    "cannot allocate memory",
    "not enough memory",  # the same on Windows
    "alloc_failed",  # CUBLAS_STATUS_ALLOC_FAILED, CUDNN_STATUS_ALLOC_FAILED
    "failed to allocate",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, or what caused it, says that memory ran out."""
    seen: BaseException | None = error
    while seen is not None:
        names = {cls.__name__ for cls in type(seen).__mro__}
        if names & {"MemoryError", "OutOfMemoryError", "OutOfMemory"}:
            return True
        words = str(seen).lower()
        if isinstance(seen, RuntimeError) and any(word in words for word in _WORDS):
            return True
        # cuDNN reports a full card as a plan that it cannot run.
        if "cudnn_status_not_supported" in words or "cudnn_status_internal_error" in words:
            return True
        seen = seen.__cause__
    return False


def encode_in_batches(
    encoder: Encoder,
    images: Sequence[Image.Image],
    batch_size: int,
    on_shrink: Callable[[int], None] | None = None,
) -> Vectors:
    """Pictures -> float32 (n, dimension), at most `batch_size` at a time.

    When memory runs out, cached memory is given back and the batch is halved; the smaller size is
    kept for the rest, and `on_shrink` hears of it, so that a caller can begin there next time.
    Raises OutOfMemory (with the picture's index) when one picture alone does not fit. Any other
    error passes through.
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    parts: list[Vectors] = []
    start, size = 0, batch_size
    while start < len(images):
        chunk = images[start : start + size]
        vectors, reason = _try(encoder, chunk)
        if vectors is not None:
            parts.append(vectors)
            start += len(chunk)
            continue
        # Outside the handler on purpose: while an error is handled, its traceback keeps the
        # tensors of the failed pass alive, and there would be little to give back.
        encoder.release_memory()
        if len(chunk) == 1:
            raise OutOfMemory(
                f"One picture alone does not fit into the memory of {encoder.device_name} "
                f"({reason}). Free memory there, or set the device to cpu.",
                index=start,
            )
        size = len(chunk) // 2
        if on_shrink is not None:
            on_shrink(size)
    if not parts:
        return np.zeros((0, encoder.dimension), dtype=np.float32)
    return np.concatenate(parts)


def _try(encoder: Encoder, chunk: Sequence[Image.Image]) -> tuple[Vectors | None, str]:
    try:
        return encoder.encode_images(chunk), ""
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return None, str(error).partition("\n")[0] or type(error).__name__
