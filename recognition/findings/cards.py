"""Findings as people see them: photos side by side, the evidence in words."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from products.admin.pictures import picture_url
from products.models import Product, ProductImage
from recognition.models import Finding
from recognition.similarity_words import cell

Kind = Finding.Kind
_MOST_PICTURES = 4


def cards_of(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """A card for each; a handful of queries, however many there are. Findings come with product and
    other product selected.
    """
    products = [each for row in findings for each in (row.product, row.other) if each is not None]
    nearest = Product.objects.in_bulk({row.evidence.get("nearest") for row in findings} - {None})
    prefetch_related_objects([*products, *nearest.values()], "images")
    images = _images(findings)
    return [_card(row, images, nearest) for row in findings]


def _card(
    finding: Finding, images: dict[int, ProductImage], nearest: dict[int, Product]
) -> dict[str, Any]:
    build: dict[Kind, Callable[[Finding, dict[int, ProductImage]], dict[str, Any]]] = {
        Kind.DUPLICATE: _duplicate,
        Kind.MISPLACED: _misplaced,
        Kind.INSEPARABLE: _inseparable,
        Kind.UNSEEN: partial(_unseen, nearest=nearest),
    }
    probability = finding.evidence.get("probability")
    return {
        "finding": finding,
        "percent": None if probability is None else min(int(100 * probability), 99),
        "address": reverse("admin:recognition_finding_change", args=[finding.pk]),
        "photos_address": _address(finding.product),
        **build[Kind(finding.kind)](finding, images),
    }


def _duplicate(finding: Finding, images: dict[int, ProductImage]) -> dict[str, Any]:
    evidence = finding.evidence
    texts = {
        "photos": _("The photos of the two mix as if they were of one product."),
        "same_photo": _("The very same photo stands at both."),
        "nearly_same_photo": _(
            "A photo of the one is far nearer to a photo of the other than is usual in this catalogue."
        ),
        "same_name": _("They have the same name and brand."),
    }
    sentences = [texts[why] for why in evidence.get("reasons", ()) if why in texts]
    if evidence.get("interleaved") is not None:
        sentences.append(
            _(
                "A photo of the other product is nearer than one of the same product in %(share)d %%"
                " of comparisons; 50 %% would be one product."
            )
            % {"share": round(100 * evidence["interleaved"])}
        )
    return {"sides": _sides_by_pairs(finding, images), "sentences": sentences}


def _inseparable(finding: Finding, images: dict[int, ProductImage]) -> dict[str, Any]:
    evidence = finding.evidence
    other = finding.other
    sentences = []
    if other is not None:
        for product, its_like, key in (
            (finding.product, other, "wrong"),
            (other, finding.product, "other_wrong"),
        ):
            wrong, of = evidence.get(key, (0, 0))
            sentences.append(
                _(
                    "%(wrong)d of %(of)d photos of %(product)s are nearer to %(other)s than to its own."
                )
                % {"wrong": wrong, "of": of, "product": product.name, "other": its_like.name}
            )
    return {"sides": _sides_by_pairs(finding, images), "sentences": sentences}


def _misplaced(finding: Finding, images: dict[int, ProductImage]) -> dict[str, Any]:
    photo = images.get(finding.photo_id or 0)
    moved_to = finding.evidence.get("moved_to")
    sides = [
        _side(finding.product, finding.evidence.get("there", ()), images, _("Where it is")),
    ]
    if finding.other is not None:
        caption = (
            pgettext("photo", "Where it is now")
            if moved_to == finding.other_id
            else _("Where it seems to belong")
        )
        sides.append(_side(finding.other, finding.evidence.get("better", ()), images, caption))
    return {
        "photo": None if photo is None else _picture(photo),
        "sides": sides,
        "sentences": [_("Its distance to the nearest photos of both stands below them.")],
    }


def _unseen(
    finding: Finding, images: dict[int, ProductImage], nearest: dict[int, Product]
) -> dict[str, Any]:
    other = nearest.get(finding.evidence.get("nearest", 0))
    if other is not None:
        return _nearer_to_another(finding, images, other)
    reason = finding.evidence.get("reason", "none")
    texts = {
        "none": _("It has no photo at all."),
        "failed": _("Recognition could not read any photo of it."),
        "shared": _("Its photos are a picture that stands at many products."),
        "unreadable": _("The files of its photos cannot be read."),
        "blank": _("There is next to nothing to see in its photos."),
        "small": _("Its photos are far smaller than the others of this catalogue."),
        "elsewhere": _(
            "Each of its photos, held out, is nearer to another product than to the rest of its own."
            " Add photos, or look whether these are of it."
        ),
    }
    shown = [[pk, None] for pk in finding.evidence.get("photos", ())]
    return {
        "sides": [_side(finding.product, shown, images, "")],
        "sentences": [texts.get(reason, texts["none"])],
    }


def _nearer_to_another(
    finding: Finding, images: dict[int, ProductImage], other: Product
) -> dict[str, Any]:
    evidence = finding.evidence
    measured = ngettext(
        "Measured: its %(of)d photo, held out, is nearer to a photo of another product than to the rest"
        " of its own. Nearest to another: %(theirs)s; nearest to its own: %(own)s.",
        "Measured: each of its %(of)d photos, held out, is nearer to a photo of another product than to"
        " the rest of its own. Nearest to another: %(theirs)s; nearest among its own: %(own)s.",
        evidence["of"],
    ) % {
        "of": evidence["of"],
        "theirs": cell(min(distance for _pk, distance in evidence["mine"])),
        "own": cell(evidence["own_nearest"]),
    }
    return {
        "sides": [
            _side(finding.product, evidence["mine"], images, _("This product")),
            _side(other, evidence["theirs"], images, _("Nearest other product")),
        ],
        "sentences": [
            measured,
            _(
                "A photo like these would be answered with another product first. Add photos, or look"
                " whether these are of it."
            ),
        ],
    }


def _sides_by_pairs(finding: Finding, images: dict[int, ProductImage]) -> list[dict[str, Any]]:
    """Both products, the photos that are nearest to each other first."""
    pairs = finding.evidence.get("photos", ())
    nearest = min((distance for _a, _b, distance in pairs), default=None)
    sides = []
    for at, product in enumerate((finding.product, finding.other)):
        if product is not None:
            first = list(dict.fromkeys(pair[at] for pair in pairs))
            rest = [image.pk for image in product.images.all() if image.pk not in first]
            shown = [[pk, None] for pk in [*first, *rest]]
            sides.append(_side(product, shown, images, ""))
    if sides and nearest is not None:
        sides[0]["nearest"] = nearest
    return sides


def _side(
    product: Product, shown: Iterable[Any], images: dict[int, ProductImage], caption: str
) -> dict[str, Any]:
    own = {image.pk: image for image in product.images.all()}
    pictures = [
        {**_picture(image), "distance": distance}
        for pk, distance in shown
        if (image := own.get(pk) or images.get(pk)) is not None
    ]
    number = len(own)
    return {
        "product": product,
        "address": _address(product),
        "caption": caption,
        "pictures": pictures[:_MOST_PICTURES],
        "number": ngettext("%(number)d photo", "%(number)d photos", number) % {"number": number},
    }


def _picture(image: ProductImage) -> dict[str, Any]:
    return {"url": picture_url(image, "card"), "address": image.file.url, "text": str(image.pk)}


def _address(product: Product) -> str:
    return reverse("admin:products_product_change", args=[product.pk])


def _images(findings: Iterable[Finding]) -> dict[int, ProductImage]:
    """What evidence names and products no longer hold, and the photos that findings are about."""
    ids: set[int] = set()
    for finding in findings:
        if finding.photo_id:
            ids.add(finding.photo_id)
        for key in ("there", "better", "mine", "theirs"):
            ids.update(pk for pk, _distance in finding.evidence.get(key, ()))
        for shown in finding.evidence.get("photos", ()):
            ids.update(shown[:2] if isinstance(shown, list) else [shown])
    return ProductImage.objects.in_bulk(ids)
