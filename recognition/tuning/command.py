"""`manage.py encoder tune`: the table, the proposal, and what to do with it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from products.catalogue_import import FolderPhotos
from recognition.calibrating import Labelled
from recognition.embedding import Done, embed_pending
from recognition.indexing import sweep, waiting
from recognition.labelled_files import read_labelled
from recognition.models import Encoder
from recognition.switching.steps import take_over
from recognition.tuning.installing import install
from recognition.tuning.report import as_data, as_text
from recognition.tuning.tune import Tuning, tune
from recognition.versions import NoActiveEncoder, active_encoder


def add_arguments(parser: ArgumentParser) -> None:
    add_labelled_arguments(parser)
    parser.add_argument(
        "--activate", action="store_true",
        help="take the proposal through filling and rehearsal, and make it active",
    )  # fmt: skip


def add_labelled_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--labelled", type=Path, metavar="QUERIES.csv",
        help="photos that were asked with (columns file and sku)",
    )  # fmt: skip
    parser.add_argument("--images", type=Path, metavar="DIR", help="folder of those photos")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")


def handle(command: BaseCommand, **options: Any) -> None:
    try:
        encoder = active_encoder()
    except NoActiveEncoder as error:
        raise CommandError(str(error)) from error
    labelled = labelled_of(command, options)
    tuning = _tune(encoder, labelled)
    if options["json"]:
        options["json"].write_text(json.dumps(as_data(tuning), indent=2))
    command.stdout.write(as_text(tuning))
    if tuning.proposal.verdict != "change":
        return
    if not options["activate"]:
        command.stdout.write(
            "Nothing was changed. To take the proposal: `encoder tune --activate`."
        )
        return
    _activate(command, tuning, labelled)


def _tune(encoder: Encoder, labelled: Labelled | None) -> Tuning:
    bars: dict[str, tqdm[Any]] = {}

    def show(what: str, done: int, total: int) -> None:
        bar = bars.get(what)
        if bar is None:
            bar = bars[what] = tqdm(total=total, desc=what, disable=None)
        bar.update(done - bar.n)

    try:
        return tune(encoder, labelled=labelled, on_progress=show)
    finally:
        for bar in bars.values():
            bar.close()


def _activate(command: BaseCommand, tuning: Tuning, labelled: Labelled | None) -> None:
    encoder = install(tuning)
    sweep()
    for each in (encoder.base, encoder):
        if each is not None:
            _fill(each)
    with tqdm(unit="question", desc="rehearsing", disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        text = take_over(
            encoder,
            scoring=tuning.proposal.chosen.scoring,
            labelled=labelled,
            on_progress=show,
        )
    command.stdout.write(text)


def _fill(encoder: Encoder) -> None:
    with tqdm(total=waiting(encoder), unit="photo", desc=encoder.key, disable=None) as bar:

        def show(done: Done) -> None:
            bar.update(done.total - bar.n)

        embed_pending(encoder, on_progress=show)


def labelled_of(command: BaseCommand, options: dict[str, Any]) -> Labelled | None:
    def warn(text: str) -> None:
        command.stderr.write(command.style.WARNING(text))

    path: Path | None = options["labelled"]
    if path is None:
        if options["images"]:
            raise CommandError("--images is the folder of the --labelled photos: give both.")
        return None
    return Labelled(read_labelled(path, warn), FolderPhotos(options["images"] or path.parent))
