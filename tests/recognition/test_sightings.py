"""What was asked by photo is recorded, and what people say of it is kept."""

import io

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from products.merging import merge_product
from recognition.embedding import embed_pending
from recognition.models import Encoder, Sighting, SightingReview
from recognition.search import Query, search
from recognition.sightings import by_evidence, recognise, record_sighting, review_sighting
from tests.barcodes import ean13_picture
from tests.factories import ProductFactory, StaffFactory, StoreFactory, UserFactory, with_photo
from tests.pictures import phone_photo, product_photo

pytestmark = pytest.mark.django_db

GTIN = "4006381333931"
WORK, AUDIT = Sighting.Occasion.WORK, Sighting.Occasion.AUDIT


@pytest.fixture
def shop(encoder: Encoder) -> Encoder:
    for n in range(4):
        with_photo(n, ProductFactory(sku=f"P{n}", name=f"Lamp {n}"))
    embed_pending(encoder)
    return encoder


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def sight(seed: int = 2, **fields: object) -> Sighting:
    _answer, sighting = recognise(
        photo=opened(phone_photo(seed)),
        user=fields.pop("user", None),
        source=Sighting.Source.STOCKTAKE,
        limit=8,
        **fields,
    )
    return Sighting.objects.get(pk=sighting.pk)


def drawn(seed: int = 2) -> Sighting:
    sighting = sight(seed)
    Sighting.objects.filter(pk=sighting.pk).update(drawn_for_audit=True)
    sighting.refresh_from_db()
    return sighting


def product(sku: str):
    from products.models import Product

    return Product.objects.get(sku=sku)


def reviews_of(sighting: Sighting):
    return SightingReview.objects.filter(pgh_obj=sighting)


def test_a_sighting_holds_what_was_seen_and_shown(shop: Encoder) -> None:
    user, store = UserFactory(), StoreFactory()
    answer, made = recognise(
        photo=opened(phone_photo(2)),
        user=user,
        source=Sighting.Source.STOCKTAKE,
        store=store,
        limit=3,
    )
    sighting = Sighting.objects.get()
    assert answer.sighting == sighting.token == made.token
    assert (sighting.user, sighting.store, sighting.encoder) == (user, store, shop)
    assert sighting.best_product == product("P2")
    first, second = answer.results[:2]
    assert sighting.distance == pytest.approx(first.distance)
    assert sighting.margin == pytest.approx(second.distance - first.distance)
    assert [each["product"] for each in sighting.candidates] == [
        result.product.pk for result in answer.results
    ]
    assert sighting.candidates[0]["image"] == first.photo.pk
    assert len(sighting.vector) == shop.dimension
    assert (sighting.verdict, sighting.review, sighting.occasion) == ("", "", "")


def test_tokens_cannot_be_guessed(shop: Encoder) -> None:
    tokens = {sight().token for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 22 for token in tokens)


def test_a_catalogue_without_photos_is_seen_too(encoder: Encoder) -> None:
    sighting = sight()
    assert (sighting.best_product, sighting.distance, sighting.margin) == (None, None, None)
    assert sighting.candidates == []


def test_one_product_has_no_margin(encoder: Encoder) -> None:
    with_photo(2, ProductFactory(sku="P2"))
    embed_pending(encoder)
    sighting = sight()
    assert sighting.distance is not None
    assert sighting.margin is None


def test_the_best_is_by_photo_whatever_the_barcode_says(shop: Encoder) -> None:
    other = ProductFactory(sku="X", barcode=GTIN)
    picture = Image.new("RGB", (600, 600), "white")
    picture.paste(opened(product_photo(1)).resize((260, 260)), (20, 20))
    picture.paste(ean13_picture(GTIN, 420), (20, 330))
    _answer, sighting = recognise(photo=picture, user=None, source=Sighting.Source.API, limit=8)
    assert (sighting.barcode, sighting.barcode_product) == (GTIN, other)
    assert sighting.best_product_id is not None
    assert sighting.best_product_id != other.pk
    assert sighting.candidates[0] == {"product": other.pk, "image": None, "distance": None}


def test_words_are_not_a_sighting(shop: Encoder) -> None:
    with pytest.raises(ValueError, match="photo"):
        record_sighting(answer=search(Query(text="lamp")), source=Sighting.Source.SEARCH)


def test_searching_alone_records_nothing(shop: Encoder) -> None:
    answer = search(Query(photo=opened(phone_photo(1))))
    assert answer.sighting is None
    assert not Sighting.objects.exists()


@pytest.mark.parametrize(
    ("chosen", "review"), [("P2", "confirmed"), ("P0", "corrected"), (None, "rejected")]
)
def test_a_review_says_what_it_was(shop: Encoder, chosen: str | None, review: str) -> None:
    sighting, clerk = sight(), UserFactory()
    what = product(chosen) if chosen else None
    review_sighting(sighting=sighting, product=what, by=clerk, occasion=WORK)
    sighting.refresh_from_db()
    assert (sighting.review, sighting.reviewed_product) == (review, what)
    assert (sighting.reviewed_by, sighting.occasion) == (clerk, "work")
    assert sighting.reviewed_at is not None


