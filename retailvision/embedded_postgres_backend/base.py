"""Django's PostgreSQL backend, on a server that is brought up by whoever needs it first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.db.backends.postgresql import base, client
from django.db.utils import OperationalError

from retailvision.embedded_postgres import EmbeddedPostgresError, EmbeddedServer


def embedded_server(settings_dict: dict[str, Any]) -> EmbeddedServer:
    """Return the server that a database of this backend lives in; starts nothing."""
    data_dir = settings_dict["OPTIONS"].get("embedded_data_dir")
    if not data_dir:
        raise ImproperlyConfigured(
            "The embedded PostgreSQL needs OPTIONS['embedded_data_dir'], the directory that its "
            "data live in."
        )
    return EmbeddedServer(Path(data_dir))


class DatabaseClient(client.DatabaseClient):
    """Lets `manage.py dbshell` find the socket, where psql is installed."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Any
    ) -> tuple[list[str], dict[str, str] | None]:
        server = embedded_server(settings_dict)
        server.ensure_running()
        params = server.connect_params()
        place = {"HOST": params["host"], "PORT": params["port"], "USER": params["user"]}
        return super().settings_to_cmd_args_env({**settings_dict, **place}, parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server, which is started, or brought back, when it is down."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Return complete parameters for psycopg, with the server up and the database there.

        Not only Django connects with these: the job queue's worker does too, by itself, and must
        be able to bring a dead server back. Raises OperationalError when it cannot start.
        """
        params: dict[str, Any] = super().get_connection_params()
        params.pop("embedded_data_dir", None)
        server = embedded_server(self.settings_dict)
        try:
            server.ensure_running()
            params |= server.connect_params(params["dbname"])
        except EmbeddedPostgresError as error:
            raise OperationalError(str(error)) from error
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; make the database first when this is its first use ever."""
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            # The server may have died since the parameters were made, or the database is new.
            # Whatever else it was comes up again below, and is told as it is.
            server = embedded_server(self.settings_dict)
            try:
                server.ensure_running()
                if self._is_main_database(conn_params["dbname"]):
                    server.ensure_database(conn_params["dbname"])
                conn_params = {**conn_params, **server.connect_params(conn_params["dbname"])}
            except EmbeddedPostgresError as error:
                raise OperationalError(str(error)) from error
            return super().get_new_connection(conn_params)

    def _is_main_database(self, name: str) -> bool:
        # Django makes and destroys test databases itself: one that it destroyed must stay gone.
        test_name = self.settings_dict.get("TEST", {}).get("NAME")
        is_test = name.startswith(TEST_DATABASE_PREFIX) or (
            test_name and name.startswith(test_name)
        )
        return not is_test
