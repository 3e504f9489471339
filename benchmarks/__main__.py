"""`python -m benchmarks [--pack DIR] [NAME ...]`: runs all, or the named ones.

`--pack` is a folder of labelled real photos (see benchmarks/pack.py); what needs one is left out
without it.
"""

import argparse
import importlib
import os

NAMES = ["nearest", "encoders", "product_list", "product_history", "catalogue_import", "ledger"]
ON_A_PACK = ["verdicts"]

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--pack", metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    from benchmarks import pack

    django.setup()
    pack.choose(options.pack)
    for name in options.names or [*NAMES, *(ON_A_PACK if options.pack else [])]:
        print(f"\n== {name}")
        importlib.import_module(f"benchmarks.{name}").main()
