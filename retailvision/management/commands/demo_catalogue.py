"""`manage.py demo_catalogue OUT`"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from retailvision.demo import draw_catalogue


class Command(BaseCommand):
    help = "Draws the demo catalogue: photos, phone photos to try, and their CSV files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT")
        parser.add_argument("--products", type=int, default=72)
        parser.add_argument(
            "--photos", type=int, default=3, help="a product; 0: phone photos alone"
        )
        parser.add_argument("--phone-photos", type=int, default=120)
        parser.add_argument("--seed", type=int, default=2026)
        parser.add_argument(
            "--phone-seed", type=int, help="other phone photos of the same products"
        )
        parser.add_argument("--size", type=int, default=900, help="pixels of a side")

    def handle(self, *_args: Any, **options: Any) -> None:
        tenths = 0
        with tqdm(unit="photo", desc="drawing", disable=None) as bar:

            def show(done: int, total: int) -> None:
                nonlocal tenths
                bar.total = total
                bar.update(done - bar.n)
                # Where no bar is shown, as in a log, a line for each tenth.
                if bar.disable and done * 10 // total > tenths:
                    tenths = done * 10 // total
                    self.stdout.write(f"  {done} of {total} photos drawn")
                    self.stdout.flush()

            draw_catalogue(
                options["out"],
                products=options["products"],
                photos=options["photos"],
                phone_photos=options["phone_photos"],
                seed=options["seed"],
                phone_seed=options["phone_seed"],
                size=options["size"],
                on_progress=show,
            )
        tables = ("catalogue.csv", "queries.csv") if options["photos"] else ("queries.csv",)
        self.stdout.write(" and ".join(str(options["out"] / name) for name in tables))
