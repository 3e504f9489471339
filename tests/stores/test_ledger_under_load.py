"""Many threads, few levels, and a database that fails: the ledger holds."""

import pytest
from django.core.management import call_command

from tests.stores.load import open_shop, run

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, OPERATIONS = 16, 60


def test_nothing_is_lost_doubled_or_below_zero() -> None:
    shop = open_shop(clerks=THREADS)
    outcome = run(shop, threads=THREADS, operations=OPERATIONS)
    assert outcome.problems == []
    call_command("stock_audit")
    # What would make the above mean nothing: no failures, no deadlocks, no contest.
    assert sum(outcome.counts.values()) == THREADS * OPERATIONS
    assert outcome.failures["session ended"] > 0, outcome
    assert outcome.failures["given up by the caller"] > 0, outcome
    assert outcome.deadlocks > 0, outcome
    assert outcome.retries > 0, outcome
