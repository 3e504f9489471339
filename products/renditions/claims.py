"""Which photos lack renditions, who makes them, and what became of it."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import Storage
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from products.imaging.renditions import RECIPE
from products.models import ProductImage, RenditionAttempt
from products.renditions.files import delete_renditions
from products.renditions.queue import knock

logger = logging.getLogger(__name__)

# A photo that took the process with it this often is set aside as failed.
_MOST_ATTEMPTS = 3
# Of photos that are gone, the size is not known any more: all that there might be is looked for.
_ANY_SIZE = (10**6, 10**6)


@dataclass(frozen=True, slots=True)
class Claim:
    """A photo that this worker holds until its lease runs out."""

    image_id: int
    file_name: str
    size: tuple[int, int]  # pixels


def due() -> bool:
    """Whether there is a photo that a worker could take now."""
    free = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
    busy = RenditionAttempt.objects.filter(file=OuterRef("file")).exclude(free, reason="")
    return ProductImage.objects.filter(~Exists(busy), renditions=0).exists()


def claim(most: int) -> list[Claim]:
    """Takes up to `most` photos for this worker, the first of each product before the others, and
    commits that. Photos that were claimed before without an answer go one by one, so that the one
    that kills the process is found. Any number of workers may call this at once.
    """
    _give_up()
    return _take(most, again=False) or _take(1, again=True)


def _take(most: int, *, again: bool) -> list[Claim]:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS (SELECT image.id, image.file, image.width, image.height"
            "   FROM products_productimage image"
            "   LEFT JOIN products_renditionattempt attempt ON attempt.file = image.file"
            "   WHERE image.renditions = 0 AND coalesce(attempt.reason, '') = ''"
            "   AND (coalesce(attempt.attempts, 0) > 0) = %s"
            "   AND (attempt.leased_until IS NULL OR attempt.leased_until < now())"
            "   ORDER BY image.position, image.id LIMIT %s"
            "   FOR NO KEY UPDATE OF image SKIP LOCKED),"
            " taken AS (INSERT INTO products_renditionattempt AS attempt"
            "   (file, image_id, attempts, leased_until, reason)"
            "   SELECT DISTINCT ON (file) file, id, 1, now() + make_interval(secs => %s), ''"
            "   FROM due"
            # Whoever read the row before another worker took it, comes too late.
            "   ON CONFLICT (file) DO UPDATE SET attempts = attempt.attempts + 1,"
            "     leased_until = excluded.leased_until, image_id = excluded.image_id"
            "   WHERE attempt.leased_until IS NULL OR attempt.leased_until < now()"
            "   RETURNING file, image_id)"
            " SELECT due.id, due.file, due.width, due.height FROM due"
            " JOIN taken ON taken.image_id = due.id",
            [again, most, settings.RENDITION_LEASE_SECONDS],
        )
        return [Claim(pk, name, (w, h)) for pk, name, w, h in cursor.fetchall()]


def _give_up() -> None:
    RenditionAttempt.objects.filter(
        attempts__gte=_MOST_ATTEMPTS, reason="", leased_until__lt=timezone.now()
    ).update(
        leased_until=None,
        reason=gettext(
            "The program stopped %(attempts)d times while it worked on this photo. Replace the "
            "photo, or try again."
        )
        % {"attempts": _MOST_ATTEMPTS},
    )


def record(claimed: Claim, *, transparent: bool) -> bool:
    """Says that all renditions of a photo are there. One that was deleted or replaced meanwhile
    leaves none of them behind.
    """
    attempt = RenditionAttempt.objects.filter(file=claimed.file_name)
    with transaction.atomic():
        made = ProductImage.objects.filter(
            pk=claimed.image_id, file=claimed.file_name
        ).update(renditions=RECIPE, transparent=transparent)  # fmt: skip
        if made:
            attempt.delete()
            return True
    delete_renditions(storage(), claimed.file_name, claimed.size)
    attempt.delete()
    return False


def fail(claimed: Claim, reason: str) -> None:
    """Sets a photo aside; pages go on showing its plain thumbnails."""
    logger.warning("No renditions of photo %d: %s", claimed.image_id, reason)
    RenditionAttempt.objects.filter(file=claimed.file_name).update(reason=reason, leased_until=None)


def postpone(claimed: Claim) -> None:
    """Leaves a photo for when its lease has run out; the claim does not count as an attempt."""
    _uncounted(claimed).update(attempts=F("attempts") - 1)


def release(claimed: Claim) -> None:
    """Gives a photo back unfinished, as on a clean shutdown; that does not count as an attempt."""
    _uncounted(claimed).update(attempts=F("attempts") - 1, leased_until=None)


def _uncounted(claimed: Claim) -> QuerySet[RenditionAttempt]:
    return RenditionAttempt.objects.filter(file=claimed.file_name, attempts__gt=0)


def retry_failed() -> int:
    """Makes photos due again that were set aside; their number."""
    failed, _ = RenditionAttempt.objects.exclude(reason="").delete()
    return failed


def sweep() -> None:
    """Repairs what no signal saw: an older recipe, lost jobs, files of photos that are gone."""
    ProductImage.objects.exclude(renditions__in=[0, RECIPE]).update(renditions=0)
    there = ProductImage.objects.filter(pk=OuterRef("image_id"), file=OuterRef("file"))
    lost = RenditionAttempt.objects.filter(
        ~Exists(there), Q(leased_until=None) | Q(leased_until__lt=timezone.now())
    )
    for name in lost.values_list("file", flat=True):
        delete_renditions(storage(), name, _ANY_SIZE)
        RenditionAttempt.objects.filter(file=name).delete()
    if due():
        knock()


def storage() -> Storage:
    """Where photos and their renditions lie."""
    return ProductImage._meta.get_field("file").storage
