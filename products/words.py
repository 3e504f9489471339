"""What people type, as a query that PostgreSQL's full-text search understands."""

import re

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery

CONFIGS = ("simple", "english", "russian")
_WORD = re.compile(r"\w+", re.UNICODE)
# A sentence finds nothing more with its fortieth word, and costs as much as the first.
MAX_WORDS = 16


def prefix_query(words: str) -> SearchQuery | CombinedSearchQuery | None:
    """All words, each as the beginning of a word, in any of the stored languages.

    None when nothing that could be searched for was typed. Only word characters survive, so the
    text cannot carry operators of the query language.
    """
    found = _WORD.findall(words.replace("\0", " "))[:MAX_WORDS]
    if not found:
        return None
    raw = " & ".join(f"'{word}':*" for word in found)
    query: SearchQuery | CombinedSearchQuery = SearchQuery(
        raw, search_type="raw", config=CONFIGS[0]
    )
    for config in CONFIGS[1:]:
        query = query | SearchQuery(raw, search_type="raw", config=config)
    return query
