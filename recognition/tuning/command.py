"""`manage.py encoder tune`: the table, the proposal, and what to do with it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime
from tqdm import tqdm

from products.catalogue_import import FolderPhotos
from recognition.calibrating import Labelled
from recognition.embedding import Done, embed_pending
from recognition.indexing import sweep, waiting
from recognition.labelled_files import read_labelled
from recognition.models import Encoder
from recognition.switching.steps import take_over
from recognition.tuning.installing import Proposed, install
from recognition.tuning.kept import digest_of_what_is_looked_at, keep, kept, proposed
from recognition.tuning.tune import Tuning, tune
from recognition.versions import NoActiveEncoder, active_encoder


def add_arguments(parser: ArgumentParser) -> None:
    add_labelled_arguments(parser)
    parser.add_argument(
        "--activate", action="store_true",
        help="take the proposal through filling and rehearsal, and make it active",
    )  # fmt: skip
    parser.add_argument(
        "--again", action="store_true",
        help="with --activate: search anew although the last proposal still holds",
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
    tuning = kept(encoder, labelled) if options["activate"] and not options["again"] else None
    if tuning is None:
        looked_at = digest_of_what_is_looked_at(encoder, labelled)
        tuning = keep(_tune(command, encoder, labelled), looked_at=looked_at)
    else:
        command.stdout.write(
            f"The proposal of {localtime(tuning.created_at):%Y-%m-%d %H:%M}; what it rests on has not"
            " changed since. `--again` searches anew."
        )
    if options["json"]:
        options["json"].write_text(json.dumps(tuning.figures, indent=2))
    command.stdout.write(tuning.text)
    if not tuning.is_change:
        return
    if not options["activate"]:
        command.stdout.write(
            "Nothing was changed. To take the proposal, without searching again:"
            " `encoder tune --activate`."
        )
        return
    _activate(command, proposed(tuning), labelled)


def _tune(command: BaseCommand, encoder: Encoder, labelled: Labelled | None) -> Tuning:
    bars: dict[str, tqdm[Any]] = {}

    def show(what: str, done: int, total: int) -> None:
        bar = bars.get(what)
        if bar is None:
            bar = bars[what] = tqdm(total=total, desc=what, disable=None)
            _say_unless_shown(command, bar, _STAGES[what].format(total=total))
        bar.update(done - bar.n)

    try:
        return tune(encoder, labelled=labelled, on_progress=show)
    finally:
        for bar in bars.values():
            bar.close()


_STAGES = {
    "looking": "Looking at {total} photos in every way (the longest part) ...",
    "trying": "Trying the ways on photos that are held out ...",
}


def _say_unless_shown(command: BaseCommand, bar: "tqdm[Any]", text: str) -> None:
    """A line where no bar is shown, as in a log: whoever waits sees that it goes on."""
    if bar.disable:
        command.stdout.write(text)
        command.stdout.flush()


def _activate(command: BaseCommand, what: Proposed, labelled: Labelled | None) -> None:
    encoder = install(what)
    sweep()
    for each in (encoder.base, encoder):
        if each is not None:
            _fill(command, each)
    with tqdm(unit="question", desc="rehearsing", disable=None) as bar:
        _say_unless_shown(command, bar, "Rehearsing it beside the one that answers ...")

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        text = take_over(encoder, scoring=what.chosen.scoring, labelled=labelled, on_progress=show)
    command.stdout.write(text)


def _fill(command: BaseCommand, encoder: Encoder) -> None:
    total = waiting(encoder)
    with tqdm(total=total, unit="photo", desc=encoder.key, disable=None) as bar:
        if total:
            _say_unless_shown(command, bar, f"Filling {encoder.key}: {total} photos ...")

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
