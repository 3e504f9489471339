"""A process that dies in the middle of a delivery: it is sent again, under the same id."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import ProductFactory
from tests.webhooks.receiver import Receiver
from webhooks.delivering import deliver_due
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = textwrap.dedent(
    """
    import sys
    import django
    django.setup()
    from django.conf import settings
    from django.db import connections
    connections["default"].settings_dict["NAME"] = sys.argv[1]
    settings.WEBHOOK_PRIVATE_ADDRESSES = settings.WEBHOOK_PLAIN_HTTP = True
    settings.WEBHOOK_LEASE_SECONDS = 1
    from webhooks.delivering import deliver_due
    deliver_due()
    """
)


def start_worker() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"])],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )


def test_kill_9_while_it_sends(site: Receiver, endpoint: WebhookEndpoint) -> None:
    for _ in range(3):
        ProductFactory()
    site.wait = 30
    victim = start_worker()
    deadline = time.monotonic() + 30
    while len(site.received) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    victim.kill()
    victim.wait()
    assert not WebhookAttempt.objects.exists()
    assert WebhookDelivery.objects.filter(state="pending").count() == 3
    first = site.ids()

    site.wait = 0
    time.sleep(1.1)
    deliver_due()
    assert sorted(site.ids()[3:]) == sorted(first)
    assert WebhookDelivery.objects.filter(state="delivered").count() == 3


def test_kill_9_before_anything_was_handed_out(site: Receiver, endpoint: WebhookEndpoint) -> None:
    """What a request committed is there, whatever became of the process behind it."""
    code = textwrap.dedent(
        """
        import os, signal, sys
        import django
        django.setup()
        from django.db import connections, transaction
        connections["default"].settings_dict["NAME"] = sys.argv[1]
        from tests.factories import ProductFactory
        ProductFactory(sku="KEPT")
        with transaction.atomic():
            ProductFactory(sku="LOST")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    subprocess.run(
        [sys.executable, "-c", code, str(connection.settings_dict["NAME"])],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False,
    )
    assert WebhookEvent.objects.get().subject["sku"] == "KEPT"
    deliver_due()
    assert [each["data"]["sku"] for each in site.payloads(endpoint.secret)] == ["KEPT"]
