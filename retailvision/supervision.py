"""Web and worker under supervisord, which starts again whatever ends.

A worker ends when PostgreSQL restarts, and any process can be killed; the site must come back by
itself. The embedded database needs no program here: whoever connects first brings it up.
"""

import os
import signal
import sys
from pathlib import Path
from time import monotonic, sleep

from django.conf import settings

_PROGRAM = """
[program:{name}]
command={command}
directory={directory}
autostart=true
autorestart=true
startsecs=3
startretries=1000000
stopsignal=TERM
stopwaitsecs=30
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes={log_bytes}
stdout_logfile_backups={log_backups}
"""

_HEAD = """[supervisord]
nodaemon={nodaemon}
pidfile={pidfile}
logfile={logfile}
logfile_maxbytes=5MB
logfile_backups=2
loglevel=warn
{user}
"""


def run_dir() -> Path:
    return Path(settings.DATA_DIR) / "run"


def log_dir() -> Path:
    return Path(settings.DATA_DIR) / "logs"


def pid_file() -> Path:
    return run_dir() / "supervisord.pid"


def write_config(*, detach: bool) -> Path:
    """The configuration of supervisord for this installation, written anew at each start."""
    for folder in (run_dir(), log_dir()):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # logs tell who searched from where
    python = _quoted(sys.executable)
    commands = {
        "web": f"{python} -m gunicorn retailvision.wsgi",
        "worker": f"{python} manage.py worker",
    }
    head = _HEAD.format(
        nodaemon="false" if detach else "true",
        pidfile=_literal(pid_file()),
        logfile=_literal(log_dir() / "supervisord.log"),
        # Root is who asked for it; supervisord only wants that said.
        user="user=root" if os.geteuid() == 0 else "",
    )
    programs = [
        _PROGRAM.format(
            name=name,
            command=_literal(command),
            directory=_literal(settings.BASE_DIR),
            # Of all values, supervisord expands the log's twice.
            log=_literal(_literal(log_dir() / f"{name}.log")) if detach else "/dev/fd/1",
            log_bytes="5MB" if detach else "0",
            log_backups=3 if detach else 0,
        )
        for name, command in commands.items()
    ]
    path = run_dir() / "supervisord.conf"
    path.write_text(head + "".join(programs))
    return path


def supervisor_command(config: Path) -> list[str]:
    return [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)]


def running_pid() -> int | None:
    """The supervisor of this data directory, or None; a stale pid file is not believed."""
    try:
        pid = int(pid_file().read_text())
        command = Path(f"/proc/{pid}/cmdline")
        if command.parent.parent.exists():
            return pid if str(run_dir()).encode() in command.read_bytes() else None
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError, PermissionError):
        return None
    return pid


def note_address(address: str) -> None:
    """Remembers where the site is served, for commands that find it running."""
    (run_dir() / "address").write_text(address)


def noted_address() -> str:
    """Where the running site is served; "" where nothing was noted."""
    try:
        return (run_dir() / "address").read_text().strip()
    except FileNotFoundError:
        return ""


def stop_supervisor(timeout: float = 60.0) -> bool:
    """Ends web and worker in order; False if they were not running."""
    pid = running_pid()
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = monotonic() + timeout
    while running_pid() is not None and monotonic() < deadline:
        sleep(0.1)
    return True


def _literal(value: object) -> str:
    # supervisord expands %(name)s in its file.
    return str(value).replace("%", "%%")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
