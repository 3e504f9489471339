"""Stores, and who may do what in which of them."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stores.actions import ACT_IN_ALL_STORES, SEE_ALL_STORES, Action
from stores.opening_hours import validate_opening_hours

# A code stands in addresses, in files and on labels.
CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
CODE_TAKEN = _("Another store has this code; capital and small letters count as the same.")
_CODE_MESSAGE = _("A store's code has letters, digits, hyphens and underscores only.")


def in_public(prefix: str = "") -> Q:
    """The condition on a store, reached by `prefix`, that customers are sent to it."""
    return Q(**{f"{prefix}is_active": True, f"{prefix}is_public": True})


class StoreQuerySet(models.QuerySet["Store"]):
    def active(self) -> "StoreQuerySet":
        return self.filter(is_active=True)

    def public(self) -> "StoreQuerySet":
        """The open ones that customers are sent to."""
        return self.filter(in_public())

    def where_may(self, user: Any, action: Action) -> "StoreQuerySet":
        """The stores in which somebody may do something: those where they are staff, or all."""
        if not user.has_perm(action):
            return self.none()
        everywhere = user.has_perm(ACT_IN_ALL_STORES) or (
            action is Action.VIEW and user.has_perm(SEE_ALL_STORES)
        )
        # By a subquery, since a join would double stores and forbid locks.
        return self if everywhere else self.filter(pk__in=user.stores.values("pk"))


class Store(models.Model):
    """A place that holds stock: a shop or a warehouse."""

    code = models.CharField(
        _("code"),
        max_length=32,
        unique=True,
        validators=[RegexValidator(CODE_PATTERN, _CODE_MESSAGE)],
        help_text=_("Your own short name of it; files and programs call it by this."),
    )
    name = models.CharField(_("name"), max_length=120)
    address = models.TextField(_("address"), blank=True)
    opening_hours = models.TextField(
        _("opening hours"),
        blank=True,
        validators=[validate_opening_hours],
        help_text=_("A line for some days: Mo-Fr 09:00-18:00"),
    )
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    is_active = models.BooleanField(
        _("open for business"),
        default=True,
        help_text=_("A closed store takes no more goods; what it holds can still be moved out."),
    )
    is_public = models.BooleanField(
        _("customers come here"),
        default=True,
        help_text=_(
            "Not so for a warehouse: customers do not see it, and what it holds is not offered to them."
        ),
    )
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="stores",
        verbose_name=_("staff"),
        help_text=_("Store clerks act only on stores where they are staff."),
    )

    objects = StoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ["name", "code"]
        constraints = [
            # People read a code from a label and type it; capitals do not tell two stores apart.
            models.UniqueConstraint(
                Lower("code"),
                name="store_code_unique_in_any_case",
                violation_error_message=CODE_TAKEN,
            ),
            models.CheckConstraint(
                condition=Q(code__regex=CODE_PATTERN),
                name="store_code_is_clean",
                violation_error_message=_CODE_MESSAGE,
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"\S"),
                name="store_has_a_name",
                violation_error_message=_("A store needs a name."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                # A CHECK lets NULL pass, so that both are there must be said.
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="store_place_is_whole",
                violation_error_message=_("Give both latitude and longitude, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("stores:store", kwargs={"code": self.code})
