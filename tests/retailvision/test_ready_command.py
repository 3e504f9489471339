"""Commands on a database that nobody has migrated yet."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(data_dir: Path, *command: str, **more: str) -> "subprocess.CompletedProcess[str]":
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RETAILVISION_", "DJANGO_", "DATABASE_"))
    }
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        check=False,
        cwd=ROOT,
        env={
            **clean,
            "RETAILVISION_READ_DOTENV": "false",
            "RETAILVISION_DATA_DIR": str(data_dir),
            **more,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_embedded_database_is_brought_up_to_date_on_the_way(open_dir: Path) -> None:
    catalogue = open_dir / "catalogue.csv"
    catalogue.write_text("sku,name,category\nA-1,Apple,Fruit\n")
    done = run(open_dir / "data", "import_catalogue", str(catalogue))
    assert done.returncode == 0, done.stderr
    assert "1 created" in done.stdout


def test_a_server_of_ones_own_is_not_touched_but_named(open_dir: Path) -> None:
    from retailvision.embedded_postgres import EmbeddedServer

    server = EmbeddedServer(open_dir / "data")
    server.ensure_running()
    server.ensure_database("own")
    done = run(
        open_dir / "other",
        "encoder",
        "list",
        DATABASE_URL=f"postgresql://postgres@/{server.socket_dir}/own",
        DJANGO_SECRET_KEY="x" * 50,
    )
    assert done.returncode == 1
    assert "run `manage.py migrate` first" in done.stderr
