"""The catalogue of each language is whole, and what it says fits into the text's place."""

import gettext
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings

CODES = [code for code, _name in settings.LANGUAGES if code != "en"]
# Forms of the plural, as Django counts them.
FORMS = {"ru": 4}
_PLACES = re.compile(r"%\(\w+\)[+#0 -]*\d*(?:\.\d+)?[a-z]|%[sdg]|%%|\{\w*(?::\w+)?\}")


def po_file(code: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / code / "LC_MESSAGES" / "django.po"


def catalogue(code: str) -> Catalog:
    with po_file(code).open("rb") as file:
        return read_po(file)


def messages(code: str) -> list[Message]:
    return [message for message in catalogue(code) if message.id]


def forms(message: Message) -> list[tuple[str, str]]:
    """`(said, original)` of each form."""
    if isinstance(message.id, str):
        return [(message.string, message.id)]
    return [(said, message.id[-1]) for said in message.string]


@pytest.mark.parametrize("code", CODES)
class TestCatalogue:
    def test_nothing_is_missing_or_guessed(self, code: str) -> None:
        """Where this fails: `make messages`, and translate what is new."""
        for message in messages(code):
            assert "fuzzy" not in message.flags, message.id
            assert all(said.strip() for said, _original in forms(message)), message.id
        assert "\n#~ " not in po_file(code).read_text(encoding="utf-8")

    def test_plurals_have_all_forms(self, code: str) -> None:
        found = catalogue(code)
        assert found.num_plurals == FORMS[code]
        for message in found:
            if message.id and not isinstance(message.id, str):
                assert len(message.string) == FORMS[code], message.id

    def test_places_are_kept(self, code: str) -> None:
        """A place that is filled in stands in each form, once for each time that it is filled."""
        for message in messages(code):
            for said, original in forms(message):
                assert Counter(_PLACES.findall(said)) == Counter(_PLACES.findall(original)), said

    def test_tags_are_kept(self, code: str) -> None:
        for message in messages(code):
            for said, original in forms(message):
                assert _tags(said) == _tags(original), said

    def test_ends_are_kept(self, code: str) -> None:
        """Blanks at the ends, and whether it is a sentence."""
        for message in messages(code):
            for said, original in forms(message):
                for part in (r"^\s*", r"\s*$"):
                    assert re.search(part, said)[0] == re.search(part, original)[0], said
                assert said.strip().endswith((".", "!", "…")) or not original.strip().endswith(
                    (".", "!")
                ), said

    def test_what_is_compiled_is_what_is_written(self, code: str, tmp_path: Path) -> None:
        """Where this fails: `make messages`, which also compiles."""
        fresh = tmp_path / "fresh.mo"
        with fresh.open("wb") as file:
            write_mo(file, catalogue(code))
        assert _texts(po_file(code).with_suffix(".mo")) == _texts(fresh)


def test_plurals_are_those_of_russian() -> None:
    from django.utils.translation import ngettext, override

    with override("ru"):
        said = [
            ngettext("%(number)d category", "%(number)d categories", n) % {"number": n}
            for n in (1, 2, 5, 11, 21, 104, 111)
        ]
    assert said == [
        "1 категория", "2 категории", "5 категорий", "11 категорий", "21 категория",
        "104 категории", "111 категорий",
    ]  # fmt: skip


def _texts(mo: Path) -> dict[object, str]:
    with mo.open("rb") as file:
        texts = dict(gettext.GNUTranslations(file)._catalog)
    return {key: text for key, text in texts.items() if key != ""}


def _tags(text: str) -> list[tuple[str, ...]]:
    """Tags with the names of their attributes, each closed one that was open."""
    found: list[tuple[str, ...]] = []
    opened: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, *(f"{name}={value}" for name, value in attrs)))
            opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag, text

    Reader().feed(text)
    assert not opened, text
    return sorted(found)
