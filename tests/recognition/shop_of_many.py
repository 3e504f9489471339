"""A shop with categories, brands, prices and stock, for what narrows lists down."""

from products.models import Product
from stores.models import Store
from tests.factories import ProductFactory, StoreFactory, with_stock

KINDS = ("Home/Lamps", "Home/Mugs", "Home/Mugs/Large", "Pantry/Tea")
BRANDS = ("Nord", "Süd", "nord", "")
PRICES = ("0.00", "3.50", "9.99", "10.00", "24.90", "199.00", None)


def fill_shop(number: int = 40) -> tuple[list[Product], list[Store]]:
    """Products whose categories, brands and prices go round at different paces, every third in stock."""
    products = [
        ProductFactory(
            sku=f"M{n:03d}",
            name=f"{'Blue' if n % 2 else 'Red'} thing {n:03d}",
            category_path=KINDS[n % 4],
            brand=BRANDS[n // 2 % 4],
            price=PRICES[n % 7],
        )
        for n in range(number)
    ]
    stores = [StoreFactory(code=f"S{n}", name=f"Store {n}") for n in range(3)]
    for n, product in enumerate(products):
        for m, store in enumerate(stores[:2]):
            if n % (3 + m) == 0:
                with_stock(store, product, 1 + n)
    # Neither counts: gone, and in a store that is closed.
    products[3].is_active = False
    products[3].save()
    closed = StoreFactory(code="SHUT", name="Shut")
    with_stock(closed, products[1], 4)
    Store.objects.filter(pk=closed.pk).update(is_active=False)
    return products, stores
