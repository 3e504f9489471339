"""Children with a clean environment, and which processes belong to a cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def clean_environment() -> dict[str, str]:
    """Return the whole environment of a child: nothing of ours, so no PG* variable either."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}


def belongs_to(pid: int, cluster: Path) -> bool:
    """Say whether process `pid` is a living PostgreSQL process of this cluster.

    A number out of postmaster.pid proves nothing: after a reboot another program may have it, and
    a killed server stays a zombie for ever where nobody collects it (process 1 of many
    containers). Every process of a server works in its data directory, which a zombie and a
    stranger do not.
    """
    if pid <= 0:
        return False
    if not Path("/proc/self").exists():
        return _ps_says_it_belongs(pid, cluster)
    try:
        there = Path(f"/proc/{pid}/cwd").stat()
        program = Path(f"/proc/{pid}/exe").readlink().name
        here = cluster.stat()
    except OSError:
        return False
    # After an upgrade the kernel shows the program as "postgres (deleted)".
    return program.startswith("postgres") and os.path.samestat(there, here)


def processes_of(cluster: Path) -> list[int]:
    """Return the living PostgreSQL processes of this cluster (Linux; elsewhere none are found)."""
    try:
        numbers = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]  # noqa: PTH208
    except OSError:
        return []
    return [pid for pid in numbers if belongs_to(pid, cluster)]


def _ps_says_it_belongs(pid: int, cluster: Path) -> bool:
    # macOS has no /proc. The server is started with its directory as an argument.
    ps = shutil.which("ps", path="/bin:/usr/bin")
    if ps is None:
        return False
    done = subprocess.run(
        [ps, "-ww", "-o", "stat=,args=", "-p", str(pid)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )
    line = done.stdout.strip()
    return bool(line) and not line.startswith("Z") and str(cluster) in line
