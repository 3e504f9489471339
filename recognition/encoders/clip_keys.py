"""The key of the CLIP encoder: by tag, or by the digest of a local weights file."""

import json
from pathlib import Path
from typing import Any

from recognition.encoders.architectures import architecture_like
from recognition.encoders.errors import WrongWeights
from recognition.encoders.files import check_weights_file, file_digest
from recognition.encoders.keys import EncoderKey, digest_weights

CLIP_LIBRARY = "open_clip"
CLIP_ARCHITECTURE = "ViT-B-32"
# On retail sets about 7 points of recall@1 better than `openai`, at the same cost (MIEB results).
CLIP_TAG = "laion2b_s34b_b79k"
CLIP_KEY = str(EncoderKey(CLIP_LIBRARY, CLIP_ARCHITECTURE, CLIP_TAG))

# Published files whose activation is QuickGELU. Their parameters fit the plain architecture too,
# and would give wrong vectors there without any error. First digits of the SHA-256, which
# open_clip publishes in the files' addresses.
_QUICKGELU_FILES = ("d867053b", "46683a32")


def clip_key(clip_weights: Path | None) -> str:
    """Key of the CLIP encoder: the default tag, or `...:sha256-<12 hex>` for a local file.

    The file is taken for ViT-B-32, unless an `open_clip_config.json` (as every open_clip
    repository on the hub holds) lies beside it and says otherwise. Reads the whole file once to
    take the digest (about a second for 600 MB). Raises MissingWeights or WrongWeights.
    """
    if clip_weights is None:
        return CLIP_KEY
    check_weights_file(clip_weights)
    digest = file_digest(clip_weights)
    architecture = _architecture_beside(clip_weights)
    if architecture is None:
        quick = digest.startswith(_QUICKGELU_FILES)
        architecture = f"{CLIP_ARCHITECTURE}-quickgelu" if quick else CLIP_ARCHITECTURE
    return str(EncoderKey(CLIP_LIBRARY, architecture, digest_weights(digest)))


def _architecture_beside(weights: Path) -> str | None:
    """Architecture named by the configuration beside a weights file, None without one."""
    path = weights.parent / "open_clip_config.json"
    try:
        model: dict[str, Any] = json.loads(path.read_text("utf-8"))["model_cfg"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongWeights(
            f"{path} cannot be read as an open_clip configuration; mend it or take it away."
        ) from error
    name = architecture_like(model)
    if name is None:
        raise WrongWeights(
            f"{path} describes an architecture that open_clip does not ship, so the weights beside "
            "it cannot be loaded; use weights of a published open_clip architecture."
        )
    return name
