"""A directory that several processes make at once can be used by each as soon as it has it."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from retailvision.embedded_postgres.paths import make_directory


def _make_and_write(path: Path, name: str) -> None:
    make_directory(path, 0o711)
    (path / name).write_text(name)


def test_what_is_written_at_once_stays(tmp_path: Path) -> None:
    """A maker that puts its own directory over the others' empty one takes away what they write."""
    places = [tmp_path / str(number) for number in range(400)]
    with ProcessPoolExecutor(8, mp_context=get_context("fork")) as pool:
        written = [
            pool.submit(_make_and_write, place, str(maker))
            for place in places
            for maker in range(8)
        ]
        for one in written:
            one.result()
    for place in places:
        assert sorted(path.name for path in place.iterdir()) == [str(maker) for maker in range(8)]
