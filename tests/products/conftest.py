"""What tests of the catalogue share."""

from pathlib import Path

import pytest

from tests.products.importing import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    path = tmp_path / "shop"
    path.mkdir()
    return Folder(path)
