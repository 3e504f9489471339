"""The site's own settings, on the database and the photos of a benchmark."""

import os
from pathlib import Path

from retailvision.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["BENCHMARK_DATABASE"]  # noqa: F405
MEDIA_ROOT = Path(os.environ["BENCHMARK_MEDIA"])
# A benchmark asks far more often than a person may.
API_RATES = dict.fromkeys(API_RATES, "1000000/min")  # noqa: F405
