"""Processes that die in the middle: nothing is lost, nothing doubled, and the killer is found."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.db import connection

from products.imaging import prepare_photo
from products.photos import add_photo, describe, photo_limits
from recognition.models import Encoder, ImageEmbedding
from tests.factories import ProductFactory, with_photo
from tests.pictures import encoded, product_photo

pytestmark = pytest.mark.django_db(transaction=True)

# A worker of its own process: it dies by SIGKILL when it sees a picture that is all red, and takes
# its time with others, so that it can be killed in the middle of a batch.
WORKER = textwrap.dedent(
    """
    import functools, os, signal, sys, time
    import django
    django.setup()
    from django.conf import settings
    from django.db import connections
    connections["default"].settings_dict["NAME"] = sys.argv[1]
    settings.MEDIA_ROOT = sys.argv[2]
    settings.EMBEDDING_LEASE_SECONDS = float(sys.argv[3])
    settings.ENCODER_BATCH_SIZE = 4
    import numpy as np
    from recognition import loaded
    from recognition.embedding import embed_pending
    from recognition.encoders.pixel import PixelEncoder
    from recognition.models import Encoder

    class Fragile(PixelEncoder):
        def encode_images(self, images):
            for image in images:
                if np.asarray(image.convert("RGB").resize((1, 1)))[0, 0].tolist()[1] < 5:
                    os.kill(os.getpid(), signal.SIGKILL)
            print("batch", len(images), flush=True)
            time.sleep(float(sys.argv[4]))
            return super().encode_images(images)

    loaded._build = functools.cache(lambda key: Fragile())
    print(embed_pending(Encoder.objects.get()), flush=True)
    """
)


def start_worker(lease: float, seconds_a_batch: float = 0.0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]),
            str(django_settings.MEDIA_ROOT), str(lease), str(seconds_a_batch),
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )  # fmt: skip


def test_a_photo_that_kills_the_process_ends_failed_and_the_others_go_on(
    encoder: Encoder,
) -> None:
    from PIL import Image

    innocent = [with_photo(seed).pk for seed in range(1, 4)]
    red = encoded(Image.new("RGB", (64, 64), (250, 0, 0)), "PNG")
    killer = add_photo(product=ProductFactory(), data=red).image.pk
    innocent += [with_photo(seed).pk for seed in range(4, 7)]

    codes = []
    for _ in range(8):
        worker = start_worker(lease=0.01)
        worker.communicate(timeout=60)
        codes.append(worker.returncode)
        time.sleep(0.05)
        if worker.returncode == 0:
            break
    assert codes == [-signal.SIGKILL] * 3 + [0]
    states = dict(ImageEmbedding.objects.values_list("image_id", "state"))
    assert states == {killer: "failed", **dict.fromkeys(innocent, "ready")}
    assert "stopped 3 times" in ImageEmbedding.objects.failed().get().reason


def test_kill_9_in_the_middle_of_a_batch_loses_and_doubles_nothing(encoder: Encoder) -> None:
    images = [with_photo(seed).pk for seed in range(12)]
    victim = start_worker(lease=1.0, seconds_a_batch=30)
    assert victim.stdout is not None
    assert victim.stdout.readline().startswith("batch")
    victim.kill()
    victim.wait()
    assert ImageEmbedding.objects.ready().count() == 0

    time.sleep(1.1)
    workers = [start_worker(lease=30.0) for _ in range(2)]
    outputs = [worker.communicate(timeout=60)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert sum(int(out.split("ready=")[1].split(",")[0]) for out in outputs) == 12
    ready = ImageEmbedding.objects.ready()
    assert sorted(ready.values_list("image_id", flat=True)) == sorted(images)


def test_a_photo_changed_while_it_is_worked_on_is_embedded_anew(encoder: Encoder) -> None:
    image = with_photo(1)
    worker = start_worker(lease=30.0, seconds_a_batch=1.5)
    assert worker.stdout is not None
    assert worker.stdout.readline().startswith("batch")
    prepared = prepare_photo(product_photo(2), photo_limits())
    describe(image, prepared)
    image.file = ContentFile(prepared.content, name="photo.jpg")
    image.save()
    out, _ = worker.communicate(timeout=60)
    # The first answer was for the old file and is dropped; the loop then sees the new one.
    assert "ready=1" in out
    embedding = ImageEmbedding.objects.get()
    assert (embedding.state, embedding.digest) == ("ready", image.digest)
