"""What a person reads of a page, and which of it is not Russian."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

# Attributes that are shown or read out. Texts of scripts stand in `data-` ones.
_SHOWN = {"title", "alt", "placeholder", "aria-label", "aria-description", "label", "summary"}
# Not for people, or the same in every language.
_SILENT = {"script", "style", "code", "pre", "kbd", "samp", "svg"}
# Written by the theme for its own scripts.
_VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "wbr",
}
_WORD = re.compile(r"[A-Za-z](?:[A-Za-z'’]*[A-Za-z])+")
# Addresses, files, formats of dates, names of settings and of parameters.
_NO_PROSE = re.compile(
    # Commands and keys of encoders come first: a part of one is no word either.
    r"\bmanage\.py [a-z ]+|https?://\S+|\b[A-Za-z_-]+(?::[\w+-]+)+|\S+@\S+|/[\w./-]{2,}|%\([a-z_]+\)[sd]|\{[a-z_]+\}"
    r"|[\w-]+(?:\.[\w-]+)*\.(?:csv|xlsx|zip|jpg|jpeg|png|webp|json|yaml)\b"
    r"|\b\w+=\w+|\b[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+\b|\b[A-Z]+-[A-Z0-9-]+\b|\b[a-z]+\.[a-z]+\b"
    # Fingerprints; secrets of which an end is shown.
    r"|\w+\*+|\b[0-9a-f]{4,}(?:-[0-9a-f]{4,})*\b|\bwhsec\S+"
)


# For programs: attributes of these, and all data- ones.
_FOR_PROGRAMS = {
    "meter",
    "progress",
    "option",
    "input",
    "button",
    "data",
    "circle",
    "rect",
    "path",
    "line",
}
_BY_LANGUAGE = re.compile(r"\s*[-\u2212]?\d[\d\u00a0\u202f]*(?:,\d+|[\u00a0\u202f]\d{3})\s*%?\s*")
_POINT = re.compile(r"(?<![\d.,:/v])\d+\.\d+(?![\d.:]|\w)")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.for_programs: list[str] = []
        self._open: list[tuple[str, bool]] = []

    @property
    def _is_silent(self) -> bool:
        return any(silent for _tag, silent in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.for_programs += [
            f"<{tag} {name}={value!r}>"
            for name, value in found.items()
            if (name.startswith("data-") or (tag in _FOR_PROGRAMS and name not in _SHOWN))
            and found.get("type") != "text"
            and _BY_LANGUAGE.fullmatch(value)
        ]
        foreign = found.get("lang", "ru") != "ru" or found.get("translate") == "no"
        silent = tag in _SILENT or foreign or "material-symbols" in found.get("class", "")
        if tag not in _VOID:
            self._open.append((tag, silent))
        if self._is_silent or silent:
            return
        self.pieces += [value for name, value in found.items() if name in _SHOWN]
        if tag == "input" and found.get("type") in {"submit", "button", "reset"}:
            self.pieces.append(found.get("value", ""))
        if tag == "meta" and found.get("name", found.get("property", "")) in {
            "description", "og:description", "og:title",
        }:  # fmt: skip
            self.pieces.append(found.get("content", ""))
        # A sentence for a script begins with a capital; what else stands there is for programs.
        self.pieces += [
            value
            for name, value in found.items()
            if name.startswith("data-") and re.match(r"[A-Z][a-z]* [a-z]", value)
        ]

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        if not self._is_silent and data.strip():
            self.pieces.append(data)


def texts(html: str) -> Iterator[str]:
    """What is shown or read out of a page, piece by piece."""
    reader = _Reader()
    reader.feed(html)
    for piece in reader.pieces:
        yield " ".join(piece.split())


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def english_words(html: str, allowed: frozenset[str]) -> dict[str, str]:
    """Words in Latin letters that are not `allowed` (in lower case), each with the piece it is in."""
    found: dict[str, str] = {}
    for piece in texts(html):
        for word in _WORD.findall(_NO_PROSE.sub(" ", piece)):
            if word.lower() not in allowed:
                found.setdefault(word, piece)
    return found


def misplaced_numbers(html: str) -> list[str]:
    """Numbers that a program reads, written as a language writes them; and with a point where people
    read them.
    """
    reader = _Reader()
    reader.feed(html)
    shown = [piece for piece in texts(html) if _POINT.search(_NO_PROSE.sub(" ", piece))]
    return [*reader.for_programs, *shown]
