"""Workers that are killed in the middle of a photo, for real, and photos that go meanwhile."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from products.imaging.renditions import RECIPE, renditions_of
from products.models import ProductImage, RenditionAttempt
from products.renditions.claims import sweep
from products.renditions.files import rendition_name
from products.renditions.making import make_due
from tests.factories import with_photo

pytestmark = pytest.mark.django_db(transaction=True)

# Killed by itself when it has written so many files.
_WORKER = textwrap.dedent(
    """
    import os, signal, sys
    import django
    django.setup()
    from django.conf import settings
    from django.db import connections
    connections["default"].settings_dict["NAME"] = sys.argv[1]
    settings.MEDIA_ROOT = sys.argv[2]
    from products.renditions import making
    write, left = making._write, [int(sys.argv[3])]

    def counted(*arguments):
        write(*arguments)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    making._write = counted
    making.make_due()
    """
)


def work_until_killed(files: int) -> None:
    name, media = str(connection.settings_dict["NAME"]), str(settings.MEDIA_ROOT)
    worker = subprocess.run(
        [sys.executable, "-c", _WORKER, name, media, str(files)],
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        timeout=120,
        check=False,
    )
    assert worker.returncode == -signal.SIGKILL


def expire() -> None:
    RenditionAttempt.objects.update(leased_until=timezone.now() - timedelta(hours=1))


def stored() -> set[str]:
    root = Path(default_storage.path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("files", [1, 4, 8])
def test_all_are_made_in_the_end_and_nothing_else_is_there(files: int) -> None:
    images = [with_photo(seed) for seed in range(2)]  # of six files each
    work_until_killed(files)
    assert make_due().total < 2
    expire()
    make_due()
    expected = set()
    for image in images:
        image.refresh_from_db()
        assert image.renditions == RECIPE
        every = renditions_of((image.width, image.height), transparent=False)
        expected |= {image.file.name, *(rendition_name(image.file.name, each) for each in every)}
    assert stored() == expected
    assert not RenditionAttempt.objects.exists()


def test_a_photo_that_is_deleted_afterwards_leaves_nothing() -> None:
    image = with_photo(1)
    work_until_killed(3)
    assert len(stored()) > 1
    ProductImage.objects.get(pk=image.pk).delete()
    expire()
    sweep()
    assert stored() == set()
    assert not RenditionAttempt.objects.exists()
