"""What tuning sees is what the encoders with these views see."""

import numpy as np

from recognition.encoders import PIXEL_KEY, EncoderOptions, build_encoder
from recognition.tuning.candidates import VIEWS
from recognition.tuning.looking import look, side_for
from tests.recognition.encoders.test_views import picture

TESTS = EncoderOptions(allow_test_encoders=True)


def test_every_view_is_that_of_its_encoder() -> None:
    network = build_encoder(PIXEL_KEY, TESTS)
    pictures = [picture(1), picture(2), picture(3)]
    seen = look(network, pictures, VIEWS, batch_size=2)
    assert set(seen) == set(VIEWS)
    for views, vectors in seen.items():
        encoder = build_encoder(f"{PIXEL_KEY}:{views}" if views else PIXEL_KEY, TESTS)
        np.testing.assert_allclose(vectors, encoder.encode_images(pictures), atol=1e-5)


def test_pictures_are_decoded_for_the_smallest_crop() -> None:
    network = build_encoder(PIXEL_KEY, TESTS)
    assert side_for(network, VIEWS) == 2 * network.input_side
