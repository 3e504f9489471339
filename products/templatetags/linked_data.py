"""What pages tell machines of themselves: see `products.linked_data`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.urls import reverse

from products import linked_data

register = template.Library()

register.simple_tag(linked_data.data_block, name="linked_data")


@register.simple_tag(takes_context=True)
def linked_crumbs(context: Mapping[str, Any], crumbs: Sequence[tuple[str, str]]) -> str:
    """The crumbs of a page as data; "" where they lead nowhere."""
    if len(crumbs) < 2:
        return ""
    absolute = context["request"].build_absolute_uri
    return linked_data.data_block(
        linked_data.breadcrumb_list([(name, url and absolute(url)) for name, url in crumbs])
    )


@register.simple_tag(takes_context=True)
def linked_site(context: Mapping[str, Any]) -> str:
    """The site and how it is searched, for its start page."""
    home = context["request"].build_absolute_uri(reverse("recognition:search"))
    return linked_data.data_block(linked_data.linked_site(home))
