"""A photo, words or a barcode find their product, by the one function that all surfaces call."""

import io
from decimal import Decimal

import pytest
from PIL import Image

from products.models import Category, Product
from recognition.embedding import embed_pending
from recognition.filters import Filters
from recognition.models import Encoder
from recognition.search import Box, Query, search
from recognition.versions import NoActiveEncoder
from tests.barcodes import ean13_picture
from tests.factories import ProductFactory, with_photo
from tests.pictures import phone_photo, product_picture

pytestmark = pytest.mark.django_db


def phone(seed: int) -> Image.Image:
    return Image.open(io.BytesIO(phone_photo(seed))).convert("RGB")


def skus(answer) -> list[str]:
    return [result.product.sku for result in answer.results]


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    """Ten products with a photo each, in two categories."""
    for n in range(10):
        product = ProductFactory(
            sku=f"P{n}",
            name=f"Lamp {n}" if n % 2 else f"Bottle {n}",
            category_path="Home/Lamps" if n % 2 else "Drinks/Bottles",
            brand="Northlight" if n < 5 else "Harbour",
            price=Decimal(n),
        )
        with_photo(n, product)
    embed_pending(encoder)
    return encoder


@pytest.mark.parametrize("n", range(10))
def test_a_phone_photo_finds_its_product_first(shop: Encoder, n: int) -> None:
    answer = search(Query(photo=phone(n), limit=3))
    assert skus(answer)[0] == f"P{n}"
    assert answer.encoder == shop.key
    first = answer.results[0]
    assert first.matched_by == ("photo",)
    assert first.photo.product == first.product
    distances = [r.distance for r in answer.results]
    assert distances == sorted(distances)
    assert all(0 <= d <= 2 for d in distances)


def test_nothing_is_claimed_while_nothing_is_calibrated(shop: Encoder) -> None:
    answer = search(Query(photo=phone(1)))
    assert answer.verdict is None
    assert answer.sighting is None
    assert answer.fallback is None


def test_one_product_stands_once_however_many_photos_it_has(shop: Encoder) -> None:
    product = Product.objects.get(sku="P3")
    for seed in range(100, 110):
        with_photo(seed, product)
    embed_pending(shop)
    answer = search(Query(photo=phone(3), limit=10))
    assert len(answer.results) == 10
    assert len(set(skus(answer))) == 10


def test_a_filter_never_costs_results(shop: Encoder) -> None:
    lamps = Category.objects.all().find("home/LAMPS")
    answer = search(Query(photo=phone(2), limit=5, filters=Filters(category=lamps)))
    assert sorted(skus(answer)) == ["P1", "P3", "P5", "P7", "P9"]
    home = Category.objects.all().find("Home")
    assert sorted(skus(search(Query(photo=phone(2), limit=5, filters=Filters(category=home))))) == [
        "P1", "P3", "P5", "P7", "P9",
    ]  # fmt: skip


def test_brand_and_price_narrow_down(shop: Encoder) -> None:
    filters = Filters(brands=("northlight",), price_min=Decimal(2), price_max=Decimal(3))
    assert sorted(skus(search(Query(photo=phone(9), filters=filters)))) == ["P2", "P3"]


def test_max_distance_cuts_after_the_ranking(shop: Encoder) -> None:
    everything = search(Query(photo=phone(4), limit=10)).results
    cut = everything[2].distance
    assert len(search(Query(photo=phone(4), limit=10, max_distance=cut)).results) == 3
    assert search(Query(photo=phone(4), limit=10, max_distance=0.0)).results == []


def test_inactive_and_merged_products_are_not_found(shop: Encoder) -> None:
    Product.objects.filter(sku="P1").update(is_active=False)
    Product.objects.filter(sku="P2").update(merged_into=Product.objects.get(sku="P3"))
    found = skus(search(Query(photo=phone(1), limit=10)))
    assert len(found) == 8
    assert not {"P1", "P2"} & set(found)


def test_words_find_names_and_say_that_only_names_were_read(shop: Encoder) -> None:
    answer = search(Query(text="bottle"))
    assert sorted(skus(answer)) == ["P0", "P2", "P4", "P6", "P8"]
    assert answer.text_by_names_only is True
    assert {r.matched_by for r in answer.results} == {("text",)}
    assert {r.distance for r in answer.results} == {None}


def test_words_work_before_any_encoder_is_there(db: None) -> None:
    ProductFactory(sku="A", name="Green lamp")
    answer = search(Query(text="lamp"))
    assert skus(answer) == ["A"]
    assert answer.encoder is None


def test_a_photo_without_an_encoder_is_an_error_that_names_the_remedy(db: None) -> None:
    with pytest.raises(NoActiveEncoder, match=r"manage\.py embed"):
        search(Query(photo=phone(1)))


def test_photo_and_words_together_put_what_both_agree_on_first(shop: Encoder) -> None:
    answer = search(Query(photo=phone(4), text="lamp", limit=10))
    first = answer.results[0]
    assert first.matched_by == ("photo", "text")
    assert len(answer.results) == 10


def test_a_barcode_comes_first_in_any_of_its_spellings(shop: Encoder) -> None:
    product = Product.objects.get(sku="P7")
    product.barcode = "036000291452"
    product.save()
    for code in ("036000291452", "0036000291452", "0 36000 29145 2"):
        answer = search(Query(barcode=code))
        assert skus(answer) == ["P7"]
        assert answer.results[0].matched_by == ("barcode",)
        assert answer.barcode.seen_in_photo is False
    answer = search(Query(photo=phone(2), barcode="036000291452"))
    assert skus(answer)[:2] == ["P7", "P2"]


def test_a_barcode_outside_the_filters_costs_no_result(shop: Encoder) -> None:
    Product.objects.filter(sku="P7").update(barcode="036000291452")
    filters = Filters(brands=("Northlight",))
    for limit in (1, 2):
        query = Query(photo=phone(2), barcode="036000291452", filters=filters, limit=limit)
        answer = search(query)
        assert len(answer.results) == limit
        assert answer.results[0].product.sku == "P2"
        assert answer.barcode is not None
        assert answer.barcode.product.sku == "P7"


def test_an_unknown_barcode_is_said_and_finds_nothing(shop: Encoder) -> None:
    answer = search(Query(barcode="4006381333931"))
    assert answer.results == []
    assert (answer.barcode.code, answer.barcode.product) == ("4006381333931", None)


def test_a_barcode_in_the_photo_is_read_and_comes_first(shop: Encoder) -> None:
    product = Product.objects.get(sku="P8")
    product.barcode = "4006381333931"
    product.save()
    picture = product_picture(1, 900)
    picture.paste(ean13_picture("4006381333931"), (80, 500))
    answer = search(Query(photo=picture, limit=3))
    assert skus(answer)[0] == "P8"
    assert "barcode" in answer.results[0].matched_by
    assert answer.barcode.seen_in_photo is True
    assert len(answer.results) == 3


def test_a_box_looks_at_a_part_of_the_photo(shop: Encoder) -> None:
    collage = Image.new("RGB", (320, 160))
    collage.paste(product_picture(2), (0, 0))
    collage.paste(product_picture(5), (160, 0))
    left, right = Box(0, 0, 0.5, 1), Box(0.5, 0, 0.5, 1)
    assert skus(search(Query(photo=collage, box=left)))[0] == "P2"
    assert skus(search(Query(photo=collage, box=right)))[0] == "P5"


def test_an_empty_catalogue_answers_with_nothing(encoder: Encoder) -> None:
    assert search(Query(photo=phone(1))).results == []
    assert search(Query(text="lamp")).results == []
