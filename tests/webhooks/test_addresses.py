"""Which addresses are refused, in every spelling."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError

from tests.factories import ProductFactory, StaffFactory
from tests.webhooks.receiver import Receiver, receiver, self_signed
from webhooks.addresses import Refused, check, may_reach
from webhooks.delivering import deliver_due, sending_rules
from webhooks.endpoints import create_endpoint
from webhooks.models import WebhookAttempt, WebhookEndpoint
from webhooks.sending import send

PUBLIC = "93.184.216.34"
PUBLIC_6 = "2606:2800:220:1:248:1893:25c8:1946"


def resolves_to(*found: str) -> Any:
    return lambda _host, _port: list(found)


REFUSED = [
    # every way to write loopback
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
    "https://0x7f.1/", "https://0177.0.0.1/", "https://017700000001/", "https://127.8.8.8/",
    "https://[::1]/", "https://[0:0:0:0:0:0:0:1]/", "https://localhost/", "https://localhost./",
    "https://LOCALHOST/", "https://0/", "https://0.0.0.0/", "https://[::]/",
    # IPv4 inside of IPv6
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:10.0.0.1]/",
    "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::10.0.0.1]/",
    "https://[64:ff9b:1::a00:1]/", "https://[2002:7f00:1::]/", "https://[2002:c0a8:101::1]/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    # the networks of others, and none
    "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://100.100.100.200/",
    "https://192.0.0.1/", "https://192.0.2.1/", "https://198.18.0.1/", "https://198.51.100.1/",
    "https://203.0.113.1/", "https://224.0.0.1/", "https://240.0.0.1/", "https://255.255.255.255/",
    "https://[fc00::1]/", "https://[fd12:3456::1]/", "https://[fe80::1]/", "https://[fec0::1]/",
    "https://[ff02::1]/", "https://[2001:db8::1]/", "https://[100::1]/", "https://[5f00::1]/",
    # what is no plain address
    "http://93.184.216.34/", "ftp://93.184.216.34/", "file:///etc/passwd", "gopher://93.184.216.34/",
    "//93.184.216.34/", "93.184.216.34", "https://", "https:///path", "", "javascript:alert(1)",
    "https://user@93.184.216.34/", "https://user:secret@93.184.216.34/", "https://:@93.184.216.34/",
    "https://93.184.216.34@127.0.0.1/", "https://127.0.0.1#@93.184.216.34/",
    "https://93.184.216.34/#part", "https://93.184.216.34:0/", "https://93.184.216.34:99999/",
    "https://93.184.216.34:port/", "https://93.184.216.34\\@127.0.0.1/",
    "https://93.184.216.34/\r\nHost: x", "https://93.184.216.34/ x", "https://93.184.216.34/\x00",
    "https://[fe80::1%25eth0]/", "https://127.0.0.1%2f@93.184.216.34/", "https://%31%32%37.0.0.1/",
    "https://①②⑦.0.0.1/", "https://127。0。0。1/", "https://\N{FULLWIDTH LATIN SMALL LETTER L}ocalhost/", "https://[::1/",
    "https://93.184.216.34/\N{LATIN SMALL LETTER E WITH ACUTE}", "\thttps://93.184.216.34/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_it_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        check(url, allow_http=False, allow_private=False)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (f"https://{PUBLIC}/", ("https", PUBLIC, 443, "/", PUBLIC)),
        (f"https://{PUBLIC}", ("https", PUBLIC, 443, "/", PUBLIC)),
        (f"HTTPS://{PUBLIC}:8443/a?b=c%20d", ("https", PUBLIC, 8443, "/a?b=c%20d", PUBLIC)),
        (f"https://[{PUBLIC_6}]/x", ("https", PUBLIC_6, 443, "/x", PUBLIC_6)),
    ],
)
def test_addresses_of_the_internet_are_taken(url: str, target: tuple[Any, ...]) -> None:
    found = check(url, allow_http=False, allow_private=False)
    assert (found.scheme, found.host, found.port, found.path, *found.addresses) == target
    assert found.host_header == urlsplit(url).netloc


@pytest.mark.parametrize("address", ["64:ff9b::5db8:d822", "::ffff:93.184.216.34", PUBLIC_6])
def test_a_public_address_in_another_dress_is_one(address: str) -> None:
    assert may_reach(address, allow_private=False)


def test_a_name_that_leads_to_both_is_refused() -> None:
    for found in ([PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC_6, "::1"], [], ["nonsense"]):
        with pytest.raises(Refused):
            check(
                "https://shop.example/", allow_http=False, allow_private=False,
                resolver=resolves_to(*found),
            )  # fmt: skip


def test_the_text_says_where_a_name_leads() -> None:
    with pytest.raises(Refused, match=r"shop\.example leads to 10\.0\.0\.1"):
        check(
            "https://shop.example/", allow_http=False, allow_private=False,
            resolver=resolves_to("10.0.0.1"),
        )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "fd00::1", "100.64.0.1", "::ffff:10.0.0.1"],
)
def test_the_own_network_where_that_is_allowed(address: str) -> None:
    assert may_reach(address, allow_private=True)
    assert not may_reach(address, allow_private=False)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "224.0.0.1",
        "fe80::1",
        "::",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fd00:ec2::254",
        "fd00:0ec2:0:0::0254",
        "100.100.100.200",
        "::ffff:100.100.100.200",
        "168.63.129.16",
        "64:ff9b::a83f:8110",
    ],
)
def test_some_are_never_reached(address: str) -> None:
    for allow_private in (True, False):
        assert not may_reach(address, allow_private=allow_private)


def test_what_was_judged_is_what_is_connected_to(site: Receiver) -> None:
    """A name that leads to somewhere else a moment later is not asked a second time."""
    asked = []

    def rebinding(_host: str, _port: int) -> list[str]:
        asked.append(_host)
        return ["127.0.0.1"] if len(asked) == 1 else ["203.0.113.9"]

    answer = send(f"http://shop.example:{site.port}/hook", b"{}", {}, sending_rules(), rebinding)
    assert answer.delivered
    assert asked == ["shop.example"]
    assert site.received[0].headers["host"] == f"shop.example:{site.port}"


def test_the_next_address_of_a_name_is_tried(site: Receiver) -> None:
    answer = send(
        f"http://shop.example:{site.port}/hook", b"{}", {}, sending_rules(),
        resolves_to("127.0.0.2", "127.0.0.1"),
    )  # fmt: skip
    assert answer.delivered


@pytest.mark.django_db(transaction=True)
def test_it_is_asked_again_at_each_sending(
    site: Receiver, endpoint: WebhookEndpoint, settings: Any
) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    ProductFactory()
    deliver_due()
    assert site.received == []
    attempt = WebhookAttempt.objects.get()
    assert attempt.status is None
    assert "not an address on the internet" in attempt.error


def test_proxies_of_the_environment_are_ignored(
    site: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(site.url, b"{}", {}, sending_rules()).delivered


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "http://93.184.216.34/", "https://user@93.184.216.34/"]
)
def test_none_of_them_becomes_an_endpoint(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        create_endpoint(owner=StaffFactory(), url=url, events=["stock.low"])
    assert refused.value.code == "bad_address"


def test_a_certificate_that_nobody_vouches_for_is_refused(loopback: None, tmp_path: Path) -> None:
    with receiver(tls=self_signed(tmp_path, "shop.example")) as secret_site:
        answer = send(
            f"https://shop.example:{secret_site.port}/", b"{}", {}, sending_rules(),
            resolves_to("127.0.0.1"),
        )  # fmt: skip
        assert secret_site.received == []
    assert answer.status is None
    assert answer.error.startswith("The certificate of shop.example does not hold")


def test_tls_is_held_to_the_name_and_not_to_the_address(
    loopback: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, "shop.example")
    # The environment's way to add an authority.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiver(tls=certificate) as secret_site:
        for name, works in (("shop.example", True), ("other.example", False)):
            answer = send(
                f"https://{name}:{secret_site.port}/", b"{}", {}, sending_rules(),
                resolves_to("127.0.0.1"),
            )  # fmt: skip
            assert answer.delivered is works, answer.error


def test_looking_up_keeps_the_deadline(loopback: None) -> None:
    done = threading.Event()

    def stuck(_host: str, _port: int) -> list[str]:
        done.wait(10)
        return ["127.0.0.1"]

    rules = replace(sending_rules(), total_seconds=0.3)
    answer = send("https://shop.example/", b"{}", {}, rules, stuck)
    done.set()
    assert answer.status is None
    assert answer.error == "The host was not looked up within 0.3 seconds."
    assert answer.milliseconds < 2_000


def test_lookups_that_are_left_behind_are_bounded(
    site: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr("webhooks.sending._lookups", places)
    rules = replace(sending_rules(), total_seconds=0.3)
    done = threading.Event()
    url = f"http://shop.example:{site.port}/"

    def stuck(_host: str, _port: int) -> list[str]:
        done.wait(10)
        return ["127.0.0.1"]

    asked: list[str] = []
    send(url, b"{}", {}, rules, stuck)
    answer = send(url, b"{}", {}, rules, lambda host, _port: asked.append(host) or ["127.0.0.1"])
    assert "not looked up" in answer.error
    assert asked == []
    done.set()
    assert places.acquire(timeout=5)
    places.release()
    assert send(url, b"{}", {}, rules, resolves_to("127.0.0.1")).delivered


def test_a_resolver_that_fails_is_an_unknown_host(loopback: None) -> None:
    for error in (OSError("no"), TimeoutError(), UnicodeError()):

        def fails(_host: str, _port: int, error: Exception = error) -> list[str]:
            raise error

        answer = send("https://shop.example/", b"{}", {}, sending_rules(), fails)
        assert answer.error == "The host shop.example is not known."
