"""What the pages of the stores, and the header of all pages, ask for."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime

from stores.actions import Action
from stores.models import Store
from stores.signs import signed, signed_price
from stores.told import stock_in_words

register = template.Library()
# How many a store holds, as shoppers are told.
register.filter("stock_words", stock_in_words)
register.filter(signed)
register.filter(signed_price)


@register.simple_tag(takes_context=True)
def sees_stock(context: Any) -> bool:
    """Whether the visitor may see any store's stock; costs nothing for those without a log-in."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return False
    return Store.objects.where_may(user, Action.VIEW).exists()


@register.filter
def person(user: Any) -> str:
    """Somebody's full name, or what they log in with; "–" for a log-in that is gone."""
    return (user.get_full_name() or user.get_username()) if user else "–"


@register.filter
def moment(when: datetime | None) -> str:
    """A time as colleagues say it: of today without the date, of this year without the year."""
    if when is None:
        return ""
    then, now = localtime(when), localtime()
    day = "" if then.date() == now.date() else "j M" if then.year == now.year else "j M Y"
    return date_format(then, f"{day}, H:i" if day else "H:i")
