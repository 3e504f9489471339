"""What people decide about findings, and that it is remembered."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from products.merging import merge_product
from products.models import Product, ProductImage
from products.photos import add_photo, move_photo
from recognition.findings import acting
from recognition.findings.checking import AlreadyChecking, begin_check, check_catalogue
from recognition.findings.found import Found, Kind
from recognition.findings.queue import check_nightly, request_check, sweep_checks, work_on_check
from recognition.findings.recording import record
from recognition.models import CatalogueCheck, Encoder, Finding, ImageEmbedding
from stores.models import StockLevel
from tests.factories import ProductFactory, StaffFactory, StoreFactory, with_photo, with_stock
from tests.pictures import product_photo

pytestmark = pytest.mark.django_db
State = Finding.State


@pytest.fixture
def boss(db: None) -> Any:
    return StaffFactory()


@pytest.fixture
def twins(encoder: Encoder) -> list[Product]:
    return [with_photo(1).product, with_photo(1).product]


def check(encoder: Encoder) -> CatalogueCheck:
    return check_catalogue(check=begin_check(encoder=encoder))


def only(kind: str) -> Finding:
    return Finding.objects.get(kind=kind)


def misplaced(encoder: Encoder, photo: ProductImage, other: Product) -> Finding:
    found = Found(Kind.MISPLACED, photo.product_id, 0.9, other=other.pk, photo=photo.pk)
    record(encoder=encoder, found=[found])
    return only(Kind.MISPLACED)


# --- remembering ---


def test_a_second_check_up_finds_the_same_again(encoder: Encoder, twins: list[Product]) -> None:
    check(encoder)
    first = only(Kind.DUPLICATE)
    assert check(encoder).figures["findings"]["duplicate"] == 1
    assert only(Kind.DUPLICATE).pk == first.pk
    assert only(Kind.DUPLICATE).state == State.OPEN


def test_what_was_dismissed_stays_so(encoder: Encoder, twins: list[Product], boss: Any) -> None:
    check(encoder)
    acting.dismiss(finding=only(Kind.DUPLICATE), by=boss)
    assert check(encoder).figures["findings"]["duplicate"] == 0
    finding = only(Kind.DUPLICATE)
    assert (finding.state, finding.decided_by) == (State.DISMISSED, boss)
    assert finding.decided_at is not None


def test_it_comes_again_once_its_photos_changed(
    encoder: Encoder, twins: list[Product], boss: Any
) -> None:
    check(encoder)
    acting.dismiss(finding=only(Kind.DUPLICATE), by=boss)
    with_photo(2, twins[0])
    check(encoder)
    assert only(Kind.DUPLICATE).state == State.OPEN


def test_what_is_no_longer_so_is_gone_and_may_come_back(
    encoder: Encoder, twins: list[Product]
) -> None:
    check(encoder)
    Product.objects.filter(pk=twins[1].pk).update(is_active=False)
    check(encoder)
    assert only(Kind.DUPLICATE).state == State.GONE
    Product.objects.filter(pk=twins[1].pk).update(is_active=True)
    check(encoder)
    assert only(Kind.DUPLICATE).state == State.OPEN


def test_a_dismissal_is_taken_back(encoder: Encoder, twins: list[Product], boss: Any) -> None:
    check(encoder)
    finding = acting.dismiss(finding=only(Kind.DUPLICATE), by=boss)
    acting.reopen(finding=finding)
    assert only(Kind.DUPLICATE).state == State.OPEN
    with pytest.raises(ValidationError):
        acting.reopen(finding=finding)


def test_nobody_decides_twice(encoder: Encoder, twins: list[Product], boss: Any) -> None:
    check(encoder)
    finding = only(Kind.DUPLICATE)
    acting.dismiss(finding=finding, by=boss)
    for step in (
        lambda: acting.dismiss(finding=finding, by=boss),
        lambda: acting.merge_duplicates(finding=finding, keep=twins[0], by=boss),
    ):
        with pytest.raises(ValidationError):
            step()


# --- merging ---


def test_duplicates_are_merged_with_their_stock(
    encoder: Encoder, twins: list[Product], boss: Any
) -> None:
    store = StoreFactory()
    with_stock(store, twins[1], 5)
    check(encoder)
    acting.merge_duplicates(finding=only(Kind.DUPLICATE), keep=twins[0], by=boss)
    twins[1].refresh_from_db()
    assert twins[1].merged_into == twins[0]
    assert StockLevel.objects.get(product=twins[0], store=store).quantity == 5
    finding = only(Kind.DUPLICATE)
    assert (finding.state, finding.evidence["kept"]) == (State.ACTED, twins[0].pk)


def test_a_refused_merge_changes_nothing(encoder: Encoder, twins: list[Product], boss: Any) -> None:
    check(encoder)
    Product.objects.filter(pk=twins[1].pk).update(merged_into=ProductFactory())
    with pytest.raises(ValidationError):
        acting.merge_duplicates(finding=only(Kind.DUPLICATE), keep=twins[0], by=boss)
    assert only(Kind.DUPLICATE).state == State.OPEN


# --- moving ---


def test_a_photo_is_moved_behind_the_others_and_keeps_its_vector(
    encoder: Encoder, boss: Any
) -> None:
    product, other = with_photo(1).product, with_photo(2).product
    with_photo(3, product)
    face = product.face
    vector = ImageEmbedding.objects.get(image=face)
    acting.move_misplaced(finding=misplaced(encoder, face, other), to=other, by=boss)
    assert [image.pk for image in other.images.all()][-1] == face.pk
    assert [image.position for image in other.images.all()] == [0, 1]
    assert [image.position for image in product.images.all()] == [0]
    assert ImageEmbedding.objects.get(image=face).updated_at == vector.updated_at
    finding = only(Kind.MISPLACED)
    assert (finding.state, finding.evidence["moved_to"]) == (State.ACTED, other.pk)


def test_both_products_histories_tell_of_a_move(encoder: Encoder) -> None:
    from products.models import ProductImageEvent

    photo, other = with_photo(1), with_photo(2).product
    move_photo(photo_id=photo.pk, product=photo.product, to=other)
    labels = set(ProductImageEvent.objects.values_list("pgh_label", "product"))
    assert {("moved_here", other.pk), ("moved_away", photo.product_id)} <= labels


def test_a_photo_that_is_there_already_is_refused(encoder: Encoder) -> None:
    photo, other = with_photo(1), ProductFactory()
    add_photo(product=other, data=product_photo(1))
    with pytest.raises(ValidationError, match="already"):
        move_photo(photo_id=photo.pk, product=photo.product, to=other)
    assert photo.product.images.count() == 1


def test_a_photo_is_moved_once(encoder: Encoder) -> None:
    photo, other, third = with_photo(1), ProductFactory(), ProductFactory()
    product = photo.product
    move_photo(photo_id=photo.pk, product=product, to=other)
    move_photo(photo_id=photo.pk, product=product, to=other)
    with pytest.raises(ValidationError, match="meanwhile"):
        move_photo(photo_id=photo.pk, product=product, to=third)


def test_no_photo_goes_to_a_merged_product(encoder: Encoder) -> None:
    photo = with_photo(1)
    merged = ProductFactory(merged_into=ProductFactory())
    with pytest.raises(ValidationError, match="merged"):
        move_photo(photo_id=photo.pk, product=photo.product, to=merged)


def test_a_deleted_photo_cannot_be_moved(encoder: Encoder, boss: Any) -> None:
    photo, other = with_photo(1), ProductFactory()
    finding = misplaced(encoder, photo, other)
    photo.delete()
    finding.refresh_from_db()
    with pytest.raises(ValidationError, match="deleted"):
        acting.move_misplaced(finding=finding, to=other, by=boss)


# --- look-alikes ---


def test_accepted_look_alikes_are_told(encoder: Encoder, boss: Any) -> None:
    one, two, three = (ProductFactory() for _ in range(3))
    record(
        encoder=encoder,
        found=[
            Found(Kind.INSEPARABLE, one.pk, 0.4, other=two.pk),
            Found(Kind.INSEPARABLE, one.pk, 0.3, other=three.pk),
        ],
    )
    assert acting.inseparable_from([one.pk]) == {one.pk: set()}
    finding = Finding.objects.get(other=two)
    acting.accept_lookalikes(finding=finding, by=boss)
    assert acting.inseparable_from([one.pk, two.pk, three.pk]) == {
        one.pk: {two.pk}, two.pk: {one.pk}, three.pk: set(),
    }  # fmt: skip
    acting.reopen(finding=finding)
    assert acting.inseparable_from([one.pk]) == {one.pk: set()}


def test_merged_look_alikes_are_not_opened_again(encoder: Encoder, boss: Any) -> None:
    one, two = (with_photo(n).product for n in (1, 2))
    record(encoder=encoder, found=[Found(Kind.INSEPARABLE, one.pk, 0.4, other=two.pk)])
    finding = acting.merge_duplicates(finding=only(Kind.INSEPARABLE), keep=two, by=boss)
    with pytest.raises(ValidationError):
        acting.reopen(finding=finding)
    assert only(Kind.INSEPARABLE).state == State.ACTED
    assert acting.inseparable_from([one.pk, two.pk]) == {one.pk: set(), two.pk: set()}


def test_look_alikes_of_a_merged_product_are_those_of_its_heir(encoder: Encoder, boss: Any) -> None:
    one, two, like = (with_photo(n).product for n in range(3))
    heir = ProductFactory()
    record(encoder=encoder, found=[Found(Kind.INSEPARABLE, one.pk, 0.4, other=like.pk)])
    acting.accept_lookalikes(finding=only(Kind.INSEPARABLE), by=boss)
    merge_product(product=one, into=two, actor=boss)
    merge_product(product=two, into=heir, actor=boss)
    assert acting.inseparable_from([heir.pk, like.pk]) == {
        heir.pk: {like.pk}, like.pk: {heir.pk},
    }  # fmt: skip
    # What is no longer sold is not asked about.
    Product.objects.filter(pk=like.pk).update(is_active=False)
    assert acting.inseparable_from([heir.pk]) == {heir.pk: set()}


# --- in the background ---


def test_one_check_up_at_a_time(encoder: Encoder) -> None:
    request_check(encoder=encoder)
    with pytest.raises(AlreadyChecking):
        request_check(encoder=encoder)
    assert not check_nightly()
    assert CatalogueCheck.objects.count() == 1


def test_a_worker_makes_it_once(encoder: Encoder, twins: list[Product]) -> None:
    begun = request_check(encoder=encoder)
    work_on_check(begun.pk)
    begun.refresh_from_db()
    assert (begun.state, begun.percent) == (CatalogueCheck.State.DONE, 100)
    finished = begun.finished_at
    work_on_check(begun.pk)
    work_on_check(987_654)
    begun.refresh_from_db()
    assert begun.finished_at == finished


def test_one_that_nobody_works_on_any_more_says_so(encoder: Encoder) -> None:
    begun = begin_check(encoder=encoder)
    assert sweep_checks() == 0
    CatalogueCheck.objects.filter(pk=begun.pk).update(touched_at="2026-01-01T00:00Z")
    assert sweep_checks() == 1
    begun.refresh_from_db()
    assert begun.state == CatalogueCheck.State.FAILED
    assert request_check(encoder=encoder)
    # One that still has its job is left to it.
    CatalogueCheck.objects.update(touched_at="2026-01-01T00:00Z")
    assert sweep_checks() == 0


def test_nothing_to_see_with(db: None) -> None:
    assert not check_nightly()


def test_no_photo_goes_to_a_product_that_is_not_sold(encoder: Encoder, boss: Any) -> None:
    photo, other = with_photo(1), ProductFactory(is_active=False)
    with pytest.raises(ValidationError, match="not active"):
        acting.move_misplaced(finding=misplaced(encoder, photo, other), to=other, by=boss)
    assert only(Kind.MISPLACED).state == State.OPEN
