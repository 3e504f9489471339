"""`manage.py evaluate_search QUERIES.csv --images DIR [--json OUT]`"""

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from products.catalogue_import import FolderPhotos
from products.imports.outcomes import RowError
from products.ready_command import DatabaseCommand
from recognition.encoders import EncoderError
from recognition.evaluation import Outcome, evaluate, summary
from recognition.indexing import waiting
from recognition.labelled_files import read_labelled
from recognition.versions import NoActiveEncoder, active_encoder


class Command(DatabaseCommand):
    help = (
        "Measures search with labelled photos: a CSV file with the columns file and sku (empty:"
        " not in the catalogue)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="QUERIES.csv")
        parser.add_argument("--images", type=Path, metavar="DIR", help="folder of the photos")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")

    def handle(self, *_args: Any, **options: Any) -> None:
        queries = read_labelled(options["file"], self._warn)
        try:
            encoder = active_encoder()
        except NoActiveEncoder as error:
            raise CommandError(str(error)) from error
        if left := waiting(encoder):
            self._warn(f"{left} photos have no vector yet; run `embed` for full figures.")
        outcomes: list[Outcome] = []
        folder = FolderPhotos(options["images"] or options["file"].parent)
        try:
            for outcome in tqdm(
                evaluate(queries, folder), total=len(queries), unit="query", disable=None
            ):
                outcomes.append(outcome)  # noqa: PERF402 - the bar advances with each
        except (RowError, ValidationError) as error:
            text = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise CommandError(f"{queries[len(outcomes)].file}: {text}") from error
        except EncoderError as error:
            raise CommandError(str(error)) from error
        figures = summary(outcomes, encoder=encoder.key)
        text = json.dumps(figures, indent=2)
        if options["json"]:
            options["json"].write_text(text)
        self.stdout.write(text)

    def _warn(self, text: str) -> None:
        self.stderr.write(self.style.WARNING(text))
