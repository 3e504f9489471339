"""How gunicorn serves the site. One process with threads: its searches share one loaded model and
one batch; more processes would each load their own. More machines are added behind a proxy.
"""

import logging
import os
from threading import Thread
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
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'


def post_worker_init(_worker: Any) -> None:
    """Loads the active encoder behind the first requests instead of inside one of them."""
    Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _warm_up() -> None:
    from django.db import connection  # noqa: PLC0415

    from recognition.loaded import encoder_for  # noqa: PLC0415
    from recognition.versions import active_encoder  # noqa: PLC0415

    try:
        encoder_for(active_encoder().key).load()
    except Exception:  # the first search says what is wrong, to whom it concerns
        logging.getLogger("recognition").warning("No encoder was loaded at start", exc_info=True)
    finally:
        connection.close()
