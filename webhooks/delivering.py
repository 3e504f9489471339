"""The work of a worker: hand out, claim, send in threads, record."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from webhooks.expanding import expand_events
from webhooks.models import WebhookEndpoint
from webhooks.payloads import Owner
from webhooks.recording import Attempt, record, withhold
from webhooks.sending import Answer, Rules, send
from webhooks.signing import signed_headers

# Names the lock under which workers count what is on its way to each endpoint; any fixed number.
_CLAIM_LOCK = 7_201_002
_SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker holds until its lease runs out."""

    delivery_id: int
    endpoint_id: int
    message_id: str
    type: str
    body: bytes


@dataclass(slots=True)
class Done:
    """What a run came to."""

    delivered: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.delivered + self.failed


def deliver_due(
    *, should_stop: Callable[[], bool] = lambda: False, most_seconds: float | None = None
) -> Done:
    """Works until nothing is due, or it is told to stop; what is on its way then is waited for.

    Threads send and touch no database; this one claims and records. Trouble with the database ends
    it too, but what is on its way is recorded first, as far as that goes.
    """
    done = Done()
    started = monotonic()
    flying: dict[Future[Answer], Attempt] = {}
    trouble: DatabaseError | None = None
    with ThreadPoolExecutor(settings.WEBHOOK_THREADS, thread_name_prefix="webhook") as pool:
        while True:
            expanded = 0
            late = most_seconds is not None and monotonic() - started > most_seconds
            if not (trouble or late or should_stop()):
                try:
                    expanded = expand_events()
                    for attempt in _attempts(claim(settings.WEBHOOK_THREADS - len(flying))):
                        flying[_launch(pool, attempt)] = attempt
                except DatabaseError as error:
                    trouble = error
            if not flying and not expanded:
                break
            landed, _ = wait(flying, _SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
            for future in landed:
                answer = future.result()
                try:
                    record(flying.pop(future), answer)
                except DatabaseError as error:
                    trouble = error
                    continue
                done.delivered += answer.delivered
                done.failed += not answer.delivered
    if trouble is not None:
        raise trouble
    return done


@transaction.atomic
def claim(most: int) -> list[Claim]:
    """Takes up to `most` due deliveries for this worker, and commits that.

    What an inactive account's endpoints would get waits, as for one that is off. Of each endpoint as
    many as it may get at once, over all workers; of one that fails again and
    again a single one. Endpoints take turns, whatever waits for each: those that have least on its
    way come first, so that slow ones with much to do do not take every place that falls free.
    """
    if most < 1:
        return []
    with connection.cursor() as cursor:
        # Counting and taking must be one step, or two workers would both take the last places.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])
        cursor.execute(
            "WITH due AS ("
            " SELECT found.id FROM webhooks_webhookendpoint endpoint"
            " CROSS JOIN LATERAL ("
            "   SELECT count(*) AS n FROM webhooks_webhookdelivery held"
            "   WHERE held.endpoint_id = endpoint.id AND held.state = 'pending'"
            "   AND held.leased_until >= now()) flying"
            " CROSS JOIN LATERAL ("
            "   SELECT id, due_at FROM webhooks_webhookdelivery waiting"
            "   WHERE waiting.endpoint_id = endpoint.id AND waiting.state = 'pending'"
            "   AND waiting.due_at <= now()"
            "   AND (waiting.leased_until IS NULL OR waiting.leased_until < now())"
            "   ORDER BY waiting.due_at, waiting.id"
            "   LIMIT greatest(0, CASE WHEN endpoint.consecutive_failures >= %s THEN 1 ELSE %s END"
            "     - flying.n)"
            "   FOR UPDATE SKIP LOCKED) found"
            " WHERE endpoint.is_active"
            " AND EXISTS (SELECT FROM accounts_user owner"
            "   WHERE owner.id = endpoint.owner_id AND owner.is_active)"
            " AND (endpoint.paused_until IS NULL OR endpoint.paused_until <= now())"
            " ORDER BY flying.n + row_number() OVER ("
            "   PARTITION BY endpoint.id ORDER BY found.due_at, found.id), found.due_at, found.id"
            " LIMIT %s)"
            " UPDATE webhooks_webhookdelivery delivery"
            " SET leased_until = now() + make_interval(secs => %s)"
            " FROM due WHERE delivery.id = due.id"
            " RETURNING delivery.id, delivery.endpoint_id, delivery.message_id, delivery.type,"
            " delivery.body",
            [
                settings.WEBHOOK_FAILURES_BEFORE_PAUSE,
                settings.WEBHOOK_PER_ENDPOINT,
                most,
                settings.WEBHOOK_LEASE_SECONDS,
            ],
        )
        return [
            Claim(pk, endpoint, str(message), event_type, body.encode())
            for pk, endpoint, message, event_type, body in sorted(cursor.fetchall())
        ]


def _attempts(claims: list[Claim]) -> list[Attempt]:
    """What to send, signed now: a receiver refuses time stamps that are old."""
    if not claims:
        return []
    found = WebhookEndpoint.objects.select_related("owner")
    endpoints = found.in_bulk({each.endpoint_id for each in claims})
    # What people may do is asked anew: a repeat may come two days after its payload was made.
    owners = {each.owner_id: Owner(each.owner) for each in endpoints.values()}
    now = timezone.now()
    attempts = []
    for each in claims:
        endpoint = endpoints.get(each.endpoint_id)
        if endpoint is None:
            continue
        if owners[endpoint.owner_id].may_be_told(each.type):
            attempts.append(_attempt(each, endpoint, now))
        else:
            withhold(each.delivery_id, endpoint.owner)
    return attempts


def _attempt(claimed: Claim, endpoint: WebhookEndpoint, now: datetime) -> Attempt:
    return Attempt(
        delivery_id=claimed.delivery_id,
        url=endpoint.url,
        body=claimed.body,
        at=now,
        headers=signed_headers(
            endpoint.signing_secrets(now), claimed.message_id, int(now.timestamp()), claimed.body
        ),
    )


def _launch(pool: ThreadPoolExecutor, attempt: Attempt) -> "Future[Answer]":
    return pool.submit(send, attempt.url, attempt.body, attempt.headers, sending_rules())


def sending_rules() -> Rules:
    return Rules(
        allow_http=settings.WEBHOOK_PLAIN_HTTP,
        allow_private=settings.WEBHOOK_PRIVATE_ADDRESSES,
        connect_seconds=settings.WEBHOOK_CONNECT_SECONDS,
        total_seconds=settings.WEBHOOK_TOTAL_SECONDS,
        answer_characters=settings.WEBHOOK_ANSWER_CHARACTERS,
        user_agent="RetailVision-Webhooks/1",
    )
