"""How often somebody may call, counted in the database, so that all processes count together.

The generic cell rate algorithm (ITU-T I.371): each call is paid for by `period / number` seconds
from now on; as many as `number` may be owed at once. One statement, no lock that outlives it.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_SPEND = """
INSERT INTO api_spentrate AS spent (caller, paid_at)
VALUES (%(caller)s, clock_timestamp() + %(cost)s * interval '1 second')
ON CONFLICT (caller) DO UPDATE
SET paid_at = greatest(spent.paid_at, clock_timestamp()) + %(cost)s * interval '1 second'
WHERE greatest(spent.paid_at, clock_timestamp()) + %(cost)s * interval '1 second'
    <= clock_timestamp() + %(period)s * interval '1 second'
RETURNING extract(epoch FROM paid_at - clock_timestamp())
"""
_OWED = """
SELECT extract(epoch FROM paid_at - clock_timestamp()) FROM api_spentrate WHERE caller = %s
"""
_FORGET = "DELETE FROM api_spentrate WHERE paid_at < clock_timestamp() - interval '1 day'"


@dataclass(frozen=True, slots=True)
class Rate:
    """`number` calls in `period` seconds."""

    number: int
    period: int

    @property
    def cost(self) -> float:
        return self.period / self.number


@dataclass(frozen=True, slots=True)
class Spent:
    """`left`: how many more may come at once; `wait`: seconds until the refused one may."""

    allowed: bool
    left: int
    wait: float

    @property
    def retry_after(self) -> int | None:
        """The same in whole seconds, as people and headers are told it; None: it was allowed."""
        return None if self.allowed else max(1, round(self.wait))


def parse_rate(text: str) -> Rate:
    """`"120/min"`, as `Environment.rate` lets it through."""
    number, _slash, period = text.partition("/")
    return Rate(int(number), _PERIODS[period[0]])


def spend(caller: str, rate: Rate, calls: int = 1) -> Spent:
    """Counts a call of a caller as so many, or refuses it; a refused one costs nothing.

    What counts for more than may come in a period costs all of it, or it could never be made.
    """
    cost = rate.cost * min(calls, rate.number)
    # Half a millisecond of slack: the clock moves between the two readings of one statement.
    values: dict[str, Any] = {"caller": caller, "cost": cost, "period": rate.period + 0.0005}
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, values)
        row = cursor.fetchone()
        if row is not None:
            return Spent(True, int((rate.period - float(row[0])) / rate.cost + 1e-6), 0.0)
        cursor.execute(_OWED, [caller])
        owed: Any = cursor.fetchone()
    wait = float(owed[0]) + cost - rate.period if owed else 0.0
    return Spent(False, 0, max(wait, 0.0))


def forget_paid() -> int:
    """Drops callers who owe nothing; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
        return int(cursor.rowcount)
