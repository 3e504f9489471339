"""`manage.py calibrate [--target-error 0.05] [--labelled QUERIES.csv --images DIR] [--json OUT]`"""

import argparse
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
from recognition.calibrating import AlreadyCalibrating, Labelled, begin_run, calibrate
from recognition.calibration_queue import sweep_calibrations
from recognition.calibration_report import as_data, as_text
from recognition.calibrations import apply_run
from recognition.encoders import EncoderError
from recognition.indexing import waiting
from recognition.labelled_files import read_labelled
from recognition.models import CalibrationRun
from recognition.versions import NoActiveEncoder, active_encoder


class Command(DatabaseCommand):
    help = (
        "Measures how sure answers may be, and puts the thresholds in force: from the catalogue's own"
        " photos, from sightings that people judged, and from labelled photos where they are given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--target-error", type=_share, default=0.05, metavar="SHARE",
            help="at most such a share of matches may be wrong (default 0.05)",
        )  # fmt: skip
        parser.add_argument(
            "--labelled", type=Path, metavar="QUERIES.csv",
            help="photos as people ask with them: columns file and sku (empty: not in the"
            " catalogue), a fair sample of what is asked",
        )  # fmt: skip
        parser.add_argument("--images", type=Path, metavar="DIR", help="folder of those photos")
        parser.add_argument(
            "--unknown-share", type=_share_or_none, metavar="SHARE",
            help="share of photos of unknown products for which to promise; default: as among the"
            " labelled and audited photos, where some are unknown, else RETAILVISION_UNKNOWN_SHARE",
        )  # fmt: skip
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")
        parser.add_argument(
            "--propose", action="store_true",
            help="only measure: what is in force stays, and staff may apply it in the admin",
        )  # fmt: skip

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            encoder = active_encoder()
        except NoActiveEncoder as error:
            raise CommandError(str(error)) from error
        if left := waiting(encoder):
            self._warn(f"{left} photos have no vector yet; run `embed` for full figures.")
        labelled = _labelled(options, self._warn)
        sweep_calibrations()
        try:
            run = begin_run(
                encoder=encoder,
                target_error=options["target_error"],
                unknown_share=options["unknown_share"],
            )
        except AlreadyCalibrating as error:
            raise CommandError(f"{error} Wait for it, or stop the worker that makes it.") from error
        try:
            with tqdm(unit="photo", disable=None) as bar:

                def show(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                run = calibrate(run, labelled=labelled, on_progress=show)
        except (RowError, ValidationError) as error:
            text = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise CommandError(f"A labelled photo cannot be used: {text}") from error
        except EncoderError as error:
            raise CommandError(str(error)) from error
        if run.state == CalibrationRun.State.FAILED:
            raise CommandError(run.reason)
        if not options["propose"]:
            apply_run(run=run)
        if options["json"]:
            options["json"].write_text(json.dumps(as_data(run), indent=2))
        self.stdout.write(as_text(run, applied=not options["propose"]))

    def _warn(self, text: str) -> None:
        self.stderr.write(self.style.WARNING(text))


def _labelled(options: dict[str, Any], warn: Callable[[str], None]) -> Labelled | None:
    path: Path | None = options["labelled"]
    if path is None:
        if options["images"]:
            raise CommandError("--images is the folder of the --labelled photos: give both.")
        return None
    return Labelled(read_labelled(path, warn), FolderPhotos(options["images"] or path.parent))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text}: write a share between 0 and 1, as in 0.05")
    return share


def _share_or_none(text: str) -> float | None:
    return 0.0 if text.strip() in {"0", "0.0"} else _share(text)
