"""What people do about findings. Each decision is remembered with who took it and when."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from products.heirs import heirs_of
from products.merging import merge_product
from products.models import Product
from products.photos import move_photo
from recognition.models import Finding

State, Kind = Finding.State, Finding.Kind


@transaction.atomic
def dismiss(*, finding: Finding, by: Any) -> Finding:
    """It is not so: two products, a photo in its right place. It comes again only with other photos.

    Raises:
        ValidationError: somebody decided before.
    """
    return _decide(_open(finding), State.DISMISSED, by)


@transaction.atomic
def reopen(*, finding: Finding) -> Finding:
    """Takes a dismissal, or look-alikes that were accepted, back; nothing else was changed by them.

    Raises:
        ValidationError: it is open, gone, or something was done that this does not undo.
    """
    finding = _locked(finding)
    # They may have been merged instead, which stays.
    accepted = finding.state == State.ACTED and "kept" not in finding.evidence
    harmless = finding.kind == Kind.INSEPARABLE and accepted
    if finding.state != State.DISMISSED and not harmless:
        raise ValidationError(_("Only what was dismissed is opened again."), code="not_dismissed")
    finding.state = State.OPEN
    finding.save(update_fields=["state"])
    return finding


@transaction.atomic
def accept_lookalikes(*, finding: Finding, by: Any) -> Finding:
    """A photo does not tell these two apart: the barcode is to be asked for.

    Raises:
        ValidationError: it is about something else, or somebody decided before.
    """
    return _decide(_open(finding, Kind.INSEPARABLE), State.ACTED, by)


@retry_when_lost
@transaction.atomic
def merge_duplicates(*, finding: Finding, keep: Product, by: Any) -> Finding:
    """Merges the other product into the one to keep.

    Raises:
        ValidationError: somebody decided before, or the products cannot be merged.
    """
    # The products first, as everybody does who locks products and something else.
    pair = [pk for pk in (finding.product_id, finding.other_id) if pk is not None]
    products = Product.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(pair)
    finding = _open(finding, Kind.DUPLICATE, Kind.INSEPARABLE)
    if keep.pk not in products or len(products) < 2:
        raise ValidationError(_("Choose which of the two products stays."), code="keep")
    product = next(each for each in products.values() if each.pk != keep.pk)
    merge_product(product=product, into=keep, actor=by)
    return _decide(finding, State.ACTED, by, kept=keep.pk)


@retry_when_lost
@transaction.atomic
def move_misplaced(*, finding: Finding, to: Product, by: Any) -> Finding:
    """Moves the photo to the product that it is of.

    Raises:
        ValidationError: somebody decided before, or the photo cannot go there.
    """
    if to.pk == finding.product_id:
        raise ValidationError(
            _("The photo is on that product. To leave it there, dismiss the finding."), code="same"
        )
    ids = sorted({finding.product_id, to.pk})
    locked = Product.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(ids)
    if to.pk in locked and not locked[to.pk].is_active:
        raise ValidationError(
            _("%(product)s is not active: nobody would find the photo there. Activate it first.")
            % {"product": to},
            code="inactive",
        )
    finding = _open(finding, Kind.MISPLACED)
    if finding.photo_id is None:
        raise ValidationError(_("The photo was deleted meanwhile."), code="photos_changed")
    move_photo(photo_id=finding.photo_id, product=finding.product, to=to)
    return _decide(finding, State.ACTED, by, moved_to=to.pk)


def inseparable_from(product_ids: Collection[int]) -> dict[int, set[int]]:
    """For each of these products, those of the catalogue that a photo does not tell from it, as people
    accepted; of products that were merged since, their heirs. One query where there are none.
    """
    ids = set(product_ids)
    found: dict[int, set[int]] = {pk: set() for pk in ids}
    about = Q(product__in=ids) | Q(other__in=ids)
    merged = Q(product__merged_into__isnull=False) | Q(other__merged_into__isnull=False)
    pairs = list(
        Finding.objects.filter(about | merged, kind=Kind.INSEPARABLE, state=State.ACTED)
        .order_by()
        .values_list("product", "other", "product__merged_into", "other__merged_into")
    )
    if not pairs:
        return found
    gone = {pk for pair in pairs for pk, heir in zip(pair[:2], pair[2:], strict=True) if heir}
    merged_ones = Product.objects.filter(pk__in=gone).only("merged_into") if gone else ()
    into = {pk: heir.pk for pk, heir in heirs_of(merged_ones).items()}
    now = {(into.get(pair[0], pair[0]), into.get(pair[1], pair[1])) for pair in pairs}
    sold = set(
        Product.objects.active()
        .filter(pk__in={pk for pair in now for pk in pair})
        .values_list("pk", flat=True)
    )
    for product, other in now:
        for one, its_like in ((product, other), (other, product)):
            if one in ids and its_like in sold and its_like != one:
                found[one].add(its_like)
    return found


def _open(finding: Finding, *kinds: str) -> Finding:
    finding = _locked(finding)
    if kinds and finding.kind not in kinds:
        raise ValidationError(_("That is not what this finding is about."), code="kind")
    if finding.state != State.OPEN:
        raise ValidationError(
            _("This finding is no longer open: %(state)s.")
            % {"state": finding.get_state_display()},
            code="decided",
        )
    return finding


def _locked(finding: Finding) -> Finding:
    return (
        Finding.objects.select_for_update(of=("self",)).select_related("product").get(pk=finding.pk)
    )


def _decide(finding: Finding, state: str, by: Any, **evidence: int) -> Finding:
    finding.state, finding.decided_by, finding.decided_at = state, by, timezone.now()
    finding.evidence = {**finding.evidence, **evidence}
    finding.save(update_fields=["state", "decided_by", "decided_at", "evidence"])
    return finding
