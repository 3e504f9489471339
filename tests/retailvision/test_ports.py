"""The address of the site on this machine."""

import socket

import pytest
from django.core.exceptions import ImproperlyConfigured

from retailvision.ports import address, port, port_is_free


def test_the_port_is_8000_or_as_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETAILVISION_PORT", raising=False)
    assert (port(), address()) == (8000, "http://127.0.0.1:8000")
    monkeypatch.setenv("RETAILVISION_PORT", "")
    assert port() == 8000
    monkeypatch.setenv("RETAILVISION_PORT", "8123")
    assert (port(), address()) == (8123, "http://127.0.0.1:8123")


@pytest.mark.parametrize("value", ["http", "0", "-1", "65536", "80.5"])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RETAILVISION_PORT", value)
    with pytest.raises(ImproperlyConfigured) as refused:
        port()
    assert str(refused.value) == f"RETAILVISION_PORT={value!r}: write a number from 1 to 65535."


@pytest.mark.parametrize(
    ("bind", "expected"),
    [
        ("0.0.0.0:8009", "http://127.0.0.1:8009"),
        ("[::]:8009", "http://127.0.0.1:8009"),
        ("10.1.2.3:80", "http://10.1.2.3:80"),
    ],
)
def test_a_bind_address_wins_over_the_port(
    monkeypatch: pytest.MonkeyPatch, bind: str, expected: str
) -> None:
    monkeypatch.setenv("RETAILVISION_PORT", "8123")
    monkeypatch.setenv("RETAILVISION_BIND", bind)
    assert address() == expected


def test_a_bind_address_without_a_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETAILVISION_BIND", "localhost")
    with pytest.raises(ImproperlyConfigured, match="write an address and a port"):
        address()


def test_a_port_is_free_until_somebody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        monkeypatch.setenv("RETAILVISION_PORT", str(listener.getsockname()[1]))
        assert not port_is_free()
    assert port_is_free()
