"""What the pages of finding and counting share."""

import logging
from collections.abc import Callable

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from PIL import Image

from recognition.counting.forms import PhotoForm
from recognition.encoders import Busy, EncoderError
from recognition.models import Sighting
from recognition.versions import NoActiveEncoder
from stores.access import reads_stocktakes, visible_store
from stores.models import Stocktake, Store

logger = logging.getLogger(__name__)


def visible_stocktake(request: HttpRequest, code: str, pk: int) -> Stocktake:
    """The stocktake of an address; to those who may not read it, it is not there."""
    store = visible_store(request.user, code)
    stocktake = (
        Stocktake.objects.select_related("store", "category", "opened_by", "closed_by")
        .filter(store=store, pk=pk)
        .first()
    )
    if stocktake is None or not reads_stocktakes(request.user, store):
        raise Http404
    return stocktake


def sighting_of(store: Store, token: str) -> Sighting | None:
    """A sighting that was made in this store."""
    sightings = Sighting.objects.select_related(
        "best_product", "barcode_product", "reviewed_product", "reviewed_by", "user", "encoder"
    )
    return sightings.defer("vector").filter(store=store, token=token).first() if token else None


def see(
    request: HttpRequest, recognise: Callable[[Image.Image], Sighting]
) -> tuple[Sighting | None, str, int]:
    """The sighting of the photo that was sent; otherwise what is wrong, and the status for it."""
    form = PhotoForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            texts = [str(each) for errors in form.errors.values() for each in errors]
            return None, " ".join(texts), 400
        return recognise(form.cleaned_data["photo"]), "", 200
    except Busy:
        text = _("Many photos are being looked at just now. Try again in a few seconds.")
    except (NoActiveEncoder, EncoderError):
        logger.exception("The stock pages cannot recognise photos")
        text = _("Photos cannot be recognised at the moment.")
    return None, f"{text} " + _("A barcode, a SKU or words work as well."), 503
