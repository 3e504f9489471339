"""`python -m benchmarks [NAME ...]`: runs all, or the named ones."""

import importlib
import os
import sys

NAMES = ["nearest", "encoders", "product_list", "product_history", "catalogue_import", "ledger"]

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    for name in sys.argv[1:] or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"benchmarks.{name}").main()
