"""`manage.py doctor`"""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from retailvision.diagnosis import Finding, diagnose


class Command(BaseCommand):
    help = (
        "Says what is configured, what is reachable, what is missing, and how to mend it."
        " Ends with 1 if there is a problem."
    )
    # It reports what the checks find, so they must not end it before it begins.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="findings as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = []
        for finding in diagnose():
            findings.append(finding)
            if not options["json"]:
                self._print(finding)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        if any(finding.level == "problem" for finding in findings):
            raise SystemExit(1)

    def _print(self, finding: Finding) -> None:
        style = {"ok": self.style.SUCCESS, "note": self.style.WARNING}.get(
            finding.level, self.style.ERROR
        )
        self.stdout.write(f"{style(f'{finding.level:8}')} {finding.subject}: {finding.text}")
        if finding.remedy:
            self.stdout.write(f"         -> {finding.remedy}")
