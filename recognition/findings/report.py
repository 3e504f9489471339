"""Findings in words and as data."""

from typing import Any

from django.utils.translation import gettext as _

from recognition.findings.measures.mixture import LEAST_EXAMPLES
from recognition.models import CatalogueCheck, Finding


def not_judged(check: CatalogueCheck) -> dict[str, str]:
    """What a check-up could not tell of this catalogue, and why."""
    judged = check.figures.get("judged", {})
    texts = {
        Finding.Kind.DUPLICATE: _(
            "Too few products have three photos or more to learn how photos of one product differ"
            " (%(least)d of them, or pairs of neighbours, are needed): only photos and names that"
            " are the same were compared."
        ),
        Finding.Kind.MISPLACED: _(
            "Too few products have three photos or more to learn what a misplaced photo looks like"
            " (%(least)d such photos are needed): none was looked for."
        ),
    }
    return {
        kind.value: text % {"least": LEAST_EXAMPLES}
        for kind, text in texts.items()
        if not judged.get(kind.value, True)
    }


def as_data(check: CatalogueCheck) -> dict[str, Any]:
    """A check-up and the findings that are open now, as the command writes them."""
    open_now = Finding.objects.filter(state=Finding.State.OPEN).select_related("product", "other")
    return {
        "encoder": check.encoder.key,
        **check.figures,
        "not_judged": not_judged(check),
        "open": [
            {
                "kind": each.kind,
                "product": each.product.sku,
                "other": each.other.sku if each.other else None,
                "photo": each.photo_id,
                "score": round(each.score, 4),
                "evidence": each.evidence,
            }
            for each in open_now.order_by("kind", "-score", "pk").iterator()
        ],
    }
