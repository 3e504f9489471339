"""What the check-up finds in catalogues whose faults are known."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from products.models import Product
from products.photos import add_photo
from recognition.embedding import embed_pending
from recognition.findings.checking import begin_check, check_catalogue, look_at_catalogue
from recognition.findings.detail import active_photos
from recognition.findings.found import Found
from recognition.findings.loading import load_catalogue
from recognition.findings.measures.photos import surroundings
from recognition.findings.photos import find_unseen
from recognition.models import CatalogueCheck, Encoder, Finding, ImageEmbedding, PhotoDetail
from tests.factories import ProductFactory, with_photo
from tests.pictures import encoded, product_photo
from tests.recognition.findings.catalogues import Shop, look_alike, photos_of
from tests.recognition.learned import learned

pytestmark = pytest.mark.django_db
Kind = Finding.Kind


def found(encoder: Encoder, kind: str) -> list[Found]:
    look = look_at_catalogue(encoder, lambda _percent: None)
    return [each for each in look.found if each.kind == kind]


def pairs(encoder: Encoder, kind: str = Kind.DUPLICATE) -> set[frozenset[Any]]:
    return {frozenset((each.product, each.other)) for each in found(encoder, kind)}


def reasons(encoder: Encoder) -> dict[str, str]:
    skus = dict(Product.objects.values_list("pk", "sku"))
    return {skus[each.product]: each.evidence["reason"] for each in found(encoder, Kind.UNSEEN)}


def test_a_product_entered_twice_is_found_by_its_photos(encoder: Encoder) -> None:
    shop = Shop(encoder)
    twice = [shop.add(f"AGAIN-{n}", 6, like=shop.products[n]) for n in range(3)]
    expected = {frozenset((shop.products[n].pk, each.pk)) for n, each in enumerate(twice)}
    # Surely right comes before complete.
    right = pairs(encoder)
    assert len(right) >= 2
    assert right <= expected
    for each in found(encoder, Kind.DUPLICATE):
        assert each.evidence["reasons"] == ["photos"]
        assert 0.3 < each.evidence["interleaved"] < 0.7
        assert each.score == pytest.approx(each.evidence["probability"], abs=0.001)
        assert len(each.evidence["photos"]) == 3


def test_a_sound_catalogue_has_no_findings(encoder: Encoder) -> None:
    Shop(encoder)
    look = look_at_catalogue(encoder, lambda _percent: None)
    assert look.found == []
    assert look.figures["judged"] == {"duplicate": True, "misplaced": True}


def test_two_barcodes_are_two_products(encoder: Encoder) -> None:
    shop = Shop(encoder)
    shop.add("AGAIN", 6, like=shop.products[0], barcode="4006381333931")
    Product.objects.filter(pk=shop.products[0].pk).update(barcode="96385074")
    assert pairs(encoder) == set()


def test_the_very_same_photo_is_enough(encoder: Encoder) -> None:
    one, two = with_photo(1).product, with_photo(1).product
    assert pairs(encoder) == {frozenset((one.pk, two.pk))}
    assert found(encoder, Kind.DUPLICATE)[0].evidence["reasons"] == ["same_photo"]


def test_a_picture_on_many_products_makes_no_duplicates(encoder: Encoder) -> None:
    products = [with_photo(1).product for _ in range(6)]
    assert pairs(encoder) == set()
    assert reasons(encoder) == {each.sku: "shared" for each in products}


def test_the_same_name_and_brand_is_enough_unless_attributes_differ(encoder: Encoder) -> None:
    def add(name: str, **attributes: str) -> Product:
        return ProductFactory(name=name, brand="Acme", attributes=attributes)

    one, two = add("Red  lamp"), add("red Lamp")
    add("Mug", size="S")
    add("Mug", size="L")
    assert pairs(encoder) == {frozenset((one.pk, two.pk))}


def test_a_photo_on_the_wrong_product_is_found_with_its_own(encoder: Encoder) -> None:
    shop = Shop(encoder)
    moved = {
        shop.misplace(shop.products[n], shop.products[n + 20]).pk: shop.products[n].pk
        for n in range(4)
    }
    misplaced = found(encoder, Kind.MISPLACED)
    assert len(misplaced) >= 3
    assert {each.photo: each.other for each in misplaced}.items() <= moved.items()
    evidence = misplaced[0].evidence
    assert evidence["better"][0][1] < evidence["there"][0][1]


def test_products_that_search_takes_for_each_other_are_look_alikes(encoder: Encoder) -> None:
    shop = Shop(encoder)
    twin = look_alike(shop, "TWIN", shop.products[0])
    Finding.objects.create(  # else it would be a duplicate: its photos mix as one product's
        kind=Kind.DUPLICATE, fingerprint=f"products {shop.products[0].pk} {twin.pk}", score=1,
        state=Finding.State.DISMISSED, decided_at="2026-01-01T00:00Z", encoder=encoder,
        product=shop.products[0], other=twin,
    )  # fmt: skip
    (each,) = found(encoder, Kind.INSEPARABLE)
    assert {each.product, each.other} == {shop.products[0].pk, twin.pk}
    assert each.evidence["wrong"][0] > 0
    assert each.evidence["other_wrong"][0] > 0


def test_products_without_a_useful_photo(encoder: Encoder) -> None:
    ProductFactory(sku="NONE")
    with_photo(1, sku="GOOD")
    with_photo(2, sku="FAILED")
    blank = ProductFactory(sku="BLANK")
    add_photo(product=blank, data=encoded(Image.new("RGB", (300, 300), "white")))
    icon = ProductFactory(sku="ICON")
    add_photo(product=icon, data=product_photo(3, side=20))
    ImageEmbedding.objects.filter(image__product__sku="FAILED").update(
        state="failed", reason="made so"
    )
    assert reasons(encoder) == {
        "NONE": "none", "FAILED": "failed", "BLANK": "blank", "ICON": "small",
    }  # fmt: skip


def test_one_good_photo_is_enough(encoder: Encoder) -> None:
    product = with_photo(1).product
    add_photo(product=product, data=encoded(Image.new("RGB", (300, 300), "white")))
    assert reasons(encoder) == {}


def test_photos_that_all_look_like_something_else(encoder: Encoder) -> None:
    shop = Shop(encoder)
    lost = shop.add("LOST", 0)
    for n in range(3):
        photos_of(lost, encoder, shop.centres[shop.products[n * 5].pk], 1, spread=0.2, rng=shop.rng)
    ids = {each.photo for each in found(encoder, Kind.MISPLACED)}
    assert ids <= set(lost.images.values_list("pk", flat=True))


def test_what_it_looks_like_instead_is_named_with_the_distances(encoder: Encoder) -> None:
    shop = Shop(encoder, products=5)
    lost = shop.add("LOST", 0)
    for n in range(2):
        middle = shop.centres[shop.products[n].pk]
        photos_of(lost, encoder, middle, 1, spread=0.2, rng=shop.rng)
    catalogue = load_catalogue(encoder)
    around = surroundings(catalogue.photos)
    unseen = find_unseen(encoder, catalogue, around, active_photos(), {}, explained=set())
    [evidence] = [each.evidence for each in unseen if each.product == lost.pk]
    assert (evidence["reason"], evidence["of"]) == ("elsewhere", 2)
    assert evidence["nearest"] in {shop.products[0].pk, shop.products[1].pk}
    assert evidence["mine"][0][1] < evidence["own_nearest"]
    mine, theirs = ({pk for pk, _distance in evidence[side]} for side in ("mine", "theirs"))
    assert mine == set(lost.images.values_list("pk", flat=True))
    other = Product.objects.get(pk=evidence["nearest"])
    assert len(theirs) == 3
    assert theirs < set(other.images.values_list("pk", flat=True))
    # Of either side the nearest first, and those are nearest to each other.
    assert evidence["mine"][0][1] == evidence["theirs"][0][1] <= evidence["theirs"][1][1]


@pytest.mark.parametrize("photos", [0, 1])
@pytest.mark.parametrize("products", [0, 1, 2, 40])
def test_small_catalogues_are_answered(encoder: Encoder, products: int, photos: int) -> None:
    Shop(encoder, products=products, photos=photos)
    check = check_catalogue(check=begin_check(encoder=encoder))
    assert check.state == CatalogueCheck.State.DONE
    assert check.figures["products"] == products
    assert check.figures["judged"] == {"duplicate": False, "misplaced": False}
    unseen = Finding.objects.filter(kind=Kind.UNSEEN).count()
    assert unseen == (0 if photos else products)
    assert not Finding.objects.exclude(kind=Kind.UNSEEN).exists()


def test_identical_photos_are_answered(encoder: Encoder) -> None:
    shop = Shop(encoder, products=0)
    middle = None
    for n in range(35):
        product = shop.add(f"SAME-{n}", 0)
        middle = shop.centres[product.pk] if middle is None else middle
        photos_of(product, encoder, middle, 3, spread=0.0, rng=shop.rng)
    look = look_at_catalogue(encoder, lambda _percent: None)
    assert not [each for each in look.found if each.kind == Kind.MISPLACED]


def test_inactive_and_merged_products_are_left_out(encoder: Encoder) -> None:
    one, two, three = (with_photo(1).product for _ in range(3))
    Product.objects.filter(pk=two.pk).update(is_active=False)
    Product.objects.filter(pk=three.pk).update(merged_into=one)
    assert pairs(encoder) == set()


def test_the_same_catalogue_gives_the_same_findings(encoder: Encoder) -> None:
    shop = Shop(encoder)
    shop.add("AGAIN", 6, like=shop.products[0])
    assert found(encoder, Kind.DUPLICATE) == found(encoder, Kind.DUPLICATE)


# --- where an adapted encoder answers ---


def test_what_an_adapter_learned_in_the_wrong_place_is_found_there(
    encoder: Encoder, admin_client: Client
) -> None:
    shop = Shop(encoder)
    moved = {
        shop.misplace(shop.products[n], shop.products[n + 20]).pk: shop.products[n].pk
        for n in range(4)
    }
    with learned(encoder) as adapted:
        right = {each.photo: each.other for each in found(adapted, Kind.MISPLACED)}
        assert len(right) >= 3
        assert right.items() <= moved.items()
        check = check_catalogue(check=begin_check(encoder=adapted))
        check.refresh_from_db()
        assert check.encoder == encoder
        assert {each.encoder for each in Finding.objects.all()} == {encoder}
        page = admin_client.get("/admin/recognition/finding/").content.decode()
        assert "by-the-base" in page


# --- when the storage is in trouble ---


def test_a_photo_that_cannot_be_read_now_is_not_called_unreadable(encoder: Encoder) -> None:
    image = with_photo(1)
    embed_pending(encoder)
    path = Path(image.file.path)
    aside = path.rename(path.with_suffix(".aside"))
    path.mkdir()  # whoever opens it gets an error that is not “no such file”
    assert reasons(encoder) == {}
    assert not PhotoDetail.objects.exists()
    path.rmdir()
    aside.rename(path)
    assert reasons(encoder) == {}
    assert PhotoDetail.objects.get().contrast > 0


def test_a_lost_file_is_looked_for_again(encoder: Encoder) -> None:
    image = with_photo(1)
    embed_pending(encoder)
    path = Path(image.file.path)
    aside = path.rename(path.with_suffix(".aside"))
    assert reasons(encoder) == {image.product.sku: "unreadable"}
    assert not PhotoDetail.objects.exists()
    aside.rename(path)
    assert reasons(encoder) == {}


def test_what_is_no_photo_is_asked_once(encoder: Encoder) -> None:
    image = with_photo(1)
    content = b"no photo"
    Path(image.file.path).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    type(image).objects.filter(pk=image.pk).update(digest=digest)
    assert reasons(encoder) == {image.product.sku: "unreadable"}
    assert PhotoDetail.objects.get().contrast is None
