# ruff: noqa: PLC0415  heavy libraries are imported where they are used, so that building is free
"""Which device an encoder runs on. Imports torch only when asked."""

import re

from recognition.encoders.errors import EncoderError


def resolve_device(wish: str) -> str:
    """`auto`, `cpu`, `mps`, `cuda` or `cuda:N` -> the device to use, as torch names it.

    `auto` takes cuda, then mps, then cpu. A device that was asked for by name and is not there
    raises EncoderError: falling back silently would make a server a hundred times slower.
    """
    import torch

    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", wish):
        raise EncoderError(
            f"The device {wish!r} is unknown; choose auto, cuda, cuda:N, mps or cpu."
        )
    if wish == "cpu":
        return wish
    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    has_mps = torch.backends.mps.is_available()
    if wish == "auto":
        return "cuda" if cards else "mps" if has_mps else "cpu"
    if wish == "mps":
        if not has_mps:
            raise EncoderError(
                "The device is set to mps, but PyTorch sees no Apple GPU here; set it to auto or cpu."
            )
        return wish
    number = int(wish.partition(":")[2] or 0)
    if number >= cards:
        found = f"only {cards}" if cards else "no"
        raise EncoderError(
            f"The device is set to {wish}, but PyTorch sees {found} CUDA card here; "
            "set it to auto or cpu, or mend the driver."
        )
    return wish
