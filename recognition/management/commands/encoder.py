"""`manage.py encoder list|add|tune|rehearse|activate|rollback|retire`"""

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from products.imports.outcomes import RowError
from products.ready_command import DatabaseCommand
from recognition.encoders import EncoderError
from recognition.indexing import waiting
from recognition.models import Encoder
from recognition.switching.activating import (
    CannotActivate,
    LosesThresholds,
    activate,
    roll_back,
)
from recognition.switching.adding import add_encoder
from recognition.switching.rehearsing import CannotRehearse, begin_rehearsal, rehearse
from recognition.switching.report import as_data, as_text
from recognition.switching.retiring import CannotRetire, retire
from recognition.switching.thresholds import has_thresholds, no_thresholds_text
from recognition.tuning import command as tuning

_REFUSALS = (EncoderError, CannotActivate, CannotRehearse, CannotRetire)


class Command(DatabaseCommand):
    help = "The encoders: what there is, and changing the one that answers without an outage."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="all encoders, the active one first")
        add = actions.add_parser("add", help="an encoder beside the others; workers fill it")
        add.add_argument("key", metavar="KEY", help="library:architecture:weights[:views]")
        tuning.add_arguments(
            actions.add_parser("tune", help="find the best crops, adapter and scoring here")
        )
        rehearsal = actions.add_parser(
            "rehearse", help="replay queries on it and on the active one"
        )
        rehearsal.add_argument("key", metavar="KEY")
        tuning.add_labelled_arguments(rehearsal)
        activation = actions.add_parser("activate", help="let it answer from now on")
        activation.add_argument("key", metavar="KEY")
        activation.add_argument(
            "--force", action="store_true",
            help="although photos are not ready: they cannot be found until they are",
        )  # fmt: skip
        activation.add_argument(
            "--without-thresholds", action="store_true",
            help="although answers lose their verdicts: no thresholds were measured for it",
        )  # fmt: skip
        actions.add_parser("rollback", help="let the one before answer again")
        retirement = actions.add_parser("retire", help="remove its vectors and its index")
        retirement.add_argument("key", metavar="KEY")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(**options)
        except _REFUSALS as error:
            raise CommandError(str(error)) from error
        except (RowError, ValidationError) as error:
            text = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise CommandError(f"A labelled photo cannot be used: {text}") from error

    def _list(self, **_options: Any) -> None:
        encoders = Encoder.objects.order_by("state", "-activated_at")
        if not encoders:
            self.stdout.write("No encoder yet: `manage.py embed` settles one.")
        for encoder in encoders:
            photos = encoder.embeddings
            self.stdout.write(
                f"{encoder.state:9} {encoder.key} ({encoder.dimension} numbers,"
                f" {'photos and words' if encoder.speaks_text else 'photos only'},"
                f" {encoder.scoring}):"
                f" {photos.ready().count()} ready, {photos.pending().count()} waiting,"
                f" {photos.failed().count()} failed"
            )
            if encoder.fallback_reason:
                self.stdout.write(f"          fallback: {encoder.fallback_reason}")

    def _add(self, *, key: str, **_options: Any) -> None:
        encoder = add_encoder(key)
        self.stdout.write(
            f"{encoder.key}: {encoder.get_state_display()}, {waiting(encoder)} photos to look at."
            " Workers do it in the background; `manage.py embed` does it here."
        )

    def _tune(self, **options: Any) -> None:
        tuning.handle(self, **options)

    def _rehearse(self, *, key: str, **options: Any) -> None:
        labelled = tuning.labelled_of(self, options)
        rehearsal = begin_rehearsal(encoder=_encoder(key))
        with tqdm(unit="question", disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            rehearsal = rehearse(rehearsal, labelled=labelled, on_progress=show)
        out: Path | None = options["json"]
        if out:
            out.write_text(json.dumps(as_data(rehearsal), indent=2))
        self.stdout.write(as_text(rehearsal))

    def _activate(
        self, *, key: str, force: bool, without_thresholds: bool, **_options: Any
    ) -> None:
        try:
            activation = activate(_encoder(key), force=force, without_thresholds=without_thresholds)
        except LosesThresholds as error:
            raise CommandError(
                f"{no_thresholds_text()} Answers carry verdicts now. `encoder rehearse {key}`"
                " measures thresholds for it; --without-thresholds accepts that there are none."
            ) from error
        self.stdout.write(f"{activation.encoder.key} is active.")
        if not has_thresholds(activation.encoder):
            self.stderr.write(self.style.WARNING(no_thresholds_text()))
        if activation.missing_photos:
            self.stderr.write(
                self.style.WARNING(
                    f"{activation.missing_photos} photos cannot be found until it has seen them."
                )
            )

    def _rollback(self, **_options: Any) -> None:
        activation = roll_back()
        self.stdout.write(f"{activation.encoder.key} is active again.")

    def _retire(self, *, key: str, **_options: Any) -> None:
        with tqdm(unit="vector", disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            number = retire(_encoder(key), on_progress=show)
        self.stdout.write(f"{key} is retired; {number} vectors and its index were removed.")


def _encoder(key: str) -> Encoder:
    encoder = Encoder.objects.filter(key=key).first()
    if encoder is None:
        raise CommandError(f"There is no encoder {key!r}; see `encoder list`.")
    return encoder
