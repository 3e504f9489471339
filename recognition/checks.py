"""System checks of what recognition is told to use."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from recognition.versions import ENCODER_PIXEL


@register()
def clip_weights_exist(**_kwargs: Any) -> list[CheckMessage]:
    weights = settings.CLIP_WEIGHTS
    if weights is None or weights.is_file():
        return []
    return [
        Error(
            f"RETAILVISION_CLIP_WEIGHTS names {weights}, where there is no file.",
            hint="Correct the path, or unset it to take the weights from the model hub.",
            id="recognition.E001",
        )
    ]


@register()
def test_encoder_is_allowed(**_kwargs: Any) -> list[CheckMessage]:
    if settings.ENCODER != ENCODER_PIXEL or settings.ALLOW_TEST_ENCODERS:
        return []
    return [
        Error(
            "RETAILVISION_ENCODER=pixel is the encoder of the tests; it recognises nothing.",
            hint="Set it to auto, clip or packaged.",
            id="recognition.E002",
        )
    ]
