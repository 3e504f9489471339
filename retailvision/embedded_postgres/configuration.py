"""The server's settings: who may log in, how much memory it takes, what it writes down."""

from __future__ import annotations

import os
from pathlib import Path

SETTINGS_FILE = "retailvision.conf"
# Appended to postgresql.conf once. local.conf comes last, so that a site can change anything.
INCLUDE_LINES = f"\ninclude = '{SETTINGS_FILE}'\ninclude_if_exists = 'local.conf'\n"

# Only the kernel's word on who is calling counts; nothing listens on the network.
HBA = "# TYPE  DATABASE  USER  METHOD\nlocal   all       all   peer map=retailvision\n"

_MIB = 1024 * 1024


def ident_map(names: list[str]) -> str:
    """Return pg_ident.conf: each of these system accounts may act as `postgres`."""
    lines = ["# MAP  SYSTEM-ACCOUNT  DATABASE-USER"]
    for name in dict.fromkeys(names):
        quoted = name.replace('"', '""')
        lines.append(f'retailvision "{quoted}" postgres')
    return "\n".join(lines) + "\n"


def memory_bytes() -> int:
    """Return how much memory this process may count on: the machine's, or its container's."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in (
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ):
        try:
            text = Path(limit).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            total = min(total, int(text))
    return total


def settings_text(memory: int) -> str:
    """Return our settings file for a machine with `memory` bytes, shared with a neural network."""

    def share(part: int, low: int, high: int) -> int:
        return max(low, min(high, memory // part // _MIB))

    shared_buffers = share(16, 32, 512)
    # An HNSW index is built several times faster while its graph fits in here.
    maintenance = share(32, 64, 512)
    return f"""\
# Written by RetailVision at each start: changes made here are lost. Put yours into local.conf.

cluster_name = 'retailvision'
listen_addresses = ''
max_connections = 100

# No committed sale is ever lost.
fsync = on
full_page_writes = on
synchronous_commit = on

shared_buffers = {shared_buffers}MB
effective_cache_size = {share(4, 128, 8192)}MB
work_mem = 16MB
maintenance_work_mem = {maintenance}MB
# Each autovacuum worker would otherwise take as much as an index build.
autovacuum_work_mem = 64MB
max_parallel_maintenance_workers = 2
# Memory for parallel work: as files of the cluster. /dev/shm has 64 MB in many containers, less
# than one index build takes, and logging out of a machine can empty it under a running server.
shared_memory_type = mmap
dynamic_shared_memory_type = mmap
# Shop queries are short: compiling one costs more than it saves.
jit = off
# Made for SSDs: reading here and there costs hardly more than reading in order.
random_page_cost = 1.1

timezone = 'UTC'
log_timezone = 'UTC'

# One file per weekday, overwritten a week later.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] %q%u@%d '
# A failed statement can hold thousands of vectors, or what a customer typed: log the error alone.
log_min_error_statement = panic
"""
