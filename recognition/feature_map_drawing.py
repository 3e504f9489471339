"""A feature map drawn for print, as a PNG. No state is shared between two drawings."""

from collections import Counter
from io import BytesIO
from typing import Any

import numpy as np
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from matplotlib.figure import Figure

from recognition.feature_map_vectors import Shown, category_names
from recognition.feature_map_view import current_points
from recognition.feature_map_words import adapter_line, quality_line, summary
from recognition.models import FeatureMap
from recognition.projection import ALONE, RIGHT, WRONG

COLOURED_BY = ("top", "category", "brand", "first")
_SIDE = (11.7, 8.3)  # A4
_DPI = 150
_QUIET = "#c4c7cc"
# As in static/recognition/map/data.js; told apart on paper, the rest is "other".
_COLOURS = [
    "#0d9488", "#ea580c", "#6d28d9", "#ca8a04", "#2563eb", "#dc2626", "#65a30d", "#db2777",
    "#0891b2", "#92400e", "#7c3aed", "#15803d", "#f472b6", "#475569", "#b45309", "#0ea5e9",
    "#a3e635", "#be123c", "#c084fc", "#134e4a",
]  # fmt: skip


def draw_map(feature_map: FeatureMap, by: str = "top") -> bytes:
    """`by`: one of COLOURED_BY; `first` says whether the nearest other photo shows the product."""
    points, products, _gone = current_points(feature_map)
    labels = _labels(points, products, by)
    figure = Figure(figsize=_SIDE, dpi=_DPI, layout="constrained")
    made = date_format(localtime(feature_map.finished_at), "SHORT_DATETIME_FORMAT")
    title = f"{_('Feature map')} #{feature_map.pk} · {made}\n{summary(feature_map)}"
    figure.suptitle(title, fontsize=11, x=0.02, ha="left", parse_math=False)
    axes = figure.subplots()
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color("#d1d5db")
    if len(points):
        _scatter(axes, points, labels)
    else:
        axes.text(0.5, 0.5, _("no points"), ha="center", transform=axes.transAxes)
    lines = [quality_line(feature_map), adapter_line(feature_map), feature_map.encoder.key]
    foot = "\n".join(line for line in lines if line)
    figure.supxlabel(foot, fontsize=8, x=0.02, ha="left", color="#4b5563", parse_math=False)
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _scatter(axes: Any, points: Any, labels: list[str]) -> None:
    counts = Counter(labels)
    named = [label for label, _count in counts.most_common(len(_COLOURS))]
    owner = np.array([named.index(each) if each in named else -1 for each in labels])
    # Set afterwards: a label that begins with “_” would be left out of the legend.
    texts: list[str] = []
    size = float(np.clip(24_000 / len(points), 2, 28))
    for at in (*range(len(named)), -1):
        chosen = points[owner == at]
        if not len(chosen):
            continue
        text = named[at] if at >= 0 else _("%(n)d others") % {"n": len(counts) - len(named)}
        axes.scatter(
            chosen["x"], chosen["y"], s=size, linewidths=0, alpha=0.85,
            color=_COLOURS[at] if at >= 0 else _QUIET, label=str(len(texts)),
        )  # fmt: skip
        texts.append(f"{text} ({len(chosen)})")
    legend = axes.legend(
        loc="upper left", bbox_to_anchor=(1.005, 1), fontsize=8, frameon=False, borderaxespad=0
    )
    for handle in legend.legend_handles:
        handle.set_sizes([28])
    for shown, text in zip(legend.get_texts(), texts, strict=True):
        shown.set_parse_math(False)
        shown.set_text(text)


def _labels(points: Any, products: dict[int, Shown], by: str) -> list[str]:
    if by == "first":
        names = {
            RIGHT: _("nearest other photo: same product"),
            WRONG: _("nearest other photo: another product"),
            ALONE: _("its product's only photo"),
        }
        return [names[each] for each in points["first"].tolist()]
    shown = [products[product] for product in points["product"].tolist()]
    if by == "brand":
        return [each.brand or _("no brand") for each in shown]
    paths = category_names()
    return [paths.get(each.category, ("–", "–"))[1 if by == "top" else 0] for each in shown]
