"""What people type, as a query that PostgreSQL's full-text search understands."""

import re
import unicodedata

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery
from django.db.models import F, Func, TextField, Value

from products.russian_words import other_stems

CONFIGS = ("simple", "english", "russian")
_WORD = re.compile(r"\w+", re.UNICODE)
# A sentence finds nothing more with its fortieth word, and costs as much as the first.
MAX_WORDS = 16

# PostgreSQL's parser would make one word of "AB-12" with a sign, of "a.b" with a host, of "1/2" with a
# path, none of which is found by its parts.
_JOINTS = "[-/._:@+&#=?~]"


def separated(field: str) -> Func:
    """A field's text as words that are found one by one, as `prefix_query` asks for them."""
    return Func(
        F(field),
        Value(_JOINTS),
        Value(" "),
        Value("g"),
        function="REGEXP_REPLACE",
        output_field=TextField(),
    )


def words_of(text: str) -> list[str]:
    """The words that are looked for, at most `MAX_WORDS`; letters of two signs as one."""
    return _WORD.findall(unicodedata.normalize("NFC", text.replace("\0", " ")))[:MAX_WORDS]


def _alternatives(word: str) -> str:
    return " | ".join(f"'{form}':*" for form in (word, *other_stems(word)))


def prefix_query(words: str) -> SearchQuery | CombinedSearchQuery | None:
    """All words, each as the beginning of a word, in any of the stored languages.

    None when nothing that could be searched for was typed. Only word characters survive, so the
    text cannot carry operators of the query language.
    """
    found = words_of(words)
    if not found:
        return None
    raw = " & ".join(f"({_alternatives(word)})" for word in found)
    query: SearchQuery | CombinedSearchQuery = SearchQuery(
        raw, search_type="raw", config=CONFIGS[0]
    )
    for config in CONFIGS[1:]:
        query = query | SearchQuery(raw, search_type="raw", config=config)
    return query
