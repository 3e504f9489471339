"""A similarity report drawn for print: PNG and PDF. No state is shared between two drawings."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Literal

from django.utils.formats import date_format, get_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, ScalarFormatter

from recognition.metrics import METRICS
from recognition.models import SimilarityReport
from recognition.similarity_words import (
    COLUMNS,
    EVIDENCE_NAMES,
    METRIC_NAMES,
    adapter_line,
    cell,
    evidence_of,
    remarks,
    table_of,
)

_SAME, _OTHER, _THIRD, _QUIET = "#0f766e", "#c2410c", "#6d28d9", "#6b7280"
_SIDE = (11.7, 8.3)  # A4
_DPI = 130
# Above this two metrics are one line: they rank alike.
_SAME_ORDER = 0.99999


class _ByLanguage(ScalarFormatter):
    """Marks of an axis, with the point or comma of the reader's language."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x, pos).replace(".", get_format("DECIMAL_SEPARATOR"))


def draw(report: SimilarityReport, kind: Literal["png", "pdf"]) -> bytes:
    """PNG: the evidence nearest to what people ask with. PDF: a page for each kind of evidence, and
    one with the figures.
    """
    held = evidence_of(report)
    out = BytesIO()
    if kind == "png":
        figure = _charts(report, held[-1])
        FigureCanvasAgg(figure).print_png(out)  # type: ignore[no-untyped-call]
        return out.getvalue()
    with PdfPages(out, metadata={"Title": str(_("Similarity report"))}) as pages:
        for evidence in held:
            pages.savefig(_charts(report, evidence))
        pages.savefig(_figures(report, held))
    return out.getvalue()


