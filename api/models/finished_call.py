"""Calls that were done, by the key that their caller gave them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FinishedCall(models.Model):
    """What a call with an `Idempotency-Key` was answered, so that it is answered so again.

    `status` is null only inside of the transaction that does the work: others who look meanwhile
    wait for that to end.
    """

    caller = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    # JSON as it was sent, in its order: jsonb would sort it.
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("finished call")
        verbose_name_plural = _("finished calls")
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="api_finished_call_once")
        ]

    def __str__(self) -> str:
        return f"{self.caller}: {self.key}"
