"""How long somebody who searches too fast is told to wait."""

import pytest

from recognition.throttles import too_often


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (1, "1 second."), (90, "90 seconds."), (91, "2 minutes."), (120, "2 minutes."),
        (3600, "60 minutes."),
    ],
)  # fmt: skip
def test_long_ones_in_minutes(wait: int, said: str) -> None:
    assert too_often(wait).endswith(f"Go on in {said}")
