"""The settings of the fast tests: the real embedded PostgreSQL, a small encoder, no network."""

import os
from pathlib import Path

from retailvision.embedded_postgres import default_data_dir

# The one variable that may be given to the tests: the data directory of their server. Runs beside
# each other need one each, since a run stops its server when it ends.
_DATA_DIR_VARIABLE = "RETAILVISION_TEST_DATA_DIR"
# A developer's own settings and .env must not decide what the tests see.
for _name in [name for name in os.environ if name.startswith(("RETAILVISION_", "DJANGO_"))]:
    if _name not in {"DJANGO_SETTINGS_MODULE", _DATA_DIR_VARIABLE, "RETAILVISION_FUZZ_EXAMPLES"}:
        del os.environ[_name]
os.environ["RETAILVISION_READ_DOTENV"] = "false"
os.environ["RETAILVISION_DATA_DIR"] = os.environ.get(_DATA_DIR_VARIABLE) or str(
    default_data_dir(Path(__file__).resolve().parent.parent) / "tests"
)
os.environ["RETAILVISION_ENCODER"] = "pixel"
os.environ["RETAILVISION_ALLOW_TEST_ENCODERS"] = "true"

from retailvision.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_AUTOREFRESH = True
