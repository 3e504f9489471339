"""kill -9 of tills and of the database, while they book: each key ends in the books once."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.retailvision.conftest import open_dir
from tests.stores.booker import read

__all__ = ["open_dir"]  # where pytest finds the fixture

ROOT = Path(__file__).resolve().parents[2]


class Tills:
    """Processes that book, on a database of their own."""

    def __init__(self, folder: Path, *, tills: int) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "RETAILVISION_TEST_DATA_DIR": str(folder / "data"),
        }
        self.run(sys.executable, "-m", "tests.stores.booker", "open")
        self.running = {seed: self.start(seed) for seed in range(1, tills + 1)}
        self.died = 0

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def journal(self, seed: int) -> Path:
        return self.folder / f"{seed}.journal"

    def start(self, seed: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.stores.booker", "book", str(self.journal(seed))],
            cwd=ROOT, env=self.env, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def answered(self) -> int:
        return sum(len(read(self.journal(seed))[1]) for seed in self.running)

    def wait_for(self, more: int) -> None:
        """Until so many more requests were answered."""
        wanted, deadline = self.answered() + more, time.monotonic() + 60
        while self.answered() < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def kill_a_till(self, chance: random.Random) -> None:
        seed = chance.choice(sorted(self.running))
        self.running[seed].send_signal(signal.SIGKILL)
        self.again(seed)

    def kill_the_database(self) -> None:
        """The tills lose it and end; the first that starts again brings it back."""
        pid = (self.folder / "data/postgres/postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline and None in {t.poll() for t in self.running.values()}:
            time.sleep(0.02)
        for seed, till in self.running.items():
            # One that was just starting may have brought it back, and goes on.
            if till.poll() is not None:
                self.again(seed)

    def again(self, seed: int) -> None:
        if self.running[seed].wait(timeout=60) != 0:
            self.died += 1
            self.running[seed] = self.start(seed)

    def finish(self) -> None:
        """Each till sends once more what it had begun, and ends."""
        (self.folder / "enough").touch()
        for seed in self.running:
            while self.running[seed].wait(timeout=240) != 0:
                self.again(seed)


def survive(folder: Path, *, tills: int, between: int, killed: int, crashes: int) -> Tills:
    """Kills tills and the database, with so many answers between the blows; then looks into the
    books.
    """
    chance = random.Random(7)
    site = Tills(folder, tills=tills)
    blows = [site.kill_the_database] * crashes + [lambda: site.kill_a_till(chance)] * killed
    chance.shuffle(blows)
    for blow in blows:
        site.wait_for(between)
        blow()
    site.finish()
    found = site.run(sys.executable, "-m", "tests.stores.booker", "check", str(folder))
    assert found.strip() == ""
    return site


def test_kill_9_of_tills_and_database_books_each_key_once(request: pytest.FixtureRequest) -> None:
    site = survive(request.getfixturevalue("open_dir"), tills=3, between=40, killed=2, crashes=1)
    assert site.died >= 3
