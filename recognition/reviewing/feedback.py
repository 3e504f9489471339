"""What those who asked, and staff in passing, say of an answer."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from products.models import Product
from recognition.models import Sighting, SightingReview
from recognition.sightings import review_sighting

REVIEW = "recognition.review_sighting"
LOOK = "recognition.view_sighting"
# A slip of the finger is noticed at once; later, figures may rest on it.
CHANGEABLE = timedelta(hours=1)
_PUBLIC = (Sighting.Source.SEARCH, Sighting.Source.API)


class Standing(Enum):
    """As who somebody speaks of a sighting."""

    STAFF = "staff"
    OWNER = "owner"  # whose query it was, by log-in
    BEARER = "bearer"  # who holds the token of a query without a log-in


class FeedbackRefused(ValidationError):
    """It stays as it is; `code` is for programs."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code=code)

    def __str__(self) -> str:
        return str(self.message)


def standing_of(user: Any, sighting: Sighting) -> Standing | None:
    """None: the sighting is none of their business, and is not there for them."""
    if user is not None and user.is_authenticated:
        if user.has_perm(REVIEW):
            return Standing.STAFF
        if sighting.user_id == user.pk:
            return Standing.OWNER
    if sighting.user_id is None and sighting.source in _PUBLIC:
        return Standing.BEARER
    return None


def sighting_for(user: Any, token: str) -> tuple[Sighting, Standing] | None:
    """The sighting of a token, for who may judge it."""
    sighting = _by_token(token)
    standing = standing_of(user, sighting) if sighting is not None else None
    return (sighting, standing) if sighting is not None and standing is not None else None


def visible_sighting(user: Any, token: str) -> Sighting | None:
    """The sighting of a token, for who may judge it or may look at all of them."""
    sighting = _by_token(token)
    if sighting is None:
        return None
    seen = standing_of(user, sighting) is not None or user.has_perm(LOOK)
    return sighting if seen else None


def may_look_at_all(user: Any) -> bool:
    return bool(user.has_perm(LOOK) or user.has_perm(REVIEW))


def sightings_of(user: Any) -> QuerySet[Sighting]:
    """What somebody may look through: all, or what they asked themselves."""
    sightings = Sighting.objects.all()
    return sightings if may_look_at_all(user) else sightings.filter(user=user)


def _by_token(token: str) -> Sighting | None:
    sightings = Sighting.objects.select_related(
        "best_product", "barcode_product", "reviewed_product", "encoder"
    ).defer("vector")
    return sightings.filter(token=token).first()


@transaction.atomic
def give_feedback(*, sighting: Sighting, product: Product | None, user: Any = None) -> Sighting:
    """Writes down what somebody says who was not asked; None: none of the products shown.

    The same again changes nothing. Those who asked may change their own word for an hour; what
    staff said is not theirs to change, and what the audit said is nobody's.

    Raises:
        FeedbackRefused: somebody else has judged it, or the hour is over.
        PermissionError: the sighting is none of their business.
    """
    standing = standing_of(user, sighting)
    if standing is None:
        raise PermissionError("Not theirs to judge; ask standing_of first.")
    sighting = Sighting.objects.select_for_update(of=("self",)).get(pk=sighting.pk)
    if sighting.review and sighting.reviewed_product == product:
        return sighting
    by = None if standing is Standing.BEARER else user
    if sighting.occasion == Sighting.Occasion.AUDIT:
        raise FeedbackRefused(_("The audit has judged this answer; its word stays."), "audited")
    if standing is not Standing.STAFF and sighting.review:
        _refuse_unless_own_and_fresh(sighting, by)
    return review_sighting(
        sighting=sighting, product=product, by=by, occasion=Sighting.Occasion.VOLUNTEERED
    )


def may_change_until(sighting: Sighting) -> datetime | None:
    """Until when those who asked may change their word; None: they have not said one."""
    if sighting.occasion != Sighting.Occasion.VOLUNTEERED:
        return None
    first: datetime | None = SightingReview.objects.filter(
        pgh_obj=sighting, occasion=Sighting.Occasion.VOLUNTEERED
    ).aggregate(first=Min("pgh_created_at"))["first"]
    return first + CHANGEABLE if first is not None else None


def shown_first(sighting: Sighting) -> Product | None:
    """The product that the answer named first, by barcode or by photo, or what it was merged into."""
    if not sighting.candidates:
        return None
    product = Product.objects.filter(pk=sighting.candidates[0]["product"]).first()
    return product.heir() if product is not None else None


def _refuse_unless_own_and_fresh(sighting: Sighting, by: Any) -> None:
    own = sighting.reviewed_by_id == (by.pk if by is not None else None)
    if sighting.occasion != Sighting.Occasion.VOLUNTEERED or not own:
        raise FeedbackRefused(
            _("Somebody who works here has judged this answer already; their word stays."),
            "judged_already",
        )
    until = may_change_until(sighting)
    if until is not None and timezone.now() > until:
        raise FeedbackRefused(
            _("You said so more than an hour ago; it cannot be changed any more."), "too_late"
        )
