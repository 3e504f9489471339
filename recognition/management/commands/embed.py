"""`manage.py embed [--encoder KEY]`"""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from products.ready_command import DatabaseCommand
from recognition.embedding import Done, embed_pending
from recognition.encoders import EncoderError
from recognition.indexing import filling_order, sweep, waiting
from recognition.models import Encoder, ImageEmbedding
from recognition.vector_index import ensure_index
from recognition.versions import settle_encoder


class Command(DatabaseCommand):
    help = (
        "Turns all waiting photos into vectors, in the foreground. The first run settles which"
        " encoder is active. Other workers may run at the same time; they share the work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--encoder", metavar="KEY", help="only this encoder; default: all in use"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            active = settle_encoder()
        except EncoderError as error:
            raise CommandError(str(error)) from error
        if active.fallback_reason:
            self.stderr.write(self.style.WARNING(f"Fallback encoder: {active.fallback_reason}"))
        sweep()
        encoders = filling_order()
        if options["encoder"]:
            wanted = Encoder.objects.filter(key=options["encoder"]).select_related("base").first()
            if wanted is None:
                raise CommandError(
                    f"There is no encoder {options['encoder']!r}; see `encoder list`."
                )
            # What is made from another's vectors waits for those.
            encoders = [each for each in (wanted.base, wanted) if each is not None]
        for encoder in encoders:
            self._embed(encoder)

    def _embed(self, encoder: Encoder) -> None:
        ensure_index(encoder)
        with tqdm(total=waiting(encoder), unit="photo", desc=encoder.key, disable=None) as bar:

            def show(done: Done) -> None:
                bar.update(done.total - bar.n)

            try:
                embed_pending(encoder, on_progress=show)
            except EncoderError as error:
                raise CommandError(str(error)) from error
        counts = ImageEmbedding.objects.filter(encoder=encoder)
        self.stdout.write(
            f"{encoder.key}: {counts.ready().count()} ready, {counts.failed().count()} failed,"
            f" {counts.pending().count()} waiting"
        )
        for failed in counts.failed().select_related("image__product")[:20]:
            self.stderr.write(
                f"  {failed.image.product.sku}, photo {failed.image_id}: {failed.reason}"
            )
