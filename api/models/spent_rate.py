"""How much of their rates callers have spent."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SpentRate(models.Model):
    """When a caller's calls of one kind will all be paid for (`api.rates`).

    The table is unlogged: what a crash of the server takes away is a minute of somebody's rate.
    """

    caller = models.CharField(max_length=160, primary_key=True)
    paid_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("spent rate")
        verbose_name_plural = _("spent rates")

    def __str__(self) -> str:
        return self.caller
