"""Django on the embedded server. In processes of their own, as each needs settings of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from retailvision.embedded_postgres import EmbeddedServer
from tests.retailvision.conftest import PROJECT_ROOT, connected

_SETTINGS = """
import os, signal, sys, time
from pathlib import Path
import django
from django.conf import settings
settings.configure(
    USE_TZ=True, INSTALLED_APPS=[],
    DATABASES={"default": {
        "ENGINE": "retailvision.embedded_postgres_backend", "NAME": "shop",
        "OPTIONS": {"embedded_data_dir": sys.argv[1]},
    }},
)
django.setup()
from django.db import connection, connections, OperationalError
from retailvision.embedded_postgres import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
"""


def _django(script: str, data_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SETTINGS + textwrap.dedent(script), str(data_dir)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_query_starts_the_server_and_makes_the_database(
    embedded: EmbeddedServer,
) -> None:
    _django('assert ask("SELECT current_database()") == "shop"', embedded.data_dir)

    with connected(embedded, "shop") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_new_connection_brings_a_killed_server_back(embedded: EmbeddedServer) -> None:
    _django(
        """
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 5 AS n")
        os.kill(server.status().pid, signal.SIGKILL)
        try:
            ask("SELECT 1")
        except OperationalError:
            pass
        connection.close()
        assert ask("SELECT n FROM kept") == 5

        # Killed between making the parameters and using them.
        params = connection.get_connection_params()
        connection.close()
        os.kill(server.status().pid, signal.SIGKILL)
        raw = connection.get_new_connection(params)
        assert raw.execute("SELECT n FROM kept").fetchone() == (5,)
        """,
        embedded.data_dir,
    )


def test_the_parameters_are_complete_for_those_who_connect_by_themselves(
    embedded: EmbeddedServer,
) -> None:
    _django(
        """
        import psycopg
        from procrastinate.contrib.django.utils import connector_params
        connection.ensure_connection()
        connection.close()
        server.stop()
        params = connector_params()
        assert "embedded_data_dir" not in params
        assert {"host", "user", "dbname"} <= params.keys()
        with psycopg.connect(**params) as raw:
            assert raw.execute("SELECT current_database()").fetchone() == ("shop",)
        """,
        embedded.data_dir,
    )


def test_test_databases_are_made_and_destroyed_by_django_alone(embedded: EmbeddedServer) -> None:
    _django(
        """
        from django.db import DEFAULT_DB_ALIAS
        def names():
            with connection._nodb_cursor() as cursor:
                cursor.execute("SELECT datname FROM pg_database")
                return {name for (name,) in cursor.fetchall()}
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        assert ask("SELECT current_database()") == "test_shop"
        connection.creation.clone_test_db("gw0", verbosity=0, autoclobber=True)
        assert {"test_shop", "test_shop_gw0"} <= names()
        connection.creation.destroy_test_db("shop", verbosity=0, suffix="gw0")
        connection.close()
        connection.settings_dict["NAME"] = "test_shop_gone"
        try:
            connection.ensure_connection()
        except OperationalError as error:
            assert "does not exist" in str(error)
        else:
            raise AssertionError("it was made")
        assert "test_shop_gone" not in names()
        """,
        embedded.data_dir,
    )


def test_a_server_that_cannot_start_is_an_operational_error_that_says_why(
    embedded: EmbeddedServer,
) -> None:
    embedded.ensure_running()
    embedded.stop()
    (embedded.cluster / "PG_VERSION").write_text("17\n")

    _django(
        """
        try:
            connection.ensure_connection()
        except OperationalError as error:
            assert "written by PostgreSQL 17" in str(error)
        else:
            raise AssertionError("it started")
        """,
        embedded.data_dir,
    )


def test_dbshell_is_led_to_the_socket(embedded: EmbeddedServer) -> None:
    _django(
        """
        arguments, _ = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
        assert arguments == [
            "psql", "-U", "postgres", "-h", str(server.socket_dir), "-p", "5432", "shop"
        ]
        """,
        embedded.data_dir,
    )
