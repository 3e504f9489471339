"""How much of their rates callers have spent."""

from django.db import models


class SpentRate(models.Model):
    """When a caller's calls of one kind will all be paid for (`api.rates`).

    The table is unlogged: what a crash of the server takes away is a minute of somebody's rate.
    """

    caller = models.CharField(max_length=160, primary_key=True)
    paid_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.caller
