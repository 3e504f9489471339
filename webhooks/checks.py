"""System checks of the webhooks."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register


@register(Tags.security, deploy=True)
def private_addresses_are_meant(**_kwargs: Any) -> list[CheckMessage]:
    if not (settings.WEBHOOK_PRIVATE_ADDRESSES or settings.WEBHOOK_PLAIN_HTTP):
        return []
    return [
        checks.Warning(
            "Webhooks may reach private addresses, or go without TLS.",
            hint=(
                "Whoever makes an endpoint can then send requests into your network. Unset"
                " RETAILVISION_WEBHOOK_PRIVATE_ADDRESSES and RETAILVISION_WEBHOOK_PLAIN_HTTP"
                " unless that is wanted."
            ),
            id="webhooks.W001",
        )
    ]
