"""Programs of the site in processes of their own, with exactly the environment that is given."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
SECRET = "k7Jq2vX9mP4sT8wZ1nB6cR3fH5gL0dYaEuWiOoQpVxMzKtNb"
# A server that is not there: whoever tried to reach it would fail at once.
UNREACHABLE = "postgresql://user:secret@127.0.0.1:1/shop"
PRODUCTION = {
    "DATABASE_URL": UNREACHABLE,
    "DJANGO_SECRET_KEY": SECRET + "-0123456789",
    "DJANGO_ALLOWED_HOSTS": "shop.example",
    "DJANGO_HTTPS": "true",
    "RETAILVISION_ENCODER": "clip",
}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python ARGUMENTS` in the project, with a bare environment and these variables."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": str(PROJECT_ROOT),
        "RETAILVISION_READ_DOTENV": "false",
        "DJANGO_SETTINGS_MODULE": "retailvision.settings",
        **variables,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", *arguments, **variables)


def settings_values(*names: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Prints settings, one a line, in a process that imports nothing but the settings."""
    code = "from django.conf import settings\n" + "".join(
        f"print(repr(settings.{name}))\n" for name in names
    )
    return run("-c", code, **variables)
