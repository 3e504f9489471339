"""What staff type above the list of products, as a condition: words, SKU or barcode."""

from django.contrib.postgres.search import SearchRank
from django.db.models import Case, F, Q, QuerySet, Value, When

from products.imaging import canonical_gtin
from products.models import Category, Product
from products.models.category import PATH_SEPARATOR
from products.words import prefix_query


def find_products(products: QuerySet[Product], words: str) -> QuerySet[Product]:
    """As customers find them by words; also by any part of a SKU or of a barcode, and by a GTIN in
    whatever spelling.
    """
    words = " ".join(words.replace("\0", " ").split())
    # Sub-queries that each use their own index; one OR over columns of two tables would use none.
    found = Q(pk__in=Product.objects.matching(words).order_by().values("pk"))
    found |= Q(sku__icontains=words)
    digits = words.replace(" ", "").replace("-", "")
    if digits.isascii() and digits.isdecimal():
        found |= Q(barcode__contains=digits)
    if gtin := canonical_gtin(words):
        found |= Q(barcode=gtin)
    return products.filter(found)


def in_order_of_words(products: QuerySet[Product], words: str) -> QuerySet[Product]:
    """The product whose SKU or barcode was typed first, then by how well the words fit."""
    words = " ".join(words.replace("\0", " ").split())
    exact = Q(sku__iexact=words)
    if gtin := canonical_gtin(words):
        exact |= Q(barcode=gtin)
    order: list[object] = [Case(When(exact, then=Value(0)), default=Value(1))]
    query = prefix_query(words)
    if query is not None:
        order.append(SearchRank(F("text"), query).desc())
    return products.order_by(*order, "name", "sku", "pk")  # type: ignore[arg-type]


def find_categories(categories: QuerySet[Category], words: str) -> QuerySet[Category]:
    """Categories by a part of their name; `fruit/app` finds “Apple” somewhere below “Fruit”."""
    parts = [part.strip() for part in words.replace("\0", " ").split(PATH_SEPARATOR)]
    *above, last = [part for part in parts if part] or [""]
    inside = Q()
    for part in above:
        below = Q(pk__in=[])
        for path in Category.objects.filter(inside, name__icontains=part).values_list(
            "path", flat=True
        ):
            below |= Q(path__startswith=path)
        inside &= below
    return categories.filter(inside, name__icontains=last)
