"""Two entries of one product become one."""

import pytest
from django.core.exceptions import ValidationError

from products.merging import merge_product
from products.models import Product
from tests.factories import ProductFactory, StaffFactory, with_photo
from tests.stores.races import held, outcomes, threads

pytestmark = pytest.mark.django_db


def test_its_photos_go_behind_those_of_the_heir() -> None:
    product, heir, actor = ProductFactory(), ProductFactory(), StaffFactory()
    face, own, same = with_photo(1, heir), with_photo(2, product), with_photo(1, product)
    merged = merge_product(product=product, into=heir, actor=actor)
    assert (merged, merged.merged_into) == (product, heir)
    assert list(heir.images.order_by("position")) == [face, own]
    assert list(product.images.all()) == [same]
    assert Product.objects.get(pk=product.pk).heir() == heir


def test_photos_of_a_heir_without_any() -> None:
    product, heir = ProductFactory(), ProductFactory()
    photo = with_photo(2, product)
    merge_product(product=product, into=heir, actor=StaffFactory())
    assert heir.face == photo


def test_what_cannot_be_merged() -> None:
    product, heir, other, actor = *ProductFactory.create_batch(3), StaffFactory()
    with pytest.raises(ValidationError, match="into itself"):
        merge_product(product=product, into=product, actor=actor)
    merge_product(product=product, into=heir, actor=actor)
    with pytest.raises(ValidationError, match="merged already"):
        merge_product(product=product, into=other, actor=actor)
    with pytest.raises(ValidationError, match="was merged itself"):
        merge_product(product=other, into=product, actor=actor)
    with pytest.raises(ValidationError, match="was merged itself"):
        merge_product(product=heir, into=product, actor=actor)


@pytest.mark.django_db(transaction=True)
def test_two_products_merged_into_each_other_at_once() -> None:
    product, other, actor = ProductFactory(), ProductFactory(), StaffFactory()
    with threads() as pool:
        with held(product) as wait_for:
            futures = [
                pool.start(merge_product, product=product, into=other, actor=actor),
                pool.start(merge_product, product=other, into=product, actor=actor),
            ]
            wait_for(2)
        assert outcomes(futures) == ["done", "merged"]
    assert Product.objects.exclude(merged_into=None).count() == 1
