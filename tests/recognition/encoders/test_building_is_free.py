"""Importing the package and building any encoder imports no network library."""

import subprocess
import sys

_SCRIPT = """
import sys
import time
from recognition.encoders import (
    CLIP_KEY, PACKAGED_KEY, PIXEL_KEY, EncoderOptions, SharedBatch, build_encoder, choose,
    weights_at_hand,
)
options = EncoderOptions(allow_test_encoders=True)
start = time.perf_counter()
built = [build_encoder(key, options) for key in (CLIP_KEY, PACKAGED_KEY, PIXEL_KEY)]
assert time.perf_counter() - start < 0.5
SharedBatch(built[0])
assert [(e.dimension, e.speaks_text, e.input_side) for e in built] == [
    (512, True, 224), (1280, False, 256), (512, False, 64)
]
assert built[0].device_name == "auto"
assert build_encoder("open_clip:ViT-L-14-336:openai", options).dimension == 768
assert choose("packaged", None).key == PACKAGED_KEY
weights_at_hand()
heavy = {"torch", "torchvision", "open_clip", "timm", "django"} & set(sys.modules)
assert not heavy, heavy
"""


def test_building_is_free() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
