"""A calibration in one sentence, for whoever does not read its figures."""

import pytest

from products.models import Category
from recognition.calibration_report import as_text, in_short
from recognition.models import Encoder
from tests.recognition.test_verdicts import calibrated

pytestmark = pytest.mark.django_db
NONE = {"outcome": "none"}


def test_a_threshold_for_all_names_its_error_and_its_photos(encoder: Encoder) -> None:
    Category.objects.at_path("Milk")
    run = calibrated(encoder, **{"": {}, "Milk": NONE})
    said = in_short(run)
    assert said == (
        "Where the site is sure, it names the product: at most 4 % of such answers are wrong,"
        " measured on 400 photos."
    )
    assert said in as_text(run, applied=True).splitlines()


def test_thresholds_of_some_categories_promise_no_more(encoder: Encoder) -> None:
    Category.objects.at_path("Milk")
    assert "in some categories only" in in_short(calibrated(encoder, **{"": NONE, "Milk": {}}))


def test_without_one_the_site_says_so(encoder: Encoder) -> None:
    said = in_short(calibrated(encoder, **{"": NONE}))
    assert said.startswith("There is too little to go by to name a product with at most 5 %")
