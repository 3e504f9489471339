"""Forms of Russian words that a stemmer does not bring together.

Snowball cuts endings. Where a vowel comes and goes inside of a word, two stems are left: “чашка” and
“чашек”, “окно” and “окон”, “огурец” and “огурцы”. What people ask for stands in such forms often: a
set of cups, a pair of shoes.
"""

# ruff: noqa: RUF001  # Cyrillic letters are meant.
import re

# An end of a consonant, a fleeting vowel and one of the consonants that it stands before; of short
# words, as “сок”, too little would be left to begin other words with.
_WITH_VOWEL = re.compile(r"(\w+[бвгджзйклмнпрстфхцчшщ])[еёо]([кцнлр])", re.IGNORECASE)
# The same without it, before an ending of a noun.
_WITHOUT_VOWEL = re.compile(
    r"(\w+[бвгджзйклмнпрстфхцчшщ]ь?)([кцнлр])(?:[аеиоуы]|[ео][йвм]|ам|ами|ах)", re.IGNORECASE
)


def other_stems(word: str) -> list[str]:
    """Beginnings of the same word's other forms; most words have none. Beside real ones there are
    some that no word begins with.
    """
    if found := _WITH_VOWEL.fullmatch(word):
        return [found[1] + found[2]]
    if found := _WITHOUT_VOWEL.fullmatch(word):
        stem = found[1].removesuffix("ь")
        return [stem + vowel + found[2] for vowel in "ео"]
    return []
