"""A process that is killed while it builds a feature map: another one builds the same."""

import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from recognition.feature_map_queue import sweep_maps, work_on_map
from recognition.feature_maps import begin_map, build_map
from recognition.models import Encoder, FeatureMap
from tests.recognition.spaces import catalogue

pytestmark = pytest.mark.django_db(transaction=True)

# Says so when it is in the middle, and stays there.
BUILDER = textwrap.dedent(
    """
    import sys, time
    import django
    django.setup()
    from django.db import connections
    connections["default"].settings_dict["NAME"] = sys.argv[1]
    from recognition.feature_maps import build_map
    from recognition.models import FeatureMap

    def slow(stage, done, total):
        if stage == "arrange" and done == 100:
            print(stage, done, total, flush=True)
            time.sleep(60)

    build_map(feature_map=FeatureMap.objects.get(pk=sys.argv[2]), on_progress=slow)
    """
)


def test_kill_9_in_the_middle_loses_nothing(encoder: Encoder) -> None:
    catalogue(encoder, products=10, photos=3)
    whole = build_map(feature_map=begin_map(encoder=encoder, seed=7))
    feature_map = begin_map(encoder=encoder, seed=7)
    victim = subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(connection.settings_dict["NAME"]), str(feature_map.pk)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert victim.stdout is not None
    assert victim.stdout.readline().split() == ["arrange", "100", "1000"]
    victim.kill()
    victim.wait()

    feature_map.refresh_from_db()
    assert feature_map.is_running
    assert (feature_map.stage, feature_map.total) == ("arrange", 1000)
    FeatureMap.objects.filter(pk=feature_map.pk).update(
        touched_at=timezone.now() - timedelta(minutes=11)
    )
    assert sweep_maps() == 1
    work_on_map(feature_map.pk)
    feature_map.refresh_from_db()
    assert feature_map.state == "done"
    assert feature_map.attempts == 2
    assert whole is not None
    assert bytes(feature_map.points or b"") == bytes(whole.points or b"")
