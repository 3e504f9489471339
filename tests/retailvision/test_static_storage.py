"""Scripts that import each other: of one release, whatever a browser has kept of the last."""

import re
import shutil
from pathlib import Path

from django.conf import settings

from retailvision.static_storage import ForgivingManifestStorage

_IMPORT = re.compile(r"""\bfrom\s*["']([^"']+)["']""")


def test_a_script_imports_others_by_their_digest(tmp_path: Path) -> None:
    shutil.copytree(Path(settings.BASE_DIR) / "static" / "retailvision", tmp_path / "retailvision")
    storage = ForgivingManifestStorage(location=tmp_path, base_url="/static/")
    names = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    for name, _hashed, done in storage.post_process({name: (storage, name) for name in names}):
        assert not isinstance(done, Exception), name
    imports = 0
    for script in (name for name in names if name.endswith(".js")):
        released = Path(storage.path(storage.hashed_files[script])).read_text()
        for imported in _IMPORT.findall(released):
            imports += 1
            assert re.fullmatch(r"\.{1,2}/[\w/-]+\.[0-9a-f]{12}\.js", imported), (script, imported)
    assert imports
