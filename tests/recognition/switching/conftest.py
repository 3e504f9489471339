"""Tests of the switch do not wait for the answers of shoppers."""

import pytest

from recognition.switching import retiring


@pytest.fixture(autouse=True)
def _nobody_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retiring, "_SECONDS_FOR_ANSWERS", 0.0)
