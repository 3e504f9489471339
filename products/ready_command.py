"""A base for commands that work on the database."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


class DatabaseCommand(BaseCommand):
    """Runs on a database that is up to date.

    The embedded one is brought up to date on the way, since nobody else would do it; on a server
    of the retailer's own, when to migrate is the retailer's decision, and the command says so.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending and settings.EMBEDDED_DATABASE:
            call_command("migrate", verbosity=0)
        elif pending:
            raise CommandError(
                f"The database lacks {len(pending)} migrations: run `manage.py migrate` first."
            )
        return super().execute(*args, **options)
