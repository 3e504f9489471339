"""Labelled photos from a CSV file with the columns file and sku, as the commands take them."""

import csv
import unicodedata
from collections.abc import Callable
from pathlib import Path

from django.core.management.base import CommandError

from recognition.evaluation import LabelledQuery
from recognition.labelled_products import labelled_products

_MOST_NAMED = 5


def read_labelled(
    path: Path, warn: Callable[[str], object] = lambda _text: None
) -> list[LabelledQuery]:
    """`warn` is told of SKUs that are not sold any more.

    Raises:
        CommandError: the file cannot be read, names no photos, or SKUs that are not there.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"file", "sku"} <= set(reader.fieldnames or []):
                raise CommandError(f"{path} needs the columns file and sku.")
            queries = [
                LabelledQuery(
                    _plain(path, reader.line_num, "file", row["file"]),
                    _plain(path, reader.line_num, "sku", row["sku"] or ""),
                )
                for row in reader
                if row["file"]
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    if not queries:
        raise CommandError(f"{path} names no photos.")
    found = labelled_products(query.sku for query in queries)
    if found.missing:
        raise CommandError(
            f"{len(found.missing)} SKUs of {path} are not in the catalogue"
            f" ({_some(found.missing)}). Leave the sku empty where the photo shows a product that is"
            " not in the catalogue."
        )
    if found.not_sold:
        warn(
            f"{len(found.not_sold)} SKUs of {path} are not sold any more ({_some(found.not_sold)}):"
            " their photos count as photos of products that are not in the catalogue."
        )
    return queries


def _plain(path: Path, line: int, column: str, text: str) -> str:
    text = text.strip()
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise CommandError(f"{path}, line {line}: the {column} holds a control character.")
    return text


def _some(skus: tuple[str, ...]) -> str:
    named = ", ".join(skus[:_MOST_NAMED])
    return f"{named} ..." if len(skus) > _MOST_NAMED else named
