"""Webhooks in the admin: endpoints, and the log of deliveries."""

from webhooks.admin.deliveries import WebhookDeliveryAdmin
from webhooks.admin.endpoints import WebhookEndpointAdmin

__all__ = ["WebhookDeliveryAdmin", "WebhookEndpointAdmin"]
