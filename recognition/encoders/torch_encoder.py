# ruff: noqa: PLC0415  heavy libraries are imported where they are used, so that building is free
"""What the encoders that run on PyTorch share: loading once, device, threads, batches, forks."""

import gc
import os
import threading
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from recognition.encoders.base import Encoder, EncoderOptions, Vectors
from recognition.encoders.device import resolve_device
from recognition.encoders.errors import EncoderError, OutOfMemory
from recognition.encoders.forks import renew_after_fork
from recognition.encoders.halving import is_out_of_memory
from recognition.encoders.patches import Area, Patches, as_patches

if TYPE_CHECKING:
    import torch


class TorchEncoder(Encoder):
    """An encoder whose network is read from weights at the first use, once, under a lock."""

    def __init__(self, key: str, options: EncoderOptions) -> None:
        self.key = key
        self._options = options
        self._network: Any = None
        self._device: str | None = None
        self._loaded_in = 0
        self._lock = threading.Lock()
        renew_after_fork(self)

    @property
    def device_name(self) -> str:
        return self._device or self._options.device

    def load(self) -> None:
        if self._network is not None:
            return
        with self._lock:
            if self._network is not None:
                return
            device = resolve_device(self._options.device)
            self._limit_threads()
            network = self._load_network(device)
            # The network is set last: other threads look at it without the lock.
            self._device = device
            self._loaded_in = os.getpid()
            self._network = network

    def release_memory(self) -> None:
        if self._device is None or self._device == "cpu":
            return
        import torch

        gc.collect()
        if self._device.startswith("cuda"):
            torch.cuda.empty_cache()
        elif self._device == "mps":
            torch.mps.empty_cache()

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()

    @abstractmethod
    def _load_network(self, device: str) -> Any:
        """Reads the network, ready for inference on `device`. Called under the lock."""

    @abstractmethod
    def _images_to_batch(self, images: Sequence[Image.Image]) -> "torch.Tensor":
        """Pictures -> what the network takes, (n, 3, height, width), on the CPU."""

    @abstractmethod
    def _features(self, batch: "torch.Tensor") -> "torch.Tensor":
        """A batch on the device -> (n, dimension)."""

    def _encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        import torch

        self._limit_threads()
        parts: list[Vectors] = []
        with torch.inference_mode():
            for start in range(0, len(images), self._options.batch_size):
                chunk = images[start : start + self._options.batch_size]
                parts.append(_to_numpy(self._features(self._images_to_batch(chunk))))
        return np.concatenate(parts)

    def _encode_patches(self, image: Image.Image, whole: bool) -> Patches:
        import torch

        self._limit_threads()
        try:
            with torch.inference_mode():
                batch, area = self._patch_batch(image, whole)
                features = _to_numpy(self._patch_features(batch)[0])
        except Exception as error:
            if is_out_of_memory(error):
                raise OutOfMemory(f"A picture does not fit into {self.device_name}.") from error
            raise
        return as_patches(features, area)

    def _patch_batch(self, image: Image.Image, whole: bool) -> tuple["torch.Tensor", Area]:
        """Of those that see patches: one picture as a batch, and the part of it that is looked at."""
        raise NotImplementedError

    def _patch_features(self, batch: "torch.Tensor") -> "torch.Tensor":
        """Of those that see patches: (n, rows, columns, d)."""
        raise NotImplementedError

    def _limit_threads(self) -> None:
        """Applies the limit on threads; torch keeps it for each calling thread by itself.

        A process that was forked from one that had computed already must use one thread: the
        thread pool of OpenMP does not survive the fork, and waiting for it never ends. CUDA cannot
        be used in such a process at all.
        """
        import torch

        threads = self._options.threads
        if self._loaded_in not in (0, os.getpid()):
            if (self._device or "").startswith("cuda"):
                raise EncoderError(
                    f"The encoder {self.key} was loaded on the graphics card before this process "
                    "was forked, and cannot be used here; load it after the fork."
                )
            threads = 1
        if threads is not None and torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


def _to_numpy(features: "torch.Tensor") -> Vectors:
    return np.asarray(features.float().cpu().numpy(), dtype=np.float32)
