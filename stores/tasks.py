"""Background work on the stock. A task may run twice and ends in the same state."""

import logging

from django.db import close_old_connections
from procrastinate.contrib.django import app

from stores.low_stock import flag_low_stock
from stores.models import StockLevel

logger = logging.getLogger(__name__)


@app.periodic(cron="*/5 * * * *")
@app.task(name="stores.flag_low_stock", queueing_lock="flag_low_stock")
def flag_low_levels(timestamp: int) -> None:  # noqa: ARG001
    """Every five minutes: what fell to its reorder point is flagged and logged, once."""
    close_old_connections()
    became_low = flag_low_stock()
    for level in StockLevel.objects.filter(pk__in=became_low).select_related("store", "product"):
        logger.info("Low: %s in %s, %d left", level.product, level.store, level.quantity)
