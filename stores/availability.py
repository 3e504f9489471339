"""Which stores hold a product now, as customers and partners are told: open stores that customers come
to, and no warehouses.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Window

from stores.models import StockLevel, Store
from stores.models.store import in_public

_IN_PUBLIC = in_public("store__")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store that holds so many of a product."""

    store: Store
    quantity: int


def shelves(product_ids: Iterable[int]) -> dict[int, list[Shelf]] | None:
    """The open stores that hold each product, those with most first; by one query.

    None where the site keeps no stores: nothing is known then, which is not the same as sold out.
    """
    if not Store.objects.public().exists():
        return None
    found: dict[int, list[Shelf]] = {product_id: [] for product_id in product_ids}
    levels = StockLevel.objects.filter(
        _IN_PUBLIC, product__in=list(found), quantity__gt=0
    ).select_related("store")
    for level in levels.order_by("-quantity", "store__name", "store"):
        found[level.product_id].append(Shelf(level.store, level.quantity))
    return found


def held(prefix: str = "", *, stores: Collection[Store] = ()) -> Q:
    """The condition on a product, reached by `prefix`, that one of these open stores holds it; without
    stores, that any does.
    """
    levels = StockLevel.objects.filter(_IN_PUBLIC, quantity__gt=0)
    if stores:
        levels = levels.filter(store__in=[store.pk for store in stores])
    return Q(**{f"{prefix}pk__in": levels.order_by().values("product")})


@dataclass(frozen=True, slots=True)
class Holding:
    """In how many open stores a product is, and the one that holds most of it."""

    stores: int
    most: Shelf

    @property
    def others(self) -> int:
        """The stores beside the one that holds most."""
        return self.stores - 1


def holdings(
    product_ids: Iterable[int], *, stores: Collection[Store] = ()
) -> dict[int, Holding] | None:
    """`{product: where it is}`, of those that are in one of the open stores (or of these); two queries
    however many stores there are. None where the site keeps no stores.
    """
    if not Store.objects.public().exists():
        return None
    levels = StockLevel.objects.filter(_IN_PUBLIC, product__in=list(product_ids), quantity__gt=0)
    if stores:
        levels = levels.filter(store__in=[store.pk for store in stores])
    # The count is made before all but the fullest store of each product are left out.
    number = Window(Count("pk"), partition_by="product")
    fullest = (
        levels.annotate(number=number)
        .order_by("product_id", "-quantity", "store__name", "store_id")
        .distinct("product_id")
        .select_related("store")
    )
    return {
        level.product_id: Holding(level.number, Shelf(level.store, level.quantity))
        for level in fullest
    }
