"""How gunicorn serves the site. One process with threads: its searches share one loaded model and
one batch; more processes would each load their own. More machines are added behind a proxy.
"""

import os
from threading import Event, Thread
from typing import Any

bind = os.environ.get("RETAILVISION_BIND") or (
    f"127.0.0.1:{os.environ.get('RETAILVISION_PORT') or 8000}"
)
worker_class = "gthread"
workers = 1
threads = int(os.environ.get("RETAILVISION_WEB_THREADS") or 12)
# The first search after a start may wait for the model.
timeout = 120
graceful_timeout = 20
# A shared-memory file, so that a busy disk is not taken for a hung worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
accesslog = "-"
# Without the query, which holds what people search for.
access_log_format = '%(t)s [%({x-request-id}o)s] %(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'


def post_worker_init(_worker: Any) -> None:
    """Loads the encoders behind the first requests instead of inside one of them, and those that
    come later ahead of the switch to them.
    """
    Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _warm_up() -> None:
    from recognition.switching.warming import keep_loaded  # noqa: PLC0415

    keep_loaded(Event())
