"""What all work has in common that is begun by a row and done in the background."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BackgroundRun(models.Model):
    """A row that is running is the truth; the job of the queue only says so. It ends `done` or
    `failed`, with a reason.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    # Empty: by a command or by the clock.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.RUNNING)
    reason = models.TextField(_("reason"), blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    # How often a worker began: work that kills its worker is not begun for ever.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    touched_at = models.DateTimeField(_("last sign of life"), auto_now=True)

    class Meta:
        abstract = True

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0
