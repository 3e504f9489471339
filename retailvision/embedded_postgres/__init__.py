"""A PostgreSQL server with pgvector that the site brings along and starts by itself.

It needs no installation and no password: the programs come from a wheel, the data live in one
directory, and the only way in is a Unix socket on which the kernel says who is calling.

    server = EmbeddedServer(default_data_dir(project_root))
    server.ensure_running()
    server.ensure_database("retailvision")
    psycopg.connect(**server.connect_params("retailvision"))

It is for development, demonstrations and a shop on one machine. Settings of your own go into
`local.conf` in the directory of the cluster. No Django in here.
"""

from retailvision.embedded_postgres.errors import EmbeddedPostgresError
from retailvision.embedded_postgres.paths import default_data_dir, make_data_dir
from retailvision.embedded_postgres.server import EmbeddedServer, ServerStatus

__all__ = [
    "EmbeddedPostgresError",
    "EmbeddedServer",
    "ServerStatus",
    "default_data_dir",
    "make_data_dir",
]
