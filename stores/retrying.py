"""As `products.retrying`, which merging needs too."""

from products.retrying import retry_when_lost

__all__ = ["retry_when_lost"]
