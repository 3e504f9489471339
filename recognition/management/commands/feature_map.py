"""`manage.py feature_map [--method tsne] [--of photos|products] [--perplexity N] [--json OUT]`"""

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from products.ready_command import DatabaseCommand
from recognition.feature_map_queue import sweep_maps
from recognition.feature_map_words import STAGES, adapter_line, quality_rows, summary
from recognition.feature_maps import (
    MOST_POINTS,
    PERPLEXITY,
    SEED,
    AlreadyBuilding,
    begin_map,
    build_map,
)
from recognition.indexing import waiting
from recognition.models import FeatureMap
from recognition.versions import NoActiveEncoder, active_encoder


class Command(DatabaseCommand):
    help = (
        "Lays the catalogue's photos, or its products, out on a plane, near to what looks alike."
        " The admin shows the map."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--method", choices=FeatureMap.Method.values, default="tsne")
        parser.add_argument("--of", choices=FeatureMap.Subject.values, default="photos")
        parser.add_argument(
            "--perplexity", type=float, default=PERPLEXITY, metavar="N",
            help="about how many neighbours count; taken as far as the number of points allows",
        )  # fmt: skip
        parser.add_argument(
            "--seed", type=_seed, default=SEED, metavar="N", help="of what is drawn by lot"
        )
        parser.add_argument(
            "--limit", type=int, default=MOST_POINTS, metavar="N",
            help=f"most points; of more, so many are drawn by lot (default and most: {MOST_POINTS})",
        )  # fmt: skip
        parser.add_argument(
            "--json", type=Path, metavar="OUT", help="write figures and points here"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            encoder = active_encoder()
        except NoActiveEncoder as error:
            raise CommandError(str(error)) from error
        if left := waiting(encoder):
            self.stderr.write(
                self.style.WARNING(f"{left} photos have no vector yet and are left out.")
            )
        sweep_maps()
        try:
            feature_map = begin_map(
                encoder=encoder,
                subject=options["of"],
                method=options["method"],
                perplexity=options["perplexity"],
                seed=options["seed"],
                limit=options["limit"],
            )
        except (ValidationError, AlreadyBuilding) as error:
            text = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise CommandError(text) from error
        built = _build(feature_map)
        if built is None:
            raise CommandError("Somebody deleted the map while it was built.")
        if options["json"]:
            options["json"].write_text(json.dumps(_as_json(built)))
        self.stdout.write(f"#{built.pk}: {summary(built)}")
        for row in quality_rows(built):
            self.stdout.write(f"{row['name']}: {row['value']}")
        if line := adapter_line(built):
            self.stdout.write(line)
        self.stdout.write(f"{built.quality['seconds']} s")


def _build(feature_map: FeatureMap) -> FeatureMap | None:
    stages = set()
    with tqdm(unit="step", disable=None) as bar:

        def show(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages.add(stage)
                bar.set_description(str(STAGES[stage]), refresh=False)
                bar.reset(total)
            bar.update(done - bar.n)

        return build_map(feature_map=feature_map, on_progress=show)


def _as_json(built: FeatureMap) -> dict[str, Any]:
    names = ("image", "product", "x", "y", "first")
    points = built.read_points()
    return {
        "map": built.pk,
        "encoder": built.encoder.key,
        "of": built.subject,
        "method": built.method,
        "seed": built.seed,
        "parameters": built.parameters,
        "sample": built.sample,
        "quality": built.quality,
        "points": [dict(zip(names, row, strict=True)) for row in points.tolist()],
    }


def _seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed < 2**31:
        raise ValueError(text)
    return seed
