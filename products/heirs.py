"""Where merged products went, for many at once."""

from collections.abc import Iterable

from products.models import Product


def heirs_of(products: Iterable[Product]) -> dict[int, Product]:
    """`{id: heir}` of those that were merged, at the end of the chain, as `Product.heir` finds it.

    A query for each link of the longest chain; mostly there is one.
    """
    heirs: dict[int, Product] = {}
    at = {each.pk: each.merged_into_id for each in products if each.merged_into_id is not None}
    seen = {pk: {pk} for pk in at}
    while at:
        found = Product.objects.only("sku", "name", "merged_into").in_bulk(set(at.values()))
        following = {}
        for pk, next_pk in at.items():
            product = found[next_pk]
            if product.merged_into_id is None:
                heirs[pk] = product
            elif next_pk not in seen[pk]:  # else a chain that bites its tail, which has no end
                seen[pk].add(next_pk)
                following[pk] = product.merged_into_id
        at = following
    return heirs
