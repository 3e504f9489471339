"""When a calibration is of another catalogue than there is now."""

import numpy as np
import pytest
from django.core.cache import cache

from products.models import Category, Product, ProductImage
from recognition import calibrated_catalogue
from recognition.calibrated_catalogue import describe, keep
from recognition.calibrations import catalogue_changed, is_stale
from recognition.models import CalibratedCatalogue, CalibrationRun, Encoder, ImageEmbedding
from tests.recognition.spaces import catalogue

pytestmark = pytest.mark.django_db


def measured(encoder: Encoder) -> CalibrationRun:
    products, photos = Product.objects.active().count(), ImageEmbedding.objects.count()
    run = CalibrationRun.objects.create(
        encoder=encoder, scoring=encoder.scoring, target_error=0.1, state="done", kind="catalogue",
        catalogue_products=products, catalogue_photos=photos,
    )  # fmt: skip
    keep(run, describe(encoder))
    return run


def changed(run: CalibrationRun) -> float:
    cache.clear()
    return catalogue_changed(run)


def active(products: list[Product], value: bool) -> None:
    Product.objects.filter(pk__in=[each.pk for each in products]).update(is_active=value)


@pytest.fixture
def shop(encoder: Encoder) -> list[Product]:
    return catalogue(encoder, products=20, photos=4)


def test_the_same_catalogue_has_not_changed(encoder: Encoder, shop: list[Product]) -> None:
    run = measured(encoder)
    Category.objects.at_path("Aaa")  # the paths of the others may move, their products do not
    ImageEmbedding.objects.update(state="ready")
    assert changed(run) == 0
    active(shop[:5], False)
    active(shop[:5], True)
    assert changed(run) == 0


def test_products_that_come_back_count(encoder: Encoder, shop: list[Product]) -> None:
    active(shop[5:], False)
    run = measured(encoder)
    active(shop[5:], True)  # their vectors are as old as ever
    assert changed(run) == pytest.approx(60 / 20)
    assert is_stale(run)


def test_an_assortment_that_was_swapped_counts(encoder: Encoder, shop: list[Product]) -> None:
    active(shop[10:], False)
    run = measured(encoder)
    active(shop[:10], False)
    active(shop[10:], True)
    assert changed(run) == pytest.approx(2)  # all went, and as many came


def test_products_in_other_categories_count(encoder: Encoder, shop: list[Product]) -> None:
    run = measured(encoder)
    Product.objects.filter(pk__in=[each.pk for each in shop[:5]]).update(
        category=Category.objects.at_path("Elsewhere")
    )
    assert changed(run) == pytest.approx(5 / 20)


def test_a_branch_that_was_moved_counts(encoder: Encoder, shop: list[Product]) -> None:
    run = measured(encoder)
    shelf, elsewhere = Category.objects.find("Shop/Shelf 1"), Category.objects.at_path("Elsewhere")
    Category.objects.move(shelf, elsewhere, pos="sorted-child")
    assert changed(run) == pytest.approx(5 / 20)


def test_photos_on_another_product_count(encoder: Encoder, shop: list[Product]) -> None:
    run = measured(encoder)
    images = ProductImage.objects.filter(product=shop[0])
    for position, image in enumerate(images, 100):
        ProductImage.objects.filter(pk=image.pk).update(product=shop[1], position=position)
    assert changed(run) == pytest.approx(4 / 80)


def test_a_photo_that_was_replaced_counts(encoder: Encoder, shop: list[Product]) -> None:
    run = measured(encoder)
    row = ImageEmbedding.objects.first()
    ImageEmbedding.objects.filter(pk=row.pk).update(digest="f" * 64)
    assert changed(run) == pytest.approx(1 / 80)


def test_of_a_large_catalogue_a_sample_is_kept(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = catalogue(encoder, products=200, photos=5)
    monkeypatch.setattr(calibrated_catalogue, "MOST_PHOTOS", 400)
    run = measured(encoder)
    kept = CalibratedCatalogue.objects.get(run=run)
    assert len(kept.photos) / 12 == pytest.approx(400, abs=80)
    assert changed(run) == 0
    active(shop[:50], False)
    assert changed(run) == pytest.approx(0.25, abs=0.08)
    catalogue(encoder, products=50, photos=5, seed=2)
    assert changed(run) == pytest.approx(0.5, abs=0.12)


def test_a_run_that_kept_nothing_goes_by_numbers(encoder: Encoder, shop: list[Product]) -> None:
    run = measured(encoder)
    CalibratedCatalogue.objects.all().delete()
    assert changed(run) == 0
    active(shop[:5], False)
    assert changed(run) == pytest.approx(0.25)


def test_an_empty_catalogue_that_is_filled(encoder: Encoder) -> None:
    run = measured(encoder)
    assert changed(run) == 0
    catalogue(encoder, products=1, photos=2)
    assert is_stale(run) or changed(run) == 2
    assert np.isfinite(changed(run))
