"""The secret key of one machine: made once, the same for all, and nobody else's to read."""

import os
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from retailvision.local_secret import local_secret_key


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    data = tmp_path / "a" / "data"
    key = local_secret_key(data)
    assert len(key) >= 50
    assert local_secret_key(data) == key
    assert [path.name for path in data.iterdir()] == ["secret-key"]


def test_two_places_have_two_keys(tmp_path: Path) -> None:
    assert local_secret_key(tmp_path / "a") != local_secret_key(tmp_path / "b")


def test_only_its_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        local_secret_key(tmp_path / "data")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600
    assert not stat.S_IMODE((tmp_path / "data").stat().st_mode) & (stat.S_IWGRP | stat.S_IROTH)


def test_processes_that_start_at_once_agree_on_one(tmp_path: Path) -> None:
    for number in range(3):
        data = tmp_path / str(number)
        with ProcessPoolExecutor(8, mp_context=get_context("fork")) as pool:
            keys = set(pool.map(local_secret_key, [data] * 16))
        assert len(keys) == 1
        assert [path.name for path in data.iterdir()] == ["secret-key"]


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("\n")
    with pytest.raises(
        ImproperlyConfigured, match="secret-key is empty: delete it, and a new key is made"
    ):
        local_secret_key(tmp_path)


def test_a_key_that_cannot_be_read_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "secret-key").mkdir()
    with pytest.raises(ImproperlyConfigured, match="cannot be read: Is a directory"):
        local_secret_key(tmp_path)
