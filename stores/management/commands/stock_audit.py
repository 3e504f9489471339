"""`manage.py stock_audit`"""

import sys
from typing import Any

from products.ready_command import DatabaseCommand
from stores.audit import discrepancies
from stores.models import StockLevel, StockMovement


class Command(DatabaseCommand):
    help = (
        "Proves that every stock level equals the sum of its movements, that each movement left the"
        " level that it says, and that transfers, reversals and stocktakes moved what they say."
        " Ends with 1 and the rows if not."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = discrepancies()
        for each in found:
            self.stdout.write(f"{each.store}\t{each.product}\t{each.problem}")
        if found:
            self.stderr.write(f"{len(found)} rows do not agree with the ledger.")
            sys.exit(1)
        self.stdout.write(
            f"{StockLevel.objects.count()} levels agree with"
            f" {StockMovement.objects.count()} movements."
        )
