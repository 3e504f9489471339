"""Which products words find: by their own texts, and by the names of the categories above them."""

from collections import defaultdict
from functools import reduce
from operator import add, or_
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import BooleanField, ExpressionWrapper, Q

from products.models.category import Category
from products.words import CONFIGS, prefix_query, separated, words_of


def found_by(text: str) -> Q | None:
    """The condition that each word stands in a product's text or in a name on the path of its category;
    None when nothing that could be searched for was typed.
    """
    query = prefix_query(text)
    if query is None:
        return None
    words = list(dict.fromkeys(words_of(text)))
    condition = Q(text=query)
    for said, categories in _categories_that_say(words).items():
        # By their numbers, so that an index finds them as another finds the words.
        inside = Q(category__in=categories)
        rest = prefix_query(" ".join(word for word in words if word not in said))
        condition |= inside if rest is None else inside & Q(text=rest)
    return condition


def _categories_that_say(words: list[str]) -> dict[frozenset[str], list[int]]:
    """Categories by which of the words their paths say, without those that say none."""
    queries: list[Any] = [prefix_query(word) for word in words]
    vectors: list[Any] = [SearchVector(separated("name"), config=config) for config in CONFIGS]
    vector = reduce(add, vectors)
    asked = {
        f"word_{number}": ExpressionWrapper(Q(text=query), output_field=BooleanField())
        for number, query in enumerate(queries)
    }
    rows = (
        Category.objects.annotate(text=vector)
        .filter(text=reduce(or_, queries))
        .annotate(**asked)
        .values_list("path", *asked)
    )
    own = {
        path: {word for word, is_there in zip(words, answers, strict=True) if is_there}
        for path, *answers in rows
    }
    if not own:
        return {}
    inside = reduce(or_, [Q(path__startswith=path) for path in own])
    found: dict[frozenset[str], list[int]] = defaultdict(list)
    for pk, path in Category.objects.filter(inside).order_by().values_list("pk", "path"):
        steps = range(Category.steplen, len(path) + 1, Category.steplen)
        found[frozenset().union(*(own.get(path[:end], ()) for end in steps))].append(pk)
    return found
