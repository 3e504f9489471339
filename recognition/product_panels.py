"""What recognition shows on a product's page and above the list: neighbours, and search by photo."""

import logging
from collections.abc import Iterable
from typing import Any

from django.core.files.base import File
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from products.admin.pictures import picture_url
from products.models import Product
from products.slots import PhotoFinding, PhotoSearchFailed
from recognition.encoders import Busy, EncoderError
from recognition.query_photos import read_upload
from recognition.search import Query, search
from recognition.similar import possible_duplicates, similar_products
from recognition.versions import NoActiveEncoder

logger = logging.getLogger(__name__)

# Four pages of the list; nobody looks further, and filters still find something among them.
_FOUND_BY_PHOTO = 200


def find_by_photo(upload: File) -> PhotoFinding:
    """Products nearest to an uploaded photo, as customers find them; the photo is not kept.

    Raises:
        ValidationError: the file is no photo that this site accepts.
        PhotoSearchFailed: no encoder can look at it just now.
    """
    try:
        answer = search(Query(photo=read_upload(upload), limit=_FOUND_BY_PHOTO))
    except Busy as error:
        raise PhotoSearchFailed(
            gettext("Many people are searching just now. Try again in a few seconds.")
        ) from error
    except (NoActiveEncoder, EncoderError) as error:
        logger.exception("The admin cannot search by photo")
        raise PhotoSearchFailed(
            gettext("Search by photo is not available: %(reason)s") % {"reason": error}
        ) from error
    return PhotoFinding(
        hits=[
            (result.product.pk, None if "barcode" in result.matched_by else result.distance)
            for result in answer.results
        ],
        barcode=answer.barcode.code if answer.barcode else "",
        note=gettext("Only active products are looked for."),
    )


def similar_panel(request: HttpRequest, product: Product) -> str:
    similar = similar_products(product)
    cards = _cards(product, [(hit.product_id, hit.distance, ()) for hit in similar.hits])
    context = {"cards": cards, "seen": similar.seen, "product": product}
    return render_to_string("admin/recognition/similar.html", context, request)


def duplicates_panel(request: HttpRequest, product: Product) -> str:
    similar = similar_products(product)
    found, usual = possible_duplicates(product, similar)
    texts = {
        "same_photo": gettext("The very same photo"),
        "same_name": gettext("The same name and brand"),
        "near_photo": gettext("Photos nearer to each other than is usual here"),
    }
    cards = _cards(
        product,
        [(each.product_id, each.distance, [texts[why] for why in each.reasons]) for each in found],
    )
    context = {
        "cards": cards,
        "usual": usual,
        "percent": usual and max(1, round(usual.share * 100)),
        "seen": similar.seen,
        "may_merge": request.user.has_perm("products.change_product")
        and product.merged_into_id is None,
    }
    return render_to_string("admin/recognition/duplicates.html", context, request)


def _cards(
    product: Product, found: Iterable[tuple[int, float | None, Iterable[str]]]
) -> list[dict[str, Any]]:
    found = list(found)
    products = Product.objects.select_related("category").in_bulk([pk for pk, _far, _why in found])
    prefetch_related_objects(list(products.values()), "images")
    here = reverse("admin:products_product_change", args=[product.pk])
    return [
        {
            "product": products[pk],
            "picture": picture_url(products[pk].face, "card") if products[pk].face else "",
            "url": reverse("admin:products_product_change", args=[pk]),
            "merge_url": f"{here}?merged_into={pk}",
            "distance": distance,
            "reasons": list(reasons),
        }
        for pk, distance, reasons in found
        if pk in products
    ]
