"""Evidence of movements as links to what shows it; each app above links its own kind."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from unfold.views import ChangeList

from stores import slots


def link_evidence(rows: Iterable[Any]) -> None:
    """Gives each row with `evidence` an `evidence_url`, "" where nobody knows the kind.

    A fixed number of queries, whatever the number of rows.
    """
    rows = list(rows)
    references = {row.evidence for row in rows if row.evidence}
    urls: dict[str, str] = {}
    for find in slots.evidence_links if references else []:
        urls.update(find(references))
    for row in rows:
        row.evidence_url = urls.get(row.evidence, "")


class EvidenceChangeList(ChangeList):
    """A list whose page knows the addresses of its rows' evidence."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        link_evidence(self.result_list)
