"""A similarity report as a table for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from products.imports.formulas import neutral
from recognition.metrics import METRICS
from recognition.models import Calibration, SimilarityReport
from recognition.similarity_words import COLUMNS, adapter_flag, evidence_of

_HEADINGS = ("evidence", "metric", "figure", "at", "value")
# Curves: what they are called, what stands in `at`, and what are values.
_CURVES = (
    ("distribution", "edges", ("same", "different")),
    ("roc", "false_accepts", ("true_accepts", "thresholds")),
    ("by_threshold", "thresholds", ("precision", "recall", "f1")),
)
_THRESHOLD_HEADINGS = (
    "scope", "target_error", "outcome", "threshold", "error_bound", "coverage", "false_accepts",
    "accepted", "wrong", "samples", "needed", "set_rate", "set_samples", "set_median",
)  # fmt: skip


def figures_csv(report: SimilarityReport) -> Iterator[str]:
    """Every figure of a report in a row of its own; curves have a place in `at`."""
    return _lines(_HEADINGS, _figure_rows(report))


def thresholds_csv(rows: Iterable[Calibration]) -> Iterator[str]:
    """What a calibration found for each scope, at each target that it looked at."""
    return _lines(
        _THRESHOLD_HEADINGS,
        (
            [
                row.scope,
                *(figures.get(name) for name in _THRESHOLD_HEADINGS[1:9]),
                row.samples,
                *(figures.get(name) for name in _THRESHOLD_HEADINGS[10:]),
            ]
            for row in rows
            for figures in row.targets
        ),
    )


def _figure_rows(report: SimilarityReport) -> Iterator[Sequence[Any]]:
    figures = report.figures
    for name, value in _facts(report):
        yield "", "", name, "", value
    for evidence in evidence_of(report):
        section = figures[evidence]
        for name, value in section.items():
            if not isinstance(value, dict):
                yield evidence, "", name, "", value
        for metric in METRICS:
            for row in _metric_rows(section["metrics"][metric]):
                yield evidence, metric, *row
        for row in _answer_rows(section["answers"] or {}):
            yield evidence, "cosine", *row


def _facts(report: SimilarityReport) -> Iterator[tuple[str, Any]]:
    figures = report.figures
    yield "encoder", report.encoder.key
    yield "built", report.finished_at.isoformat() if report.finished_at else ""
    yield "seed", report.seed
    for name in ("dimension", "photos", "products", "products_with_one_photo"):
        yield name, figures.get(name)
    for bound, value in (figures.get("lengths") or {}).items():
        yield f"vector length, {bound}", value
    if flag := adapter_flag(report):
        yield "catalogue photos and the adapter", flag
    for name, value in report.sample.items():
        if name != "adapter":
            yield name, value


def _metric_rows(found: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, _heading, _share in COLUMNS:
        yield name, "", found[name]
    for name in ("eer_threshold", "best_f1_precision", "best_f1_recall"):
        yield name, "", found[name]
    for curve, at, values in _CURVES:
        points = found[curve] or {}
        for name in values:
            # Of a distribution there is one edge more than there are bins: `at` is where one starts.
            for place, value in zip(points.get(at, []), points.get(name) or [], strict=False):
                yield f"{curve}: {name}", place, value


def _answer_rows(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, value in answers.items():
        if not isinstance(value, dict):
            yield f"answers: {name}", "", value
            continue
        yield f"answers by {name}: auroc", "", value["auroc"]
        yield f"answers by {name}: mean_error", "", value["mean_error"]
        for coverage, error in zip(value["coverage"], value["error"], strict=True):
            yield f"answers by {name}: error at coverage", coverage, error


def _lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    yield "\ufeff"
    for row in (headings, *rows):
        writer.writerow([neutral(each) if isinstance(each, str) else each for each in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
