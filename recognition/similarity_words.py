"""A similarity report in words: names, the table of metrics, and what is to be said with them."""

from collections.abc import Iterator
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recognition.held_out_spaces import HELD_OUT, IN_SAMPLE
from recognition.metrics import METRICS
from recognition.models import SimilarityReport

Text = str | Promise
METRIC_NAMES: dict[str, Text] = {
    "cosine": gettext_lazy("cosine"),
    "euclidean": gettext_lazy("Euclidean, as stored"),
    "euclidean_unit": gettext_lazy("Euclidean, unit length"),
    "dot": gettext_lazy("dot product (negative)"),
    "manhattan": gettext_lazy("Manhattan"),
}
EVIDENCE_NAMES: dict[str, Text] = {
    "catalogue": gettext_lazy("the catalogue's own photos"),
    "asked": gettext_lazy("photos that were asked with"),
}
# Of the table, in its order: name, heading, whether it is a share.
COLUMNS: tuple[tuple[str, Text, bool], ...] = (
    ("auroc", gettext_lazy("AUROC"), False),
    ("eer", gettext_lazy("equal error"), True),
    ("best_f1", gettext_lazy("best F1"), False),
    ("best_f1_threshold", gettext_lazy("at distance"), False),
    ("recall_at_1", gettext_lazy("recall@1"), True),
    ("recall_at_5", gettext_lazy("recall@5"), True),
    ("recall_at_10", gettext_lazy("recall@10"), True),
    ("map", gettext_lazy("mAP"), False),
    ("order_as_cosine", gettext_lazy("order as cosine"), False),
)
# Half precision keeps three to four digits.
_LENGTH_TOLERANCE, _SAME_ORDER = 0.005, 0.99999


def evidence_of(report: SimilarityReport) -> list[str]:
    """Which kinds of evidence a report holds."""
    return [name for name in EVIDENCE_NAMES if report.figures.get(name)]


def table_of(report: SimilarityReport, evidence: str) -> list[dict[str, Any]]:
    """A row for each metric, its figures as text."""
    found = report.figures[evidence]["metrics"]
    return [
        {
            "name": METRIC_NAMES[metric],
            "cells": [cell(found[metric][name], share) for name, _heading, share in COLUMNS],
        }
        for metric in METRICS
    ]


def cell(value: float | None, share: bool = False) -> str:
    if value is None:
        return "–"
    return f"{rounded(100 * value, 1)} %" if share else rounded(value, 3)


def rounded(value: float, places: int) -> str:
    """Django's own function cuts off what it does not show."""
    return number_format(round(value, places), places)


def whole(number: int) -> str:
    return number_format(number, 0, use_l10n=True, force_grouping=True)


def adapter_flag(report: SimilarityReport) -> str:
    """Of an adapted encoder, whether the catalogue's photos were held out of its adapter
    (`held_out`) or learned by it (`in_sample`, as all reports before this was written down); else
    empty.
    """
    if report.encoder.base_id is None:
        return ""
    return HELD_OUT if report.sample.get("adapter") == HELD_OUT else IN_SAMPLE


def adapter_line(report: SimilarityReport) -> str:
    """The same in one line, for print; empty without an adapter."""
    return {
        HELD_OUT: _("Adapted encoder; the catalogue's photos were held out of its adapter."),
        IN_SAMPLE: _(
            "Adapted encoder that was learned from the catalogue's photos: figures on them say too much."
        ),
    }.get(adapter_flag(report), "")


def remarks(report: SimilarityReport) -> list[str]:
    """What nobody should read the figures without."""
    figures = report.figures
    if not figures.get("photos"):
        return [
            _(
                "There is no photo with a vector yet. Import photos, let the worker embed them, and build anew."
            )
        ]
    return [
        *_on_the_adapter(report),
        *_on_the_metrics(figures),
        *_on_the_catalogue(report),
        *_on_the_asked(report),
    ]


def _on_the_adapter(report: SimilarityReport) -> Iterator[str]:
    flag = adapter_flag(report)
    if flag == HELD_OUT:
        yield _(
            "This encoder was learned from these photos and knows them by heart. So each fifth of them"
            " was compared with the other four by an adapter that was learned, by the same recipe,"
            " from those four alone, as a new photo would be; each pair twice, if there was room."
            " There are fewer photos to learn from and to be found by, so the figures are rather too"
            " low than too high."
        )
    elif flag == IN_SAMPLE:
        yield _(
            "This encoder was learned from these photos and knows them by heart: the figures on the"
            " catalogue's own photos say far too much, and nothing of new photos. Believe only photos"
            " that were asked with. Where several photos of some fifty products are there, a report"
            " that is built anew holds the photos out."
        )


