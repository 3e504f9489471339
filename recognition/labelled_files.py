"""Labelled photos from a CSV file with the columns file and sku, as the commands take them."""

import csv
from pathlib import Path

from django.core.management.base import CommandError

from products.models import Product
from recognition.evaluation import LabelledQuery


def read_labelled(path: Path) -> list[LabelledQuery]:
    """
    Raises:
        CommandError: the file cannot be read, names no photos, or SKUs that are not there.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"file", "sku"} <= set(reader.fieldnames or []):
                raise CommandError(f"{path} needs the columns file and sku.")
            queries = [
                LabelledQuery(row["file"].strip(), (row["sku"] or "").strip())
                for row in reader
                if row["file"]
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    if not queries:
        raise CommandError(f"{path} names no photos.")
    skus = {query.sku for query in queries if query.sku}
    missing = skus - set(Product.objects.filter(sku__in=skus).values_list("sku", flat=True))
    if missing:
        some = ", ".join(sorted(missing)[:5])
        raise CommandError(
            f"{len(missing)} SKUs of {path} are not in the catalogue ({some} ...). Leave the sku"
            " empty where the photo shows a product that is not in the catalogue."
        )
    return queries
