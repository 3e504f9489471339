"""Choosing an encoder: the file, the cache, the hub, the package; never a hang."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recognition.encoders import (
    CLIP_KEY,
    PACKAGED_KEY,
    EncoderOptions,
    MissingWeights,
    build_encoder,
    choose,
    hub_reachable,
    weights_at_hand,
)

pytestmark = pytest.mark.usefixtures("empty_hub_cache")

_WEIGHTS = b"weights" * 1000


class _Hub(BaseHTTPRequestHandler):
    """Answers as the model hub does, for one repository whose weights are an old .bin file."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        if not self.path.endswith("/open_clip_pytorch_model.bin"):
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("X-Repo-Commit", "1" * 40)
        self.send_header("ETag", f'"{"2" * 64}"')
        self.send_header("Content-Length", str(len(_WEIGHTS)))
        self.end_headers()
        if with_body:
            self.wfile.write(_WEIGHTS)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Takes connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_nothing_listens(monkeypatch: pytest.MonkeyPatch, closed_port: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", closed_port)
    start = time.monotonic()
    choice = choose("auto", None)
    assert time.monotonic() - start < 20
    assert choice.key == PACKAGED_KEY
    assert closed_port in choice.fallback_reason
    assert "not by words" in choice.fallback_reason


def test_a_hub_that_never_answers(monkeypatch: pytest.MonkeyPatch, silent_server: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", silent_server)
    start = time.monotonic()
    assert choose("auto", None).key == PACKAGED_KEY
    assert time.monotonic() - start < 20


def test_without_weights_clip_is_an_error(
    monkeypatch: pytest.MonkeyPatch, closed_port: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", closed_port)
    with pytest.raises(MissingWeights, match="RETAILVISION_CLIP_WEIGHTS"):
        choose("clip", None)
    with pytest.raises(MissingWeights, match="RETAILVISION_CLIP_WEIGHTS"):
        build_encoder(CLIP_KEY, EncoderOptions()).load()


def test_offline_mode_asks_nobody(monkeypatch: pytest.MonkeyPatch, hub: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    assert hub_reachable()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert not hub_reachable()
    assert "HF_HUB_OFFLINE" in choose("auto", None).fallback_reason
    with pytest.raises(MissingWeights, match="HF_HUB_OFFLINE"):
        build_encoder(CLIP_KEY, EncoderOptions()).load()


@pytest.mark.parametrize("preference", ["auto", "clip"])
def test_a_hub_that_answers(monkeypatch: pytest.MonkeyPatch, hub: str, preference: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    choice = choose(preference, None)  # type: ignore[arg-type]
    assert (choice.key, choice.fallback_reason) == (CLIP_KEY, "")


def test_weights_in_the_cache_need_no_hub(
    monkeypatch: pytest.MonkeyPatch,
    closed_port: str,
    tmp_path: Path,
    put_in_hub_cache: Callable[[str, str, Path], Path],
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", closed_port)
    assert weights_at_hand() is None
    file = tmp_path / "blob"
    file.write_bytes(_WEIGHTS)
    repository = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    cached = put_in_hub_cache(repository, "open_clip_pytorch_model.bin", file)
    assert weights_at_hand() == cached
    assert choose("clip", None).key == CLIP_KEY
    assert choose("auto", None).fallback_reason == ""


def test_a_local_file_comes_first(
    monkeypatch: pytest.MonkeyPatch, closed_port: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", closed_port)
    file = tmp_path / "weights.safetensors"
    file.write_bytes(_WEIGHTS)
    first = choose("auto", file).key
    assert first.startswith("open_clip:ViT-B-32:sha256-")
    file.write_bytes(_WEIGHTS * 2)
    assert choose("clip", file).key != first


def test_packaged_is_never_second_guessed(tmp_path: Path) -> None:
    assert choose("packaged", tmp_path / "missing.pt").key == PACKAGED_KEY
    with pytest.raises(ValueError, match="auto, clip or packaged"):
        choose("best", None)  # type: ignore[arg-type]


def test_weights_are_downloaded_with_the_name_that_exists(hub: str, tmp_path: Path) -> None:
    # In a process of its own: the hub's client reads its address when it is imported.
    script = (
        "from recognition.encoders.hub import HubSource, download_weights, weights_at_hand\n"
        "source = HubSource('shop/clip', ('open_clip_model.safetensors',"
        " 'open_clip_pytorch_model.bin'))\n"
        "path = download_weights(source)\n"
        "assert path == weights_at_hand(source), path\n"
        "print(len(path.read_bytes()))\n"
    )
    environment = {"HF_ENDPOINT": hub, "HF_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(_WEIGHTS)
