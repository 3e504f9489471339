"""Small drawn catalogues of which it is known which part of a photo tells the products apart."""

import csv
from pathlib import Path

from django.core.management import call_command
from PIL import Image

from tests.pictures import encoded, product_picture

SIDE = 96


def in_the_middle(product: int, photo: int) -> Image.Image:
    """The product in the middle half; around it, whatever else the shelf holds."""
    scene = product_picture(10_000 + 97 * product + photo, SIDE)
    scene.paste(product_picture(product, SIDE // 2), (SIDE // 4, SIDE // 4))
    return scene


def at_the_rim(product: int, photo: int) -> Image.Image:
    """A frame that is the product, around a picture that is not."""
    frame = product_picture(product, SIDE)
    inside = product_picture(10_000 + 97 * product + photo, SIDE * 3 // 4)
    frame.paste(inside, (SIDE // 8, SIDE // 8))
    return frame


def write(folder: Path, draw, *, products: int = 25, photos: int = 5) -> Path:
    """A catalogue file with its photos, and queries of the same products; its path."""
    with (folder / "catalogue.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["sku", "name", "category", "images"])
        for product in range(products):
            names = [f"{product}-{photo}.png" for photo in range(photos)]
            for photo, name in enumerate(names):
                (folder / name).write_bytes(encoded(draw(product, photo), "PNG"))
            rows.writerow([f"T{product:02d}", f"Thing {product}", "Things", ";".join(names)])
    with (folder / "queries.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "sku"])
        for product in range(products):
            name = f"query-{product}.png"
            (folder / name).write_bytes(encoded(draw(product, 50 + product), "PNG"))
            rows.writerow([name, f"T{product:02d}"])
    return folder


def install(folder: Path) -> None:
    call_command("import_catalogue", folder / "catalogue.csv", images=folder)
    call_command("embed")
