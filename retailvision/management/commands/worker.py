"""`manage.py worker`: the background work of a site."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from products.renditions.claims import sweep as sweep_renditions
from recognition.indexing import sweep


class Command(BaseCommand):
    help = (
        "Works off the queue until it is stopped. It ends when the database restarts, so let a"
        " supervisor start it again always; `make serve` does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="work off what is there and end")

    def handle(self, *_args: Any, **options: Any) -> None:
        # Brings the embedded database up: Procrastinate connects by itself and would only fail.
        connection.ensure_connection()
        # Whatever a killed predecessor left is not left to the next minute.
        sweep()
        sweep_renditions()
        connection.close()
        self.stdout.write("The worker is ready.")
        call_command(
            "procrastinate",
            "worker",
            # Photos in work are given back after that time; the batch at hand is finished.
            *(["--one-shot"] if options["once"] else ["--shutdown-graceful-timeout=2"]),
            # One for the encoder, one for an import, one for webhooks, one for renditions, and one so
            # that the sweeps never wait for them.
            "--concurrency=5",
            "--delete-jobs=successful",
        )