def _charts(report: SimilarityReport, evidence: str) -> Figure:
    figure = Figure(figsize=_SIDE, dpi=_DPI, layout="constrained")
    figure.suptitle(_title(report, evidence), fontsize=10, x=0.02, ha="left", parse_math=False)
    section = report.figures[evidence]
    panels: list[tuple[str, Callable[[Axes, dict[str, Any]], bool]]] = [
        (_("Distances (cosine)"), _distances),
        (_("ROC"), _roc),
        (_("By threshold (cosine)"), _by_threshold),
        (_("Error against coverage"), _coverage),
    ]
    for axes, (title, panel) in zip(figure.subplots(2, 2).flat, panels, strict=True):
        axes.set_title(title, fontsize=10, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(_ByLanguage())
        if panel(axes, section):
            axes.legend(fontsize=8, frameon=False)
        else:
            axes.set_axis_off()
            axes.text(0.5, 0.5, _("nothing to compare"), ha="center", color=_QUIET)
    return figure


def _distances(axes: Axes, section: dict[str, Any]) -> bool:
    shown = section["metrics"]["cosine"]["distribution"]
    if not shown:
        return False
    edges = shown["edges"]
    for name, label, colour in (
        ("same", _("same product"), _SAME),
        ("different", _("different products"), _OTHER),
    ):
        if shown[name]:
            axes.stairs(shown[name], edges, fill=True, alpha=0.45, color=colour, label=label)
    axes.set_xlabel(_("distance"), fontsize=8)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return True


def _roc(axes: Axes, section: dict[str, Any]) -> bool:
    found = section["metrics"]
    if not found["cosine"]["roc"]:
        return False
    alike = [
        metric for metric in METRICS if (found[metric]["order_as_cosine"] or 0) > _SAME_ORDER
    ] or ["cosine"]
    lines = [("cosine", " = ".join(str(METRIC_NAMES[metric]) for metric in alike))]
    lines += [(metric, str(METRIC_NAMES[metric])) for metric in METRICS if metric not in alike]
    for (metric, label), colour in zip(
        lines, (_SAME, _OTHER, _THIRD, _QUIET, "black"), strict=False
    ):
        curve = found[metric]["roc"]
        axes.plot(
            curve["false_accepts"], curve["true_accepts"], color=colour,
            label=label.replace(" = ", "\n= "),
        )  # fmt: skip
    axes.plot([0, 1], [0, 1], color=_QUIET, linewidth=0.8, linestyle=":")
    axes.set_xlabel(_("different products accepted"), fontsize=8)
    axes.set_ylabel(_("same product accepted"), fontsize=8)
    return True


def _by_threshold(axes: Axes, section: dict[str, Any]) -> bool:
    found = section["metrics"]["cosine"]
    rows = found["by_threshold"]
    if not rows:
        return False
    for name, label, colour, style in (
        ("precision", _("precision"), _SAME, "-"),
        ("recall", _("recall"), _OTHER, "--"),
        ("f1", _("F1"), _THIRD, "-."),
    ):
        values = [float("nan") if value is None else value for value in rows[name]]
        axes.plot(rows["thresholds"], values, color=colour, linestyle=style, label=label)
    axes.axvline(found["best_f1_threshold"], color=_QUIET, linewidth=0.8, linestyle=":")
    axes.set_xlabel(_("accepted up to this distance"), fontsize=8)
    axes.set_ylim(0, 1.02)
    return True


def _coverage(axes: Axes, section: dict[str, Any]) -> bool:
    answers = section["answers"]
    if not answers:
        return False
    for name, label, colour, style in (
        ("margin", _("surest by margin"), _SAME, "-"),
        ("nearest", _("surest by distance"), _OTHER, "--"),
    ):
        axes.plot(
            answers[name]["coverage"], answers[name]["error"], color=colour, linestyle=style,
            label=label,
        )  # fmt: skip
    axes.set_xlabel(_("share of photos answered"), fontsize=8)
    axes.set_ylabel(_("wrong among them"), fontsize=8)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylim(bottom=0)
    return True


def _figures(report: SimilarityReport, held: Sequence[str]) -> Figure:
    figure = Figure(figsize=_SIDE, dpi=_DPI)
    figure.text(0.04, 0.95, _title(report), fontsize=10, va="top", parse_math=False)
    top = 0.84 if adapter_line(report) else 0.86
    for evidence in held:
        figure.text(0.04, top + 0.02, str(EVIDENCE_NAMES[evidence]), fontsize=9, weight="bold")
        axes = figure.add_axes((0.04, top - 0.2, 0.92, 0.2))
        axes.set_axis_off()
        headings = [_("metric"), *(str(heading) for _name, heading, _share in COLUMNS)]
        rows = [[str(row["name"]), *row["cells"]] for row in table_of(report, evidence)]
        table = axes.table(
            cellText=rows, colLabels=headings, loc="upper left", cellLoc="right", edges="horizontal",
            colWidths=[0.2, *[0.8 / len(COLUMNS)] * len(COLUMNS)],
        )  # fmt: skip
        table.auto_set_font_size(False)
        table.set_fontsize(8)
        table.scale(1, 1.3)
        for (_row, column), each in table.get_celld().items():
            each.set_linewidth(0.4)
            if column == 0:
                each.set_text_props(ha="left")
        top -= 0.29
    text = "\n\n".join(_wrapped(remark) for remark in remarks(report))
    figure.text(0.04, top + 0.02, text, fontsize=8, va="top", parse_math=False)
    return figure


def _wrapped(text: str, width: int = 150) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def _title(report: SimilarityReport, evidence: str | None = None) -> str:
    figures = report.figures
    known = [cell(figures["catalogue"]["metrics"]["cosine"]["auroc"])]
    at = date_format(localtime(report.finished_at), "DATETIME_FORMAT") if report.finished_at else ""
    lines = [
        _(
            "Similarity report %(number)d, %(at)s: %(photos)d photos of %(products)d products, AUROC %(auroc)s"
        )
        % {
            "number": report.pk,
            "at": at,
            "photos": figures["photos"],
            "products": figures["products"],
            "auroc": known[0],
        },
        report.encoder.key,
    ]
    if line := adapter_line(report):
        lines.append(line)
    if evidence:
        lines.append(_("Measured on: %(evidence)s") % {"evidence": EVIDENCE_NAMES[evidence]})
    return "\n".join(str(line) for line in lines)
