"""Feature maps in the background. One that is running is the truth; a job only says so."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from recognition.background_runs import is_given_up, lost_runs
from recognition.feature_maps import begin_map, build_map
from recognition.models import FeatureMap

FEATURE_MAP_TASK = "recognition.feature_map"
# Finding the neighbours of 20,000 points gives no sign of life, and takes a minute or two.
_SILENT = timedelta(minutes=10)


@transaction.atomic
def request_map(**wanted: Any) -> FeatureMap:
    """Begins a map, which a worker builds; takes what `begin_map` takes.

    Raises:
        ValidationError, AlreadyBuilding: as `begin_map`.
    """
    feature_map = begin_map(**wanted)
    _defer(feature_map.pk)
    return feature_map


def work_on_map(map_id: int) -> None:
    """Builds a map that is still to be built, from the beginning; run twice, it is built once."""
    rows = FeatureMap.objects.select_related("encoder").defer("points")
    feature_map = rows.filter(pk=map_id).first()
    # Building it counts the attempt: commands build, too.
    if feature_map is not None and feature_map.is_running and not is_given_up(feature_map):
        build_map(feature_map=feature_map)


def sweep_maps() -> int:
    """Maps that nobody works on any more are begun anew; returns how many were lost.

    Those of a worker that was killed come back with their job (see `revive_jobs`): here are those of
    commands that were killed, and whatever lost its job.
    """
    maps = FeatureMap.objects.defer("points")
    lost = maps.in_bulk(lost_runs(maps, task=FEATURE_MAP_TASK, argument="map_id", silent=_SILENT))
    for pk, feature_map in lost.items():
        if is_given_up(feature_map):
            continue
        with transaction.atomic():
            FeatureMap.objects.filter(pk=pk).update(touched_at=timezone.now())
            _defer(pk)
    return len(lost)


def _defer(map_id: int) -> None:
    app.configure_task(FEATURE_MAP_TASK, lock=FEATURE_MAP_TASK).defer(map_id=map_id)
