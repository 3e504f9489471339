"""What tests of the catalogue share."""

from pathlib import Path

import pytest

from tests.products.importing import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    path = tmp_path / "shop"
    path.mkdir()
    return Folder(path)


@pytest.fixture(autouse=True)
def _own_uploads(settings: object, tmp_path: Path) -> None:
    settings.IMPORT_DIR = tmp_path / "imports"  # type: ignore[attr-defined]
