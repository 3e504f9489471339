"""Answers for staff to judge, one after the other: the random audit, and those in doubt."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from products.models import Product
from recognition.models import Encoder, Sighting, SightingReview
from recognition.models.sighting import SightingQuerySet
from recognition.sightings import review_sighting

AUDIT, DOUBTFUL = Sighting.Occasion.AUDIT, Sighting.Occasion.DOUBTFUL
QUEUES = (AUDIT, DOUBTFUL)
# Longer than anybody looks at one; then it goes to somebody else.
HOLD = timedelta(minutes=10)


class NotYours(ValidationError):
    """Somebody else judges, or has judged, this one."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not_yours")

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    without_photo: int

    @property
    def at(self) -> int:
        """The number of the one that is looked at."""
        return min(self.done + 1, self.total)

    @property
    def left(self) -> int:
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class AuditResponse:
    """How complete the random audit is. A bound from it holds for those judged; as far as the
    others are of another kind, it is biased, and says nothing of them.
    """

    drawn: int
    judged: int
    undecidable: int

    @property
    def waiting(self) -> int:
        return self.drawn - self.judged - self.undecidable

    @property
    def share(self) -> float | None:
        return self.judged / self.drawn if self.drawn else None


def audit_response(encoder: Encoder | None = None) -> AuditResponse:
    """Of all sightings that were drawn: how many were judged, and how many never can be since their
    photo was not kept (`KEEP_QUERY_PHOTOS`) or is gone (`QUERY_PHOTO_KEEP_DAYS`).
    """
    drawn = Sighting.objects.filter(drawn_for_audit=True)
    if encoder is not None:
        drawn = drawn.filter(encoder=encoder)
    judged = Q(occasion=AUDIT)
    counts = drawn.aggregate(
        drawn=Count("pk"),
        judged=Count("pk", filter=judged),
        undecidable=Count("pk", filter=~judged & Q(photo="")),
    )
    return AuditResponse(**counts)


def progress(queue: Sighting.Occasion) -> Progress:
    done = Sighting.objects.filter(occasion=queue).count()
    waiting = waiting_in(queue).aggregate(
        seen=Count("pk", filter=~Q(photo="")), unseen=Count("pk", filter=Q(photo=""))
    )
    return Progress(done, done + waiting["seen"], waiting["unseen"])


def waiting_in(queue: Sighting.Occasion) -> SightingQuerySet:
    """Those that nobody has judged for this queue, also those whose photo is not there."""
    if queue == AUDIT:
        return Sighting.objects.filter(drawn_for_audit=True).exclude(occasion=AUDIT)
    # Those that were drawn are for the audit, whose reviewers should not have seen them before.
    return Sighting.objects.filter(review="", drawn_for_audit=False).exclude(
        verdict=Sighting.Verdict.MATCH
    )


@transaction.atomic
def take_next(
    *, queue: Sighting.Occasion, by: Any, skipped: Collection[str] = ()
) -> Sighting | None:
    """The next one to judge, held for this person; None: there is none (left).

    Whoever comes back gets the one that they hold. Two people never get the same.
    """
    now = timezone.now()
    own = Q(held_by=by, held_until__gt=now)
    free = own | Q(held_until=None) | Q(held_until__lte=now)
    sighting = (
        waiting_in(queue)
        .with_photo()
        .filter(free)
        .exclude(token__in=skipped)
        .select_for_update(skip_locked=True, of=("self",))
        .defer("vector")
        .order_by(Case(When(own, then=0), default=1), *_order(queue))
        .first()
    )
    if sighting is not None:
        sighting.held_by, sighting.held_until = by, now + HOLD
        sighting.save(update_fields=["held_by", "held_until"])
    return sighting


def _order(queue: Sighting.Occasion) -> list[Any]:
    if queue == AUDIT:
        # Tokens are random: whenever people stop, what they judged is a random part.
        return ["token"]
    unknown_last = Case(
        When(verdict=Sighting.Verdict.UNKNOWN, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return [unknown_last, F("margin").asc(nulls_last=True), "-pk"]


@transaction.atomic
def judge(*, queue: Sighting.Occasion, token: str, product: Product | None, by: Any) -> Sighting:
    """Writes down what somebody saw whom `take_next` gave the sighting; None: none of our products.

    The same again changes nothing.

    Raises:
        Sighting.DoesNotExist: there is no such sighting (any more).
        NotYours: somebody else holds it, or has judged it.
    """
    sighting = Sighting.objects.select_for_update(of=("self",)).get(token=token)
    if sighting.occasion == queue and sighting.reviewed_by_id == by.pk:
        if sighting.reviewed_product == product:
            return sighting
    elif sighting.held_by_id != by.pk or not waiting_in(queue).filter(pk=sighting.pk).exists():
        raise NotYours(_("Somebody else has taken that one meanwhile. Here is the next."))
    sighting = review_sighting(sighting=sighting, product=product, by=by, occasion=queue)
    release(token=token, by=by)
    return sighting


def release(*, token: str, by: Any) -> None:
    """Lets go of one that somebody holds, for others."""
    held = Sighting.objects.filter(token=token, held_by=by)
    held.update(held_by=None, held_until=None)


@transaction.atomic
def take_back(*, queue: Sighting.Occasion, token: str, by: Any) -> Sighting | None:
    """Undoes what somebody judged last in a queue: what was said before them counts again, also
    where they judged it twice, and they hold it once more. None: it is not their word any more.
    """
    sighting = (
        Sighting.objects.select_for_update(of=("self",))
        .filter(token=token, occasion=queue, reviewed_by=by)
        .first()
    )
    if sighting is None:
        return None
    before = next(
        (
            said
            for said in SightingReview.objects.filter(pgh_obj=sighting).order_by("-pgh_id")
            if (said.occasion, said.reviewed_by_id) != (queue, by.pk)
        ),
        None,
    )
    product = Product.objects.filter(pk=before.reviewed_product_id).first() if before else None
    if before is not None and before.review and (product or not before.reviewed_product_id):
        sighting.review, sighting.reviewed_product = before.review, product
        users = get_user_model().objects
        sighting.reviewed_by = users.filter(pk=before.reviewed_by_id).first()
        sighting.reviewed_at, sighting.occasion = before.reviewed_at, before.occasion
    else:
        sighting.review, sighting.occasion = "", ""
        sighting.reviewed_product = sighting.reviewed_by = sighting.reviewed_at = None
    # Alone, so that it is what they see next.
    Sighting.objects.filter(held_by=by).update(held_by=None, held_until=None)
    sighting.held_by, sighting.held_until = by, timezone.now() + HOLD
    sighting.save(
        update_fields=[
            "review", "reviewed_product", "reviewed_by", "reviewed_at", "occasion",
            "held_by", "held_until",
        ]
    )  # fmt: skip
    return sighting
