"""Settings: what must be set, what is refused, and that importing them starts nothing."""

import stat
from pathlib import Path

import pytest

from tests.retailvision.subprocesses import PRODUCTION, SECRET, UNREACHABLE, run, settings_values


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_a_database_of_ones_own_asks_for_a_secret_key() -> None:
    answer = settings_values("SECRET_KEY", DATABASE_URL=UNREACHABLE)
    assert answer.returncode == 1
    assert last_line(answer.stderr) == (
        "django.core.exceptions.ImproperlyConfigured: DJANGO_SECRET_KEY is not set. With "
        "DATABASE_URL set, several machines may share the site, so they must share its key too. "
        'Make one with: python -c "import secrets; print(secrets.token_urlsafe(50))"'
    )


def test_a_secret_key_may_begin_with_a_dollar() -> None:
    answer = settings_values("SECRET_KEY", DATABASE_URL=UNREACHABLE, DJANGO_SECRET_KEY="$" + SECRET)
    assert answer.stdout == repr("$" + SECRET) + "\n"


def test_another_database_than_postgresql_is_refused() -> None:
    answer = settings_values("DATABASES", DATABASE_URL="mysql://me:hidden@db/shop")
    assert answer.returncode == 1
    assert "DATABASE_URL starts with 'mysql': RetailVision needs PostgreSQL" in answer.stderr
    assert "hidden" not in answer.stderr


def test_importing_the_settings_of_a_fresh_place_makes_a_key_and_starts_nothing(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    code = (
        "import socket, sys\n"
        "def no(*a, **k): raise SystemExit('it reached out')\n"
        "socket.socket.connect = socket.getaddrinfo = no\n"
        "import django; django.setup()\n"
        "import retailvision.urls, retailvision.wsgi\n"
        "from django.conf import settings\n"
        "assert settings.EMBEDDED_DATABASE\n"
        "assert 'torch' not in sys.modules\n"
        "print(settings.SECRET_KEY)\n"
    )
    answer = run("-c", code, RETAILVISION_DATA_DIR=str(data))
    assert answer.returncode == 0, answer.stderr
    key = data / "secret-key"
    assert answer.stdout.strip() == key.read_text()
    assert [path.name for path in data.iterdir()] == ["secret-key"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert str(data).encode() not in process.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue


def test_a_data_directory_that_cannot_be_made_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = settings_values("SECRET_KEY", RETAILVISION_DATA_DIR=str(tmp_path / "file" / "data"))
    assert answer.returncode == 1
    assert last_line(answer.stderr).startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert "RETAILVISION_DATA_DIR" in last_line(answer.stderr)


def test_https_turns_on_what_belongs_to_it() -> None:
    names = (
        "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS", "DEBUG", "ALLOWED_HOSTS",
    )  # fmt: skip
    on = settings_values(*names, **PRODUCTION)
    assert on.stdout.splitlines() == [
        "True",
        "True",
        "True",
        "31536000",
        "False",
        "['shop.example']",
    ]
    off = settings_values(*names, **{**PRODUCTION, "DJANGO_HTTPS": "false"})
    assert off.stdout.splitlines()[:4] == ["False", "False", "False", "0"]


def test_a_forwarded_protocol_is_believed_of_our_own_proxies_alone() -> None:
    alone = settings_values("SECURE_PROXY_SSL_HEADER", **PRODUCTION)
    assert alone.stdout == "None\n"
    behind = settings_values(
        "SECURE_PROXY_SSL_HEADER", **PRODUCTION, RETAILVISION_TRUSTED_PROXIES="1"
    )
    assert behind.stdout == "('HTTP_X_FORWARDED_PROTO', 'https')\n"


@pytest.mark.parametrize(
    ("variables", "source"),
    [
        ({"RETAILVISION_S3_DOMAIN": "img.example"}, "https://img.example"),
        ({"RETAILVISION_S3_ENDPOINT": "https://s3.example:9000"}, "https://s3.example:9000"),
        ({}, "https://*.amazonaws.com"),
    ],
)
def test_pages_may_show_photos_of_the_bucket(variables: dict[str, str], source: str) -> None:
    answer = settings_values(
        "CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'][-1]", "SERVE_MEDIA",
        **PRODUCTION, **variables, RETAILVISION_STORAGE="s3", RETAILVISION_S3_BUCKET="photos",
    )  # fmt: skip
    assert answer.stdout.splitlines() == [repr(source), "False"]
