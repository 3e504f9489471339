"""A process that dies in the middle of a call leaves neither its work nor its key."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest
from django.db import connection

from api.models import FinishedCall
from tests.api.programs import key_of, program
from tests.factories import StaffFactory, StoreFactory

# Dies when the stocktake is written and its answer is not.
_DIES = textwrap.dedent(
    """
    import os, signal, sys, django
    django.setup()
    from django.test.utils import setup_test_environment
    setup_test_environment()
    from django.db import connections
    connections["default"].settings_dict["NAME"] = sys.argv[1]
    from api import once
    once._keep = lambda row, response: os.kill(os.getpid(), signal.SIGKILL)
    from tests.api.programs import Program
    Program(sys.argv[2]).post("stocktakes/", {"store": "MAIN"}, **{"Idempotency-Key": "count-1"})
    """
)


@pytest.mark.django_db(transaction=True)
def test_kill_9_between_the_work_and_its_answer() -> None:
    from stores.models import Stocktake

    StoreFactory(code="MAIN")
    boss = StaffFactory()
    _key, secret = key_of(boss)
    name = str(connection.settings_dict["NAME"])
    died = subprocess.run(
        [sys.executable, "-c", _DIES, name, secret],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL
    assert not Stocktake.objects.exists()
    assert not FinishedCall.objects.exists()
    headers = {"Idempotency-Key": "count-1"}
    answers = [program(boss).post("stocktakes/", {"store": "MAIN"}, **headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Stocktake.objects.count() == 1
