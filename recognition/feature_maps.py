"""Feature maps: begun, built with progress, kept."""

from collections.abc import Callable
from dataclasses import asdict
from time import monotonic
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from recognition.background_runs import fail_run
from recognition.feature_map_vectors import Subjects, subjects_of
from recognition.held_out_spaces import HELD_OUT, IN_SAMPLE, held_out_spaces
from recognition.models import POINT, Encoder, FeatureMap
from recognition.projection import (
    ALONE,
    Layout,
    Settings,
    first_in_gallery,
    first_is_right,
    lay_out,
    measure_quality,
)

SEED = 20_260_101
PERPLEXITY = 30.0
LEAST_PERPLEXITY, MOST_PERPLEXITY = 2.0, 200.0
# What a browser draws fluently without a graphics card, and t-SNE lays out in minutes.
MOST_POINTS = 20_000
_SECONDS_BETWEEN_SIGNS = 1.0

Progress = Callable[[str, int, int], None]


class AlreadyBuilding(Exception):
    """A map of this encoder is being built."""


class _Deleted(Exception):
    """Somebody deleted the map while it was built: there is nothing to build it for."""


def begin_map(
    *,
    encoder: Encoder,
    subject: str = FeatureMap.Subject.PHOTOS,
    method: str = FeatureMap.Method.TSNE,
    perplexity: float = PERPLEXITY,
    seed: int = SEED,
    limit: int = MOST_POINTS,
    by: Any = None,
) -> FeatureMap:
    """
    Raises:
        ValidationError: a setting that no map can have.
        AlreadyBuilding: one is being built.
    """
    feature_map = FeatureMap(
        encoder=encoder,
        subject=subject,
        method=method,
        seed=seed,
        parameters={"perplexity": float(perplexity), "limit": int(limit)},
        created_by=by,
    )
    if not LEAST_PERPLEXITY <= perplexity <= MOST_PERPLEXITY:
        raise ValidationError(
            _("The perplexity is between %(least)d and %(most)d.")
            % {"least": LEAST_PERPLEXITY, "most": MOST_PERPLEXITY}
        )
    if not 1 <= limit <= MOST_POINTS:
        raise ValidationError(_("A map has between 1 and %(most)d points.") % {"most": MOST_POINTS})
    feature_map.clean_fields(exclude=["encoder", "created_by"])
    try:
        with transaction.atomic():
            feature_map.save()
    except IntegrityError as error:
        raise AlreadyBuilding(
            _("A map of %(encoder)s is being built. Wait for it, or delete it.")
            % {"encoder": encoder}
        ) from error
    return feature_map


def build_map(
    *,
    feature_map: FeatureMap,
    on_progress: Progress = lambda _stage, _done, _total: None,
) -> FeatureMap | None:
    """Does what a map was begun for. It is `done` or `failed`, with a reason, afterwards; None if it
    was deleted meanwhile. Run twice, even at once, it is the same map.
    """
    FeatureMap.objects.filter(pk=feature_map.pk).update(
        attempts=F("attempts") + 1, touched_at=timezone.now()
    )
    started = monotonic()
    try:
        points, facts = _build(feature_map, _signs_of_life(feature_map, on_progress))
    except _Deleted:
        return None
    except Exception as error:
        fail_run(feature_map, f"{type(error).__name__}: {error}")
        raise
    facts["quality"]["seconds"] = round(monotonic() - started, 1)
    return _keep(feature_map, points, facts)


def newest_map(encoder: Encoder | None = None) -> FeatureMap | None:
    """The last one that was finished, of the active encoder if there is one."""
    done = FeatureMap.objects.filter(state=FeatureMap.State.DONE).defer("points")
    done = done.select_related("encoder", "created_by")
    return (done.filter(encoder=encoder).first() if encoder else None) or done.first()


def _build(feature_map: FeatureMap, tell: Progress) -> tuple[Any, dict[str, Any]]:
    parameters, seed = feature_map.parameters, feature_map.seed
    subjects, sample = subjects_of(
        feature_map.encoder,
        feature_map.subject,
        limit=int(parameters["limit"]),
        seed=seed,
        on_rows=lambda done, total: tell("read", done, total),
    )
    layout = lay_out(
        subjects.vectors,
        Settings(method=feature_map.method, perplexity=parameters["perplexity"], seed=seed),
        on_progress=tell,
    )
    first, adapter = _first(feature_map, subjects, tell)
    quality = measure_quality(
        subjects.vectors,
        layout.positions,
        subjects.categories,
        seed=seed,
        on_part=lambda done, total: tell("measure", done, total),
    )
    facts = {
        "sample": sample,
        "quality": {"kl_divergence": layout.kl_divergence, **asdict(quality), **adapter},
        "used": {
            "method": layout.method,
            "components": layout.components,
            "perplexity": layout.perplexity,
            "iterations": layout.iterations,
        },
    }
    return _points(subjects, layout, first), facts


def _first(
    feature_map: FeatureMap, subjects: Subjects, tell: Progress
) -> tuple[Any, dict[str, str]]:
    """What the nearest other photo of each shows; and of an adapted encoder, which has learned the
    photos, whether they were held out of it.
    """
    encoder, first = feature_map.encoder, np.full(len(subjects.vectors), ALONE, dtype=np.int8)
    of_photos = feature_map.subject == FeatureMap.Subject.PHOTOS
    if encoder.base_id is not None and of_photos:
        spaces = held_out_spaces(encoder, subjects.images.tolist(), subjects.products)
        if spaces is not None:
            of = subjects.products
            for done, space in enumerate(spaces, 1):
                first[space.held_out] = first_in_gallery(
                    space.asked, of[space.held_out], space.gallery, of[space.others]
                )
                tell("first", done, len(spaces))
            return first, {"adapter": HELD_OUT}
    if of_photos:
        first = first_is_right(
            subjects.vectors,
            subjects.products,
            on_part=lambda done, total: tell("first", done, total),
        )
    return first, {"adapter": IN_SAMPLE} if encoder.base_id is not None else {}


def _points(subjects: Subjects, layout: Layout, first: Any) -> Any:
    points = np.zeros(len(subjects.vectors), dtype=POINT)
    points["image"], points["product"] = subjects.images, subjects.products
    points["x"], points["y"] = layout.positions.T
    points["first"] = first
    return points


@transaction.atomic
def _keep(feature_map: FeatureMap, points: Any, facts: dict[str, Any]) -> FeatureMap | None:
    locked = FeatureMap.objects.select_for_update().filter(pk=feature_map.pk).first()
    if locked is None:
        return None
    if locked.state == FeatureMap.State.RUNNING:  # nobody did the same meanwhile
        locked.points = points.tobytes()
        locked.sample, locked.quality = facts["sample"], facts["quality"]
        locked.parameters = {**locked.parameters, "used": facts["used"]}
        locked.state, locked.finished_at = FeatureMap.State.DONE, timezone.now()
        locked.stage, locked.done = "", locked.total
        locked.save()
    return locked


def _signs_of_life(feature_map: FeatureMap, on_progress: Progress) -> Progress:
    last, last_stage = 0.0, ""

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal last, last_stage
        now = monotonic()
        if now - last > _SECONDS_BETWEEN_SIGNS or stage != last_stage:
            last, last_stage = now, stage
            there = FeatureMap.objects.filter(pk=feature_map.pk).update(
                stage=stage, done=done, total=total, touched_at=timezone.now()
            )
            if not there:
                raise _Deleted
        on_progress(stage, done, total)

    return tell
