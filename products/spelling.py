"""What was probably meant by words of which one stands nowhere in the catalogue: slips of the keyboard,
and the wrong layout of it.
"""

from collections.abc import Collection, Iterator
from itertools import islice

from django.core.cache import cache
from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from products.models import Product
from products.words import words_of

# Shorter ones are near to everything.
_SHORTEST = 3
# Two slips only where enough is left to tell the word by.
_TWO_SLIPS_FROM = 6
# Who writes a sentence has not made a slip in a name.
_MOST_WORDS_MENDED = 6
# What is tried until something is found; each costs a query.
_MOST_TRIED = 4
_SECONDS_KEPT = 600
_CACHE_KEY = "products.spelling.vocabulary"
# Of very large catalogues the rarest words are left out.
_MOST_WORDS = 200_000

# The same keys on a Latin and on a Russian keyboard.
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_OTHER_LAYOUT = str.maketrans(_LATIN + _RUSSIAN, _RUSSIAN + _LATIN)

_VOCABULARY = r"""
SELECT word, count(*) AS number FROM (
    SELECT lower(name || ' ' || brand) AS text FROM products_product
    WHERE is_active AND merged_into_id IS NULL
    UNION ALL SELECT lower(name) FROM products_category
) texts, regexp_split_to_table(text, '[^[:alpha:]]+') AS word
WHERE length(word) >= %s GROUP BY word ORDER BY number DESC, word LIMIT %s
"""


def probably_meant(text: str) -> Iterator[str]:
    """Other spellings of words that find nothing, the likeliest first, at most four. Only words that
    stand nowhere are changed: where each stands somewhere, though not together, there is nothing to mend.
    """
    words = list(dict.fromkeys(word.lower() for word in words_of(text)))
    if not words or len(words) > _MOST_WORDS_MENDED:
        return
    vocabulary = _vocabulary()
    unknown = [word for word in words if not _is_known(word, vocabulary)]
    if not unknown:
        return
    layout = text.lower().translate(_OTHER_LAYOUT)
    others = words_of(layout)
    if layout != text.lower() and others and all(_is_known(each, vocabulary) for each in others):
        yield layout
        return
    nearest = {word: _nearest(word, vocabulary) for word in unknown}
    if not all(nearest.values()):
        return
    # Of several unknown words only one is varied: what is asked stays a guess that can be read.
    varied = max(unknown, key=lambda word: len(nearest[word]))
    for choice in islice(nearest[varied], _MOST_TRIED):
        meant = {word: choice if word == varied else nearest[word][0] for word in unknown}
        yield " ".join(meant.get(word, word) for word in words)


def _is_known(word: str, vocabulary: Collection[str]) -> bool:
    """Whether a product or a category has it. What begins a word of the vocabulary is known without a
    question to the database, which would be dear for short ones.
    """
    return (
        any(each.startswith(word) for each in vocabulary)
        or Product.objects.active().order_by().with_words(word).exists()
    )


def _nearest(word: str, vocabulary: dict[str, int]) -> list[str]:
    """Words within one slip (a letter more, less, other, or two that changed places), two for long
    ones; of equally near ones those of most products first.
    """
    if len(word) < _SHORTEST or not word.isalpha():
        return []
    slips = 2 if len(word) >= _TWO_SLIPS_FROM else 1
    found = process.extract(
        word, vocabulary.keys(), scorer=OSA.distance, score_cutoff=slips, limit=None
    )
    return [
        near
        for near, _slips, _at in sorted(found, key=lambda each: (each[1], -vocabulary[each[0]]))
    ]


def _vocabulary() -> dict[str, int]:
    """Words of names, brands and categories, and in how many they stand; kept for ten minutes."""
    kept: dict[str, int] | None = cache.get(_CACHE_KEY)
    if kept is None:
        with connection.cursor() as cursor:
            cursor.execute(_VOCABULARY, [_SHORTEST, _MOST_WORDS])
            kept = dict(cursor.fetchall())
        cache.set(_CACHE_KEY, kept, _SECONDS_KEPT)
    return kept
