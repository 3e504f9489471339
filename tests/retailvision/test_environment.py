"""Environment variables are read strictly; what does not fit names the variable and the remedy."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from retailvision.environment import Environment

NAME = "RETAILVISION_X"


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.delenv(NAME, raising=False)
    return Environment()


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> "pytest.MonkeyPatch":
    return monkeypatch


def refused(message: str) -> "pytest.RaisesExc[ImproperlyConfigured]":
    return pytest.raises(ImproperlyConfigured, match=f"^{re.escape(message)}$")


def test_text_is_stripped_and_may_hold_anything(
    env: Environment, given: pytest.MonkeyPatch
) -> None:
    assert env.text(NAME, "default") == "default"
    for value in ("$ecret", "$HOME", "a=b c", "ключ", "\\$x", "'quoted'"):
        given.setenv(NAME, f"  {value} ")
        assert env.text(NAME, "default") == value
    assert env.names == {NAME}


def test_choice(env: Environment, given: pytest.MonkeyPatch) -> None:
    assert env.choice(NAME, ["a", "b"], "a") == "a"
    given.setenv(NAME, "b")
    assert env.choice(NAME, ["a", "b"], "a") == "b"
    given.setenv(NAME, "")
    assert env.choice(NAME, ["a", "b"], "a") == "a"
    given.setenv(NAME, "c")
    with refused("RETAILVISION_X='c': choose one of a, b."):
        env.choice(NAME, ["a", "b"], "a")


@pytest.mark.parametrize(
    ("value", "flag"),
    [("true", True), ("YES", True), ("1", True), (" on ", True),
     ("false", False), ("No", False), ("0", False), ("off", False), ("", True)],
)  # fmt: skip
def test_flag(env: Environment, given: pytest.MonkeyPatch, value: str, flag: bool) -> None:
    given.setenv(NAME, value)
    assert env.flag(NAME, default=True) is flag


def test_a_flag_that_is_neither_is_refused(env: Environment, given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "Treu")
    with refused("RETAILVISION_X='treu': write true or false."):
        env.flag(NAME, default=True)


def test_integer(env: Environment, given: pytest.MonkeyPatch) -> None:
    assert env.integer(NAME, 7) == 7
    given.setenv(NAME, " 12 ")
    assert env.integer(NAME, 7) == 12
    for value in ("12 MB", "1.5", "many"):
        given.setenv(NAME, value)
        with refused(f"RETAILVISION_X={value!r}: write a whole number."):
            env.integer(NAME, 7)
    given.setenv(NAME, "-1")
    with refused("RETAILVISION_X='-1': the least that works is 0."):
        env.integer(NAME, 7)
    given.setenv(NAME, "9")
    with refused("RETAILVISION_X='9': the least that works is 10."):
        env.integer(NAME, 70, minimum=10)


def test_items(env: Environment, given: pytest.MonkeyPatch) -> None:
    assert env.items(NAME, ["x"]) == ["x"]
    assert env.items(NAME) == []
    given.setenv(NAME, " a, b ,,c ")
    assert env.items(NAME, ["x"]) == ["a", "b", "c"]


def test_links(env: Environment, given: pytest.MonkeyPatch) -> None:
    assert env.links(NAME) == []
    given.setenv(NAME, "Imprint = https://example.com/a?b=c, Privacy=/privacy/")
    assert env.links(NAME) == [
        ("Imprint", "https://example.com/a?b=c"),
        ("Privacy", "/privacy/"),
    ]


@pytest.mark.parametrize(
    "link", ["Imprint", "=/x", "X=", "X=javascript:alert(1)", "X=//elsewhere.example", "X=/a b"]
)
def test_what_is_no_link_is_refused(env: Environment, given: pytest.MonkeyPatch, link: str) -> None:
    given.setenv(NAME, link)
    with refused(
        f"RETAILVISION_X: '{link}' is no link; write a text, = and an address that begins with"
        " https://, http:// or /, as in Imprint=https://example.com/imprint."
    ):
        env.links(NAME)


def test_path(env: Environment, given: pytest.MonkeyPatch) -> None:
    assert env.path(NAME) is None
    given.setenv(NAME, "~/data")
    assert env.path(NAME) == Path("~/data").expanduser()
    given.setenv(NAME, "data")
    assert env.path(NAME) == Path.cwd() / "data"
    given.setenv(NAME, "~no-such-user-here/data")
    with refused(
        "RETAILVISION_X='~no-such-user-here/data': there is no such user; write the whole path."
    ):
        env.path(NAME)


def test_time_zone(env: Environment, given: pytest.MonkeyPatch) -> None:
    assert env.time_zone(NAME, "UTC") == "UTC"
    given.setenv(NAME, "Europe/Berlin")
    assert env.time_zone(NAME, "UTC") == "Europe/Berlin"
    for value in ("Europe/Berlim", "../etc", "Europe", "+02:00"):
        given.setenv(NAME, value)
        with refused(f"RETAILVISION_X={value!r}: write a time zone like Europe/Berlin or UTC."):
            env.time_zone(NAME, "UTC")


def test_rate(env: Environment, given: pytest.MonkeyPatch) -> None:
    assert env.rate(NAME, "120/min") == "120/min"
    given.setenv(NAME, "5/s")
    assert env.rate(NAME, "120/min") == "5/s"
    for value in ("fast", "120", "0/min", "5/y", "/min", "1.5/s"):
        given.setenv(NAME, value)
        with refused(
            f"RETAILVISION_X={value!r}: write a number and s, min, h or d, as in 120/min."
        ):
            env.rate(NAME, "120/min")


def test_database(env: Environment, given: pytest.MonkeyPatch) -> None:
    assert env.database(NAME) is None
    given.setenv(NAME, "postgresql://me:p%40ss@db.example:5433/shop?sslmode=require")
    config = env.database(NAME)
    assert config is not None
    assert {name: config[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")} == {
        "HOST": "db.example", "PORT": 5433, "USER": "me", "PASSWORD": "p@ss", "NAME": "shop",
    }  # fmt: skip
    assert config["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("sqlite:///db.sqlite3", "sqlite"),
        ("mysql://me:secret@db/shop", "mysql"),
        ("me:secret@db/shop", ""),
    ],
)
def test_another_database_is_refused_without_its_password(
    env: Environment, given: pytest.MonkeyPatch, url: str, scheme: str
) -> None:
    given.setenv(NAME, url)
    with refused(
        f"RETAILVISION_X starts with '{scheme}': RetailVision needs PostgreSQL with pgvector, as in "
        "postgresql://user:password@host:5432/retailvision"
    ) as caught:
        env.database(NAME)
    assert "secret" not in str(caught.value)


def test_a_database_url_that_cannot_be_read_is_refused_without_its_password(
    env: Environment, given: pytest.MonkeyPatch
) -> None:
    given.setenv(NAME, "postgresql://me:sec#ret@db:54x/shop")
    with pytest.raises(ImproperlyConfigured) as caught:
        env.database(NAME)
    assert str(caught.value).startswith("RETAILVISION_X ")
    assert "sec" not in str(caught.value)


def test_a_database_url_without_a_database_is_refused(
    env: Environment, given: pytest.MonkeyPatch
) -> None:
    given.setenv(NAME, "postgresql://me:secret@db:5432")
    with refused(
        "RETAILVISION_X names no database; write it after the host, as in "
        "postgresql://user:password@host:5432/retailvision"
    ):
        env.database(NAME)


def test_the_example_file_lists_every_variable() -> None:
    from retailvision.checks import _ELSEWHERE
    from retailvision.settings import env as used

    text = (Path(__file__).resolve().parents[2] / ".env.example").read_text()
    listed = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    assert listed == (used.names | _ELSEWHERE) - {"RETAILVISION_TEST_DATA_DIR"}
