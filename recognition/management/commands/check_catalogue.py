"""`manage.py check_catalogue [--json OUT]`"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from products.ready_command import DatabaseCommand
from recognition.findings.checking import AlreadyChecking, begin_check, check_catalogue
from recognition.findings.report import as_data
from recognition.indexing import waiting
from recognition.models import Finding
from recognition.versions import NoActiveEncoder, active_encoder


class Command(DatabaseCommand):
    help = (
        "Looks for products entered twice, photos on the wrong product, products that a photo cannot"
        " tell apart, and products with no useful photo. Staff act on them in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the findings here")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            encoder = active_encoder()
            if left := waiting(encoder.base or encoder):
                self.stderr.write(
                    self.style.WARNING(
                        f"{left} photos have no vector yet; run `embed` for a full picture."
                    )
                )
            check = begin_check(encoder=encoder)
        except (NoActiveEncoder, AlreadyChecking) as error:
            raise CommandError(str(error)) from error
        with tqdm(total=100, unit="%", disable=None) as bar:

            def show(done: int, _total: int) -> None:
                bar.update(done - bar.n)

            check_catalogue(check=check, on_progress=show)
        data = as_data(check)
        if options["json"]:
            options["json"].write_text(json.dumps(data, indent=2, ensure_ascii=False))
        self.stdout.write(
            f"{data['photos']} of {data['photos_of']} photos of {data['products']} products,"
            f" looked at with {data['encoder']}"
        )
        for kind, label in Finding.Kind.choices:
            self.stdout.write(f"  {label}: {data['findings'][kind]} open")
        for kind, text in data["not_judged"].items():
            self.stderr.write(self.style.WARNING(f"  {kind}: {text}"))
