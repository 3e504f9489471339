"""`manage.py similarity_report [--seed N] [--labelled QUERIES.csv --images DIR] [--json OUT]`"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from products.catalogue_import import FolderPhotos
from products.imports.outcomes import RowError
from products.ready_command import DatabaseCommand
from recognition.calibrating import Labelled
from recognition.encoders import EncoderError
from recognition.indexing import waiting
from recognition.labelled_files import read_labelled
from recognition.models import SimilarityReport
from recognition.similarity_queue import sweep_reports
from recognition.similarity_report import (
    SEED,
    AlreadyRunning,
    begin_report,
    build_similarity_report,
)
from recognition.similarity_words import COLUMNS, EVIDENCE_NAMES, evidence_of, remarks, table_of
from recognition.versions import NoActiveEncoder, active_encoder


class Command(DatabaseCommand):
    help = (
        "Compares the metrics of similarity on the catalogue's own photos, on sightings that people"
        " judged, and on labelled photos where they are given. The admin shows the report."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seed", type=_seed, default=SEED, metavar="N", help="of what is drawn by lot"
        )
        parser.add_argument(
            "--labelled", type=Path, metavar="QUERIES.csv",
            help="photos as people ask with them: columns file and sku (empty: not in the catalogue)",
        )  # fmt: skip
        parser.add_argument("--images", type=Path, metavar="DIR", help="folder of those photos")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            encoder = active_encoder()
        except NoActiveEncoder as error:
            raise CommandError(str(error)) from error
        if left := waiting(encoder):
            self._warn(f"{left} photos have no vector yet and are left out.")
        labelled = _labelled(options, self._warn)
        sweep_reports()
        try:
            report = begin_report(encoder=encoder, seed=options["seed"])
        except AlreadyRunning as error:
            raise CommandError(
                f"{error} Wait for it, or stop the worker that builds it."
            ) from error
        report = self._build(report, labelled)
        if options["json"]:
            data = {"report": report.pk, "encoder": encoder.key, "seed": report.seed}
            data |= {"sample": report.sample, **report.figures}
            options["json"].write_text(json.dumps(data, indent=2))
        self.stdout.write(_as_text(report))

    def _warn(self, text: str) -> None:
        self.stderr.write(self.style.WARNING(text))

    def _build(self, report: SimilarityReport, labelled: Labelled | None) -> SimilarityReport:
        try:
            with tqdm(unit="step", disable=None) as bar:

                def show(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                return build_similarity_report(report=report, labelled=labelled, on_progress=show)
        except (RowError, ValidationError) as error:
            text = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise CommandError(f"A labelled photo cannot be used: {text}") from error
        except EncoderError as error:
            raise CommandError(str(error)) from error


def _as_text(report: SimilarityReport) -> str:
    lines = []
    for evidence in evidence_of(report):
        lines.append(f"{EVIDENCE_NAMES[evidence]}:")
        rows = [["", *(str(heading) for _name, heading, _share in COLUMNS)]]
        rows += [[str(row["name"]), *row["cells"]] for row in table_of(report, evidence)]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        lines += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
    return "\n".join([*lines, *remarks(report)])


def _labelled(options: dict[str, Any], warn: Callable[[str], None]) -> Labelled | None:
    path: Path | None = options["labelled"]
    if path is None:
        if options["images"]:
            raise CommandError("--images is the folder of the --labelled photos: give both.")
        return None
    return Labelled(read_labelled(path, warn), FolderPhotos(options["images"] or path.parent))


def _seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed < 2**31:
        raise ValueError(text)
    return seed
