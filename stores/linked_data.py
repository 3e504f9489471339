"""Stores in the words of schema.org, for search engines."""

from typing import Any

from stores.told import ToldStore

_SCHEMA_DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


def linked_store(one: ToldStore, address: str) -> dict[str, Any]:
    """A store in the words of schema.org; `address` is that of its page, absolute."""
    data: dict[str, Any] = {
        "@type": "Store",
        "@id": address,
        "url": address,
        "name": one.store.name,
        "branchCode": one.store.code,
    }
    if one.address:
        data["address"] = one.address
    if one.store.latitude is not None:
        data["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": one.store.latitude,
            "longitude": one.store.longitude,
        }
    if one.spans:
        data["openingHoursSpecification"] = [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": [f"https://schema.org/{_SCHEMA_DAYS[day]}" for day in span.days],
                "opens": f"{span.opens:%H:%M}",
                "closes": f"{span.closes:%H:%M}",
            }
            for span in one.spans
        ]
    return data
