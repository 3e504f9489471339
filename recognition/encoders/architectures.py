"""What open_clip knows about its architectures, read without importing it (or torch)."""

import difflib
import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from recognition.encoders.errors import EncoderError, UnknownEncoder


def _config_directory() -> Path:
    spec = find_spec("open_clip")
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError("open_clip is not installed; run `pip install open-clip-torch`.")
    return Path(spec.submodule_search_locations[0]) / "model_configs"


@lru_cache(maxsize=1)
def architectures() -> frozenset[str]:
    """Names of the architectures that open_clip ships a configuration for."""
    return frozenset(path.stem for path in _config_directory().glob("*.json"))


@lru_cache(maxsize=64)
def architecture_config(name: str) -> dict[str, Any]:
    """open_clip's own configuration of one architecture. Raises UnknownEncoder for other names."""
    if name not in architectures():
        near = difflib.get_close_matches(name, sorted(architectures()), n=3, cutoff=0.5)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise UnknownEncoder(f"open_clip has no architecture {name!r}.{hint}")
    config: dict[str, Any] = json.loads((_config_directory() / f"{name}.json").read_text("utf-8"))
    return config


def dimension_of(name: str) -> int:
    """Length of the vectors of an architecture."""
    return int(architecture_config(name)["embed_dim"])


def input_side_of(name: str) -> int:
    """Shorter side, in pixels, of what an architecture looks at."""
    size = architecture_config(name)["vision_cfg"].get("image_size", 224)
    return int(min(size)) if isinstance(size, list | tuple) else int(size)


def sees_patches(name: str) -> bool:
    """Whether open_clip keeps the tokens of the patches to the end: its own vision transformers do,
    those that end in attention over all tokens, the networks of timm and the ResNets do not.
    """
    vision = architecture_config(name)["vision_cfg"]
    return (
        isinstance(vision.get("layers"), int)
        and "timm_model_name" not in vision
        and not vision.get("attentional_pool")
    )


def architecture_like(config: dict[str, Any]) -> str | None:
    """Name of the architecture that a `model_cfg` (as published beside weights) describes."""
    matches = [name for name in sorted(architectures()) if architecture_config(name) == config]
    return matches[0] if matches else None
