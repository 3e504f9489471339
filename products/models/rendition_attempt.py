"""Who makes the renditions of which photo, and which could not be made."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RenditionAttempt(models.Model):
    """A photo whose renditions are being made, or could not be; gone once they are there.

    It names the file and holds no foreign key: a photo that is deleted while a worker writes
    leaves this row, and by it its files are found.
    """

    file = models.CharField(_("file"), max_length=200, primary_key=True)
    image_id = models.BigIntegerField(_("photo"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True)
    reason = models.TextField(_("reason of failure"), blank=True)

    class Meta:
        verbose_name = _("attempt at small pictures")
        verbose_name_plural = _("attempts at small pictures")
        # Written by workers alone; nobody needs a permission for it.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="") | Q(leased_until=None),
                name="rendition_attempt_failed_or_leased",
            )
        ]

    def __str__(self) -> str:
        return self.file