def _on_the_metrics(figures: dict[str, Any]) -> Iterator[str]:
    found, lengths = figures["catalogue"]["metrics"], figures["lengths"]
    unit = max(abs(lengths["least"] - 1), abs(lengths["most"] - 1)) <= _LENGTH_TOLERANCE
    between = {"least": f"{lengths['least']:.4f}", "most": f"{lengths['most']:.4f}"}
    if unit:
        yield (
            _(
                "The stored vectors are of length 1 (%(least)s to %(most)s, rounded to half precision)."
                " So Euclidean distance and dot product rank exactly as cosine does, raw or unit: where"
                " their figures differ, it is in the last digits and by that rounding. Encoders hand out"
                " no vector before it is scaled, so there is no other raw distance to measure."
            )
            % between
        )
    else:
        yield (
            _(
                "The stored vectors are of lengths from %(least)s to %(most)s, so the metrics may rank"
                " differently."
            )
            % between
        )
    cosine, other = found["cosine"], found["manhattan"]
    order = other["order_as_cosine"]
    if order is not None and order < _SAME_ORDER and cosine["recall_at_1"] is not None:
        yield _(
            "Manhattan distance ranks otherwise (rank correlation with cosine %(order)s): the right"
            " product comes first for %(other)s of the photos, with cosine for %(cosine)s."
        ) % {
            "order": rounded(order, 2),
            "other": cell(other["recall_at_1"], share=True),
            "cosine": cell(cosine["recall_at_1"], share=True),
        }
    if order is None and figures["photos"] > 1:
        yield _("All photos look the same to this encoder: no distance tells them apart.")


def _on_the_catalogue(report: SimilarityReport) -> Iterator[str]:
    figures, sample = report.figures, report.sample
    section = figures["catalogue"]
    if sample.get("photos_of", 0) > figures["photos"]:
        yield _(
            "The catalogue was sampled: %(photos)s of %(photos_of)s photos, %(products)s of"
            " %(products_of)s products (seed %(seed)d). Among fewer products, the right one is"
            " found more easily."
        ) % {
            "photos": whole(figures["photos"]),
            "photos_of": whole(sample["photos_of"]),
            "products": whole(figures["products"]),
            "products_of": whole(sample["products_of"]),
            "seed": report.seed,
        }
    yield _(
        "Compared: %(same)s of %(same_of)s pairs of the same product, %(different)s of"
        " %(different_of)s pairs of different ones; asked with %(queries)s of %(queries_of)s photos,"
        " each as if it were not there."
    ) % {
        "same": whole(section["same_pairs"]),
        "same_of": whole(section["same_pairs_of"]),
        "different": whole(section["different_pairs"]),
        "different_of": whole(section["different_pairs_of"]),
        "queries": whole(section["queries"]),
        "queries_of": whole(section["queries_of"]),
    }
    if (photos := figures.get("photos_a_product")) and section["queries"]:
        yield _(
            "Each photo was held out of a catalogue with %(photos)s photos a product (median), so of"
            " its own product one fewer was left to be found by: with few photos a product, that is"
            " much harder than searching with a further photo."
        ) % {"photos": rounded(photos, 0 if photos == int(photos) else 1)}
    if section["same_pairs_of"] and section["different_pairs_of"]:
        yield _(
            "Precision and F1 are of all pairs, of which %(share)s are of the same product: among"
            " other numbers of products and photos they would differ. AUROC and equal error do not"
            " depend on it."
        ) % {
            "share": cell(
                section["same_pairs_of"]
                / (section["same_pairs_of"] + section["different_pairs_of"]),
                share=True,
            )
        }
    if figures["products"] == 1:
        yield _("There is one product only: nothing could be mistaken for it.")
    if alone := figures["products_with_one_photo"]:
        yield ngettext(
            "%(number)s product has one photo only. It cannot be asked for without it, so nothing is"
            " known of how well it would be found.",
            "%(number)s products have one photo only. They cannot be asked for without it, so"
            " nothing is known of how well they would be found.",
            alone,
        ) % {"number": whole(alone)}
    yield from _on_answers(section["answers"])


def _on_answers(answers: dict[str, Any] | None) -> Iterator[str]:
    if answers and answers["nearest"]["auroc"] is not None:
        yield _(
            "Whether the first product is the right one is told by its distance with AUROC %(nearest)s,"
            " by its margin to the second product with %(margin)s (0.5 is a coin)."
        ) % {
            "nearest": rounded(answers["nearest"]["auroc"], 2),
            "margin": rounded(answers["margin"]["auroc"], 2),
        }


def _on_the_asked(report: SimilarityReport) -> Iterator[str]:
    sample = report.sample
    sightings, labelled = sample.get("sightings", 0), sample.get("labelled", 0)
    if not sightings + labelled:
        yield _(
            "No photo that was asked with has been judged yet, so these figures are of the catalogue's"
            " own photos alone. Photos by phone may be harder, but find all photos of their product"
            " there: how often they are answered right is known once some are judged."
        )
        return
    if labelled:
        yield ngettext(
            "%(number)s labelled photo was given.",
            "%(number)s labelled photos were given.",
            labelled,
        ) % {"number": whole(labelled)}
    if sightings:
        yield _(
            "%(sightings)s sightings have been judged, %(audited)s of them drawn by the random audit."
            " The others were volunteered, doubtful, or part of the work, and are no fair sample."
        ) % {"sightings": whole(sightings), "audited": whole(sample.get("audited", 0))}
    if left_out := sample.get("sightings_left_out", 0) + sample.get("labelled_left_out", 0):
        yield ngettext(
            "%(number)s of a product without a photo here was left out.",
            "%(number)s of products without a photo here were left out.",
            left_out,
        ) % {"number": whole(left_out)}
