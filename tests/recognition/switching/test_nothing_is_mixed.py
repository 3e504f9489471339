"""What looks twice looks with one encoder, whatever is switched in between."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from recognition import views
from recognition.models import Encoder
from recognition.similar import possible_duplicates, similar_products
from recognition.switching.activating import activate
from recognition.usual import usual_distances
from tests.pictures import phone_photo
from tests.recognition.switching.shop import second, with_photos

pytestmark = pytest.mark.django_db


def test_near_is_held_against_the_distances_of_the_same_encoder(encoder: Encoder) -> None:
    products = with_photos(encoder, 31)
    other = second()
    similar = similar_products(products[0])
    usual = usual_distances()
    activate(other)
    assert usual_distances() != usual
    assert possible_duplicates(products[0], similar)[1] == usual


def test_the_page_tells_of_the_encoder_that_answered(
    encoder: Encoder, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_photos(encoder, 2)
    other = second()
    Encoder.objects.filter(pk=other.pk).update(fallback_reason="It stands in for another.")
    search = views.answer_and_record

    def switched_meanwhile(*args: object, **kwargs: object) -> object:
        answer = search(*args, **kwargs)  # type: ignore[arg-type]
        activate(other)
        return answer

    monkeypatch.setattr(views, "answer_and_record", switched_meanwhile)
    photo = SimpleUploadedFile("photo.jpg", phone_photo(1), "image/jpeg")
    page = client.post("/", {"photo": photo})
    assert page.status_code == 200
    assert "It stands in for another." not in page.content.decode()
    assert "It stands in for another." in client.get("/").content.decode()