def test_the_same_review_again_changes_nothing(shop: Encoder) -> None:
    sighting = sight()
    for _ in range(2):
        review_sighting(sighting=sighting, product=product("P2"), by=None, occasion=WORK)
    assert reviews_of(sighting).count() == 1


def test_a_later_word_counts_and_the_earlier_is_kept(shop: Encoder) -> None:
    sighting = drawn()
    review_sighting(sighting=sighting, product=None, by=None, occasion=WORK)
    review_sighting(sighting=sighting, product=product("P0"), by=None, occasion=WORK)
    review_sighting(sighting=sighting, product=product("P2"), by=None, occasion=AUDIT)
    # What the audit said is not replaced by the work.
    review_sighting(sighting=sighting, product=product("P1"), by=None, occasion=WORK)
    sighting.refresh_from_db()
    assert (sighting.review, sighting.occasion) == ("confirmed", "audit")
    kept = reviews_of(sighting).order_by("pgh_id").values_list("review", "occasion")
    assert list(kept) == [("rejected", "work"), ("corrected", "work"), ("confirmed", "audit")]


def test_what_was_not_drawn_by_lot_cannot_be_audited(shop: Encoder, settings) -> None:
    settings.AUDIT_SHARE = 0.0
    with pytest.raises(ValueError, match="drawn"):
        review_sighting(sighting=sight(), product=product("P2"), by=None, occasion=AUDIT)


def test_an_audit_that_agrees_with_the_work_is_still_an_audit(shop: Encoder) -> None:
    sighting = drawn()
    review_sighting(sighting=sighting, product=product("P2"), by=None, occasion=WORK)
    review_sighting(sighting=sighting, product=product("P2"), by=None, occasion=AUDIT)
    sighting.refresh_from_db()
    assert sighting.occasion == "audit"
    assert reviews_of(sighting).count() == 2


def test_the_heir_of_the_best_product_confirms(shop: Encoder) -> None:
    sighting, heir = sight(), ProductFactory()
    merge_product(product=product("P2"), into=heir, actor=StaffFactory())
    sighting = review_sighting(sighting=sighting, product=heir, by=None, occasion=WORK)
    assert sighting.review == "confirmed"


@pytest.mark.parametrize(
    "broken",
    [
        {"source": "elsewhere"},
        {"verdict": "surely"},
        {"review": "confirmed"},
        {"occasion": "work"},
        {"distance": None},
        {"distance": 2.5},
        {"margin": -0.1},
        {"best_product": None},
        {"review": "rejected", "occasion": "work"},
        {"review": "wrong", "occasion": "work"},
        {
            "review": "rejected",
            "occasion": "audit",
            "reviewed_at": "2026-01-01T00:00Z",
            "drawn_for_audit": False,
        },
    ],
)
def test_the_database_takes_no_half_sighting(shop: Encoder, broken: dict[str, object]) -> None:
    sighting = sight()
    with pytest.raises(IntegrityError), transaction.atomic():
        Sighting.objects.filter(pk=sighting.pk).update(**broken)


def test_what_a_sighting_names_is_kept(shop: Encoder) -> None:
    sighting = sight(user=UserFactory())
    with pytest.raises(ProtectedError):
        product("P2").delete()
    with pytest.raises(ProtectedError):
        shop.delete()
    sighting.user.delete()
    sighting.refresh_from_db()
    assert sighting.user is None


def test_evidence_names_its_sighting(shop: Encoder) -> None:
    sighting = sight()
    assert by_evidence([sighting.evidence, "sighting:no", "order:7"]) == {
        sighting.evidence: sighting
    }
    assert by_evidence([]) == {}


def reviewed_sightings(number: int) -> None:
    store = StoreFactory()
    for n in range(number):
        sighting = sight(n % 4, store=store, user=UserFactory())
        review_sighting(sighting=sighting, product=product("P2"), by=None, occasion=WORK)


def test_staff_see_sightings_and_change_none(shop: Encoder, client: Client) -> None:
    reviewed_sightings(4)
    client.force_login(StaffFactory())
    answer = client.get("/admin/recognition/sighting/")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Lamp 2" in html
    assert "confirmed" in html
    assert client.get("/admin/recognition/sighting/add/").status_code == 403
    page = client.get(f"/admin/recognition/sighting/{Sighting.objects.first().pk}/change/")
    assert page.status_code == 200
    assert "_save" not in page.content.decode()


def test_the_list_asks_the_same_of_4_and_of_40(
    shop: Encoder, client: Client, django_assert_num_queries
) -> None:
    client.force_login(StaffFactory())
    reviewed_sightings(4)
    client.get("/admin/recognition/sighting/")  # makes the thumbnails
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/recognition/sighting/")
    reviewed_sightings(36)
    with django_assert_num_queries(len(few)):
        client.get("/admin/recognition/sighting/")
