"""Sentences of modules that know no Django, and so no language but English."""

from typing import Any, Self


def gettext_noop(text: str) -> str:
    """Marks a text to be translated where it is shown, by the name that xgettext looks for."""
    return text


class Words(str):
    """An English sentence that remembers what it was made of: whoever knows the reader's language
    looks up `template` in it and fills in `params`.
    """

    __slots__ = ("params", "template")

    template: str
    params: dict[str, Any]

    def __new__(cls, template: str, **params: Any) -> Self:
        words = super().__new__(cls, template % params)
        words.template, words.params = template, params
        return words
