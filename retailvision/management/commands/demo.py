"""`manage.py demo`: a shop to look at, from nothing."""

import csv
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recognition.calibration_report import in_short
from recognition.calibrations import in_force
from recognition.models import ImageEmbedding
from recognition.versions import active_encoder, settle_encoder
from retailvision.demo_stock import keep_password, stock_the_shop, summary
from retailvision.ports import address, port_is_free
from retailvision.supervision import log_dir, noted_address, running_pid

_USER = "demo"
_WAIT_SECONDS = 90.0
# At one wrong match in ten, some 174 photos are the fewest that a threshold can be held against.
_TARGET_ERROR = 0.1
_LABELLED_PHOTOS = 240
_LABELLED_SEED = 77


class Command(BaseCommand):
    help = (
        "Makes a demo shop: database, drawn catalogue, embeddings, and the site in the background."
        " Run again, it changes nothing and starts what does not run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--products", type=int, default=72)
        parser.add_argument("--no-serve", action="store_true", help="prepare only")

    def handle(self, *_args: Any, **options: Any) -> None:
        serve = not options["no_serve"]
        if not settings.EMBEDDED_DATABASE:
            raise CommandError(
                "DATABASE_URL is set: a demo shop with a demo log-in does not belong into that"
                " database. Unset it for the demo."
            )
        if serve and running_pid() is None and not port_is_free():
            raise CommandError(
                f"{address()} is taken by another program: make demo PORT=8001 uses another port."
            )
        if serve and running_pid() is not None and noted_address() != address():
            raise CommandError(
                f"The demo is running already at {noted_address()}; `make stop` ends it."
            )
        self._step("Database")
        call_command("migrate", verbosity=0)
        password = self._user()
        self._step("Encoder")
        encoder = settle_encoder()
        self.stdout.write(f"  {encoder.key}")
        if encoder.fallback_reason:
            self.stdout.write(self.style.WARNING(f"  Fallback: {encoder.fallback_reason}"))
        folder = self._catalogue(options["products"])
        clerks = self._stock(folder)
        self._step("Embeddings")
        call_command("embed", stdout=self.stdout)
        if serve:
            self._step("Site")
            if running_pid() is None:
                call_command("serve", detach=True)
            self._wait()
            self._print(folder, password, clerks)
        # Last, since the shop can be looked at meanwhile.
        self._thresholds(folder, options["products"])

    def _catalogue(self, products: int) -> Path:
        folder = Path(settings.DATA_DIR) / "demo"
        self._step("Catalogue, drawn by this program")
        mark = folder / f".drawn-{products}"
        if not mark.exists():
            self.stdout.write(
                "  drawing photos of made-up products; the longest part, some minutes"
            )
            self.stdout.flush()
            call_command("demo_catalogue", folder, products=products, stdout=self.stdout)
            mark.touch()
        call_command(
            "import_catalogue", folder / "catalogue.csv", images=folder, stdout=self.stdout
        )
        return folder

    def _thresholds(self, folder: Path, products: int) -> None:
        """Measures how sure the answers are, on photos other than those to try."""
        encoder = active_encoder()
        self._step("Thresholds")
        if in_force(encoder):
            self.stdout.write("  measured already")
            return
        self.stdout.write(
            f"  how often answers are wrong, on {_LABELLED_PHOTOS} more photos; a few minutes"
        )
        self.stdout.flush()
        labelled = folder / "labelled"
        mark = labelled / f".drawn-{products}"
        if not mark.exists():
            call_command(
                "demo_catalogue",
                labelled,
                products=products,
                photos=0,
                phone_photos=_LABELLED_PHOTOS,
                phone_seed=_LABELLED_SEED,
                # As large as an encoder looks at, twice; the smaller the sooner drawn.
                size=480,
                stdout=self.stdout,
            )
            mark.touch()
        report = folder / "thresholds.txt"
        try:
            with report.open("w", encoding="utf-8") as file:
                call_command(
                    "calibrate",
                    target_error=_TARGET_ERROR,
                    labelled=labelled / "queries.csv",
                    images=labelled,
                    stdout=file,
                )
        except CommandError as error:
            # A small shop has too little to measure on; it works without verdicts, and says so.
            self.stdout.write(self.style.WARNING(f"  {error}"))
            return
        self.stdout.write(f"  {in_short(encoder.calibration_runs.latest('pk'))}")
        self.stdout.write(f"  All figures: {report}")

    def _user(self) -> str:
        """The demo's log-in."""
        user, _created = get_user_model().objects.get_or_create(
            username=_USER, defaults={"is_staff": True, "is_superuser": True}
        )
        return keep_password(user, Path(settings.DATA_DIR))

    def _stock(self, folder: Path) -> dict[str, str]:
        self._step("Stores and stock")
        with (folder / "catalogue.csv").open(encoding="utf-8", newline="") as file:
            skus = [row["sku"] for row in csv.DictReader(file)]
        clerks = stock_the_shop(
            actor=get_user_model().objects.get(username=_USER),
            folder=Path(settings.DATA_DIR),
            skus=skus,
        )
        self.stdout.write(f"  {summary()}")
        return clerks

    def _wait(self) -> None:
        deadline = monotonic() + _WAIT_SECONDS
        while monotonic() < deadline:
            try:
                with urlopen(f"{address()}/health/", timeout=5):  # noqa: S310 - our own address
                    return
            except (URLError, OSError):
                sleep(0.3)
        raise CommandError(f"The site did not come up; see the logs in {log_dir()}.")

    def _print(self, folder: Path, password: str, clerks: dict[str, str]) -> None:
        people = "".join(
            f"  clerk         {address()}/stock/   log-in: {name}   password: {clerks[name]}\n"
            for name in clerks
        )
        ready = ImageEmbedding.objects.ready().filter(encoder=active_encoder()).count()
        self.stdout.write(
            f"""
RetailVision is up; {ready} photos can be found.

  search page   {address()}/
  admin         {address()}/admin/   log-in: {_USER}   password: {password}
{people.rstrip()}
  API           {address()}/api/docs/

  photos to try {folder / "phone"}
  its clock     {settings.TIME_ZONE}; RETAILVISION_TIME_ZONE sets that of your stores
  stop          make stop
  logs          {log_dir()}
"""
        )

    def _step(self, name: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(name))
        self.stdout.flush()
