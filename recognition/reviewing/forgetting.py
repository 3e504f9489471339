"""How long sightings are kept."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat
from django.utils import timezone

from recognition.models import Sighting
from recognition.models.sighting import EVIDENCE
from recognition.query_photo_files import query_photo_storage
from stores.models import StockMovement, StocktakeLine

_BATCH = 2000


def forget_old_sightings() -> int:
    """Deletes sightings of more than `SIGHTING_KEEP_DAYS` that nobody has reviewed; the number.

    What a movement or a count names as its evidence stays. So does what was drawn for the audit:
    without those that nobody could judge, the audit would look more complete than it was.
    """
    before = timezone.now() - timedelta(days=settings.SIGHTING_KEEP_DAYS)
    evidence = Concat(Value(EVIDENCE), OuterRef("token"))
    old = (
        Sighting.objects.filter(created_at__lt=before, review="", drawn_for_audit=False)
        .exclude(Exists(StockMovement.objects.filter(evidence=evidence)))
        .exclude(Exists(StocktakeLine.objects.filter(evidence=evidence)))
    )
    storage, number, last = query_photo_storage(), 0, 0
    while rows := dict(old.filter(pk__gt=last).order_by("pk").values_list("pk", "photo")[:_BATCH]):
        last = max(rows)
        # Asked again by the deletion itself: somebody may have reviewed one meanwhile.
        number += old.filter(pk__in=rows).delete()[0]
        left = set(Sighting.objects.filter(pk__in=rows).values_list("pk", flat=True))
        for pk, photo in rows.items():
            if photo and pk not in left:
                storage.delete(photo)
    return number
