"""What rings besides requests: a worker that is done with photos, and low stock."""

from typing import Any

from django.dispatch import receiver

from recognition.embedding import photos_recorded
from stores.low_stock import levels_became_low
from webhooks.queue import knock_if_new


@receiver([photos_recorded, levels_became_low], dispatch_uid="webhooks.knock")
def ring(**_kwargs: Any) -> None:
    knock_if_new()
