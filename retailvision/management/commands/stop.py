"""`manage.py stop`: ends what `serve` and `demo` started."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from retailvision.embedded_postgres import EmbeddedServer
from retailvision.supervision import stop_supervisor


class Command(BaseCommand):
    help = "Stops web and worker, and the embedded database."

    def handle(self, *_args: Any, **_options: Any) -> None:
        stopped = stop_supervisor()
        self.stdout.write("Web and worker stopped." if stopped else "Web and worker did not run.")
        if settings.EMBEDDED_DATABASE:
            down = EmbeddedServer(Path(settings.DATA_DIR)).stop()
            self.stdout.write("Database stopped." if down else "The database did not run.")
