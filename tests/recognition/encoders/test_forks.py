"""Web servers fork: an encoder and a shared batch that were used before still work after."""

import os
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.real_encoder,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
]

# In a process of its own: a fork of the test process would inherit pytest and its threads.
_SCRIPT = """
import os
import signal
import threading
import numpy as np
from PIL import Image
from recognition.encoders import PACKAGED_KEY, EncoderOptions, SharedBatch, build_encoder

noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
picture = Image.fromarray(noise)
encoder = build_encoder(PACKAGED_KEY, EncoderOptions(device="cpu"))
shared = SharedBatch(encoder)
before = encoder.encode_images([picture] * 4)[0]

# Forks while another thread holds the locks, as a busy server may.
encoder._lock.acquire()
shared._lock.acquire()
child = os.fork()
if child == 0:
    signal.alarm(30)
    after = encoder.encode_images([picture] * 4)[0]
    again = shared.encode_image(picture)
    same = np.allclose(before, after, atol=1e-5) and np.allclose(before, again, atol=1e-5)
    os._exit(0 if same else 3)
_, status = os.waitpid(child, 0)
raise SystemExit(os.waitstatus_to_exitcode(status))
"""


def test_used_before_and_after_a_fork() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
