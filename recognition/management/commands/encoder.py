"""`manage.py encoder list`"""

from typing import Any

from django.core.management.base import CommandParser

from products.ready_command import DatabaseCommand
from recognition.models import Encoder


class Command(DatabaseCommand):
    help = "Shows the encoders and how far each has come with the photos."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="all encoders, the active one first")

    def handle(self, *_args: Any, **_options: Any) -> None:
        encoders = Encoder.objects.order_by("state", "-activated_at")
        if not encoders:
            self.stdout.write("No encoder yet: `manage.py embed` settles one.")
        for encoder in encoders:
            photos = encoder.embeddings
            self.stdout.write(
                f"{encoder.state:9} {encoder.key} ({encoder.dimension} numbers,"
                f" {'photos and words' if encoder.speaks_text else 'photos only'}):"
                f" {photos.ready().count()} ready, {photos.pending().count()} waiting,"
                f" {photos.failed().count()} failed"
            )
            if encoder.fallback_reason:
                self.stdout.write(f"          fallback: {encoder.fallback_reason}")
