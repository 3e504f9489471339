"""Who is told of what, what there is to tell, and what became of it."""

from webhooks.models.delivery import WebhookAttempt, WebhookDelivery
from webhooks.models.endpoint import WebhookEndpoint
from webhooks.models.event import WebhookEvent

__all__ = ["WebhookAttempt", "WebhookDelivery", "WebhookEndpoint", "WebhookEvent"]
