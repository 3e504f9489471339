"""Keys of partners' programs: only a hash is stored, by django-rest-knox."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken, get_digest_token
from knox.settings import CONSTANTS

from api.scopes import Scope

# As much as the library looks a key up by: enough to tell keys apart in a list and in a log, and far
# too little to guess the rest.
SHOWN_LENGTH = CONSTANTS.TOKEN_KEY_LENGTH


class ApiKeyManager(models.Manager["ApiKey"]):
    def issue(
        self,
        *,
        user: Any,
        name: str,
        scopes: Iterable[str],
        expires_at: datetime | None = None,
        created_by: Any = None,
    ) -> tuple["ApiKey", str]:
        """Makes a key. The second value is the key itself, which nobody can be told again."""
        digest, secret = get_digest_token()
        key = self.create(
            digest=digest,
            token_key=secret[:SHOWN_LENGTH],
            user=user,
            name=name,
            scopes=sorted(set(scopes)),
            expiry=expires_at,
            created_by=created_by,
        )
        return key, secret


class ApiKey(AbstractAuthToken):
    """A key that a program shows as `Authorization: Bearer rv_...`.

    The digest is SHA-512 of 256 random bits: nothing is gained by a salt or by many rounds.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    token_key = models.CharField(_("begins with"), max_length=25, db_index=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("belongs to"),
        help_text=_("The key does what this person may do, as far as its scopes go."),
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Which program uses it, as in “Acme ERP, nightly”.")
    )
    scopes = ArrayField(
        models.CharField(max_length=32, choices=Scope.choices),
        verbose_name=_("scopes"),
    )
    expiry = models.DateTimeField(
        _("expires"), null=True, blank=True, help_text=_("Empty: it is valid until it is revoked.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects: ClassVar[ApiKeyManager] = ApiKeyManager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scopes__len__gt=0)
                & models.Q(scopes__contained_by=list(Scope.values)),
                name="api_key_has_known_scopes",
                violation_error_message=_("A key has at least one scope."),
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="api_key_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"

    @property
    def has_expired(self) -> bool:
        return self.expiry is not None and self.expiry <= timezone.now()

    @property
    def is_valid(self) -> bool:
        """Whether it opens anything: not revoked, not expired, and its person is active."""
        return self.revoked_at is None and not self.has_expired and self.user.is_active

    def revoke(self) -> None:
        """At once and for good. Once more changes nothing."""
        revoked = type(self).objects.filter(pk=self.pk, revoked_at=None)
        revoked.update(revoked_at=timezone.now())
        self.refresh_from_db(fields=["revoked_at"])
