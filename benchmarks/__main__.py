"""`python -m benchmarks [NAME ...] [--pack DIR]`: runs all, or the named ones.

`--pack` is a folder of labelled photos of products, for those that measure on real ones.
"""

import argparse
import importlib
import inspect
import os
from pathlib import Path

NAMES = [
    "nearest", "encoders", "product_list", "product_history", "catalogue_import", "ledger",
    "catalogue_faults", "feature_map", "verdicts", "encoder_switch", "drawn_catalogues",
    "webhook_triggers", "facets", "pages", "page_agreement", "pictures",
]  # fmt: skip

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--pack", type=Path, metavar="DIR")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from benchmarks import pack

    pack.choose(options.pack)
    for name in options.names or NAMES:
        print(f"\n== {name}")
        main = importlib.import_module(f"benchmarks.{name}").main
        if "pack" in inspect.signature(main).parameters:
            main(pack=options.pack)
        else:
            main()
