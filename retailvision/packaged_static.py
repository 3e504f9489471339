"""Static files that come with Python packages."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

# Below which name a file is served, and where it lies: package, folder, file. One by one, since a
# package's folder holds more than browsers need.
_FILES = {"plotly/plotly.min.js": ("plotly", "package_data", "plotly.min.js")}


class PackagedFinder(BaseFinder):
    """Finds the files of the table, for `collectstatic` and the development server."""

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        entry = _FILES.get(path.replace("\\", "/"))
        folder = _folder(*entry[:2]) if entry else None
        found = str(folder / entry[2]) if entry and folder else ""
        if find_all:
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        for path, (package, part, name) in _FILES.items():
            folder = _folder(package, part)
            if folder and not matches_patterns(path, list(ignore_patterns or [])):
                storage = FileSystemStorage(location=folder)
                storage.prefix = path.rpartition("/")[0]  # type: ignore[attr-defined]
                yield name, storage


def _folder(package: str, part: str) -> Path | None:
    """Without importing the package."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) / part if places else None
