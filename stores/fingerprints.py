"""Digests of what was asked, by which a repeat is told from another request."""

import hashlib
import json
from typing import Any

from products.models import Product


def fingerprint(*parts: Any) -> str:
    """A digest of what was asked; model instances count by their keys."""
    text = json.dumps(parts, default=lambda each: f"{type(each).__name__}:{each.pk}")
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_of_merge(product: Product, into: Product) -> str:
    """Of the operation that takes a product's stock along. No request of a person has it."""
    return fingerprint("merge", product, into)
