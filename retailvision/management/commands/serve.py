"""`manage.py serve`: the site and its worker, kept running."""

import os
import subprocess
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from retailvision.ports import address, port_is_free
from retailvision.supervision import (
    note_address,
    noted_address,
    running_pid,
    supervisor_command,
    write_config,
)


class Command(BaseCommand):
    help = "Brings the database up to date, then runs web and worker; both are restarted always."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--detach", action="store_true", help="go on in the background")

    def handle(self, *_args: Any, **options: Any) -> None:
        if running_pid() is not None:
            raise CommandError(
                f"The site is running already at {noted_address()}. `make stop` ends it."
            )
        if not port_is_free():
            raise CommandError(
                f"{address()} is taken by another program. Choose another port, as in PORT=8001."
            )
        call_command("migrate", verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        # Web and worker share this machine's cores; both using all of them is far slower.
        half = max(1, (os.cpu_count() or 2) // 2)
        os.environ.setdefault("RETAILVISION_ENCODER_THREADS", str(half))
        # Threads that each decode photos would each keep an arena of freed memory (glibc).
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")
        command = supervisor_command(write_config(detach=options["detach"]))
        note_address(address())
        os.chdir(settings.BASE_DIR)
        if options["detach"]:
            # supervisord leaves this terminal by itself; nothing of ours may hold its pipes open.
            subprocess.run(
                command,
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            return
        self.stdout.write(f"RetailVision serves {address()}; Ctrl-C ends it.")
        self.stdout.flush()
        os.execv(command[0], command)
