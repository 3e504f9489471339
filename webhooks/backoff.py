"""When a delivery that failed is tried again."""

import random
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from django.conf import settings
from django.utils import timezone

_lots = random.SystemRandom()


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; None: it is given up.

    Up to a quarter more by lot, so that what failed together does not come back together.
    """
    waits = settings.WEBHOOK_BACK_OFF_SECONDS
    if attempts > len(waits):
        return None
    return timedelta(seconds=waits[attempts - 1] * _lots.uniform(1.0, 1.25))


def asked_wait(retry_after: str, now: datetime | None = None) -> timedelta | None:
    """What a `Retry-After` asks for, in seconds or as a date, within bounds; None where it is
    neither.
    """
    most = timedelta(seconds=settings.WEBHOOK_MOST_RETRY_AFTER_SECONDS)
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        # Of a number with a hundred digits no time can be made.
        return min(timedelta(seconds=int(text[:9])), most) if text else None
    try:
        until = parsedate_to_datetime(text)
        if until.tzinfo is None:
            until = timezone.make_aware(until, timezone.get_default_timezone())
        wait = until - (now or timezone.now())
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), most)


def pause_after(failures: int) -> timedelta | None:
    """How long an endpoint rests that failed so often in a row, whatever was sent: what is not
    there need not be asked by each delivery. It doubles up to a bound.
    """
    beyond = failures - settings.WEBHOOK_FAILURES_BEFORE_PAUSE
    if beyond < 0:
        return None
    most = settings.WEBHOOK_MOST_PAUSE_SECONDS
    return timedelta(seconds=min(settings.WEBHOOK_PAUSE_SECONDS * 2 ** min(beyond, 20), most))
