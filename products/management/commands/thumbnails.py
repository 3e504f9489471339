"""`manage.py thumbnails`"""

import os
from typing import Any

from django.core.management.base import CommandParser
from tqdm import tqdm

from products.models import ProductImage, RenditionAttempt
from products.ready_command import DatabaseCommand
from products.renditions.claims import retry_failed, sweep
from products.renditions.lost import forget_lost
from products.renditions.making import Done, make_due


class Command(DatabaseCommand):
    help = (
        "Makes the small pictures (AVIF, WebP, and JPEG or PNG) of all photos that have none, in the"
        " foreground. Workers may run at the same time; they share the work. Run again, it goes on"
        " where it was stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--threads", type=int, metavar="N", default=os.cpu_count() or 1,
            help="photos at once; default: one for each core",
        )  # fmt: skip
        parser.add_argument(
            "--retry", action="store_true", help="also those that could not be made"
        )
        parser.add_argument(
            "--lost", action="store_true",
            help="also look into the storage, and make again what is missing there",
        )  # fmt: skip

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["retry"]:
            retry_failed()
        if options["lost"]:
            lost = forget_lost()
            self.stdout.write(f"{lost} photos have lost small pictures")
        sweep()
        waiting = ProductImage.objects.filter(renditions=0).count()
        with tqdm(total=waiting, unit="photo", desc="small pictures", disable=None) as bar:

            def show(done: Done) -> None:
                bar.update(done.total - bar.n)

            make_due(threads=max(1, options["threads"]), on_progress=show)
        without = ProductImage.objects.filter(renditions=0).count()
        failed = RenditionAttempt.objects.exclude(reason="")
        self.stdout.write(
            f"{ProductImage.objects.count() - without} photos have their small pictures,"
            f" {failed.count()} could not be read, {without - failed.count()} wait"
        )
        for attempt in failed.order_by("image_id")[:20]:
            self.stderr.write(f"  photo {attempt.image_id}: {attempt.reason}")
