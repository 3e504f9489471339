"""What a tuning found, as text and as data."""

from typing import Any

from recognition.tuning.candidates import Candidate
from recognition.tuning.choosing import Figures, figures
from recognition.tuning.trials import Trial
from recognition.tuning.tune import Tuning

_MOST_ROWS = 15


def as_text(tuning: Tuning) -> str:
    """The best of what was tried, the present way and the proposal."""
    sample, proposal = tuning.sample, tuning.proposal
    lines = [
        f"{sample.photos} photos of {sample.products} products looked at"
        + (f", of {sample.of} in the catalogue" if sample.of > sample.photos else "")
        + (f"; {sample.unreadable} could not be read" if sample.unreadable else "")
        + (f"; {sample.confirmed} confirmed photos teach adapters" if sample.confirmed else "")
        + (f"; {sample.labelled} labelled photos" if sample.labelled else "")
        + ".",
        f"{sample.single} of {sample.with_photos} products with photos have only one.",
        "",
        f"{'':58} {'products with several':>23} {'products with one':>20}"
        + (f" {'labelled':>20}" if sample.labelled else ""),
        f"{'views, adapter, scoring':58} {'top-1  top-5  measure':>23} {'top-1  top-5':>20}"
        + (f" {'top-1  top-5':>20}" if sample.labelled else ""),
    ]
    ranked = sorted(tuning.trials, key=lambda trial: -(_measure(tuning, trial) or 0.0))
    shown = ranked[:_MOST_ROWS]
    shown += [
        trial
        for trial in ranked[_MOST_ROWS:]
        if trial.candidate in {proposal.present, proposal.chosen}
    ]
    lines += [_row(trial, tuning) for trial in shown]
    lines += ["", f"{len(ranked)} ways were tried; the best are shown.", _conclusion(tuning)]
    return "\n".join(lines)


def as_data(tuning: Tuning) -> dict[str, Any]:
    sample, proposal = tuning.sample, tuning.proposal
    return {
        "encoder": tuning.encoder.key,
        "sample": {
            "photos": sample.photos, "of": sample.of, "products": sample.products,
            "confirmed": sample.confirmed, "labelled": sample.labelled,
            "unreadable": sample.unreadable, "products_with_one_photo": sample.single,
            "products_with_photos": sample.with_photos,
        },
        "proposal": {
            "verdict": proposal.verdict,
            **_named(proposal.chosen),
            "measured_on": proposal.measured_on,
            "gain": proposal.gain,
            "standard_error": proposal.error,
        },
        "present": _named(proposal.present),
        "trials": [
            {
                **_named(trial.candidate),
                "several": _figures(figures(trial.several)),
                "single": _figures(figures(trial.single)),
                "asked": _figures(figures(trial.asked)),
            }
            for trial in tuning.trials
        ],
    }  # fmt: skip


def _measure(tuning: Tuning, trial: Trial) -> float | None:
    asked = tuning.proposal.measured_on == "asked"
    return figures(trial.asked if asked else trial.several).measure


def _row(trial: Trial, tuning: Tuning) -> str:
    several, single, asked = (figures(each) for each in (trial.several, trial.single, trial.asked))
    mark = {tuning.proposal.chosen: "*", tuning.proposal.present: "="}.get(trial.candidate, " ")
    line = f"{mark} {trial.candidate!s:56} {_shares(several):>15} {_number(several.measure):>7}"
    line += f" {_shares(single):>20}"
    return line + (f" {_shares(asked):>20}" if tuning.sample.labelled else "")


def _conclusion(tuning: Tuning) -> str:
    proposal = tuning.proposal
    on = "labelled photos" if proposal.measured_on == "asked" else "held-out catalogue photos"
    if proposal.verdict == "too_little":
        return (
            "No proposal: too few photos to tell ways apart. Give products a second photo, or label"
            " photos that were asked with."
        )
    if proposal.verdict == "few_with_several":
        return (
            "No proposal: most products have one photo, and the few with several may be of another"
            " kind. Label photos that were asked with, and give them by --labelled."
        )
    if proposal.verdict == "keep":
        return (
            f"Proposal: leave it as it is ({proposal.present}); nothing was surely better on {on}."
        )
    lines = [
        f"Proposal (*): {proposal.chosen}",
        f"  instead of (=) {proposal.present}: {proposal.gain:+.3f} by the measure on {on}",
        f"  (standard error {proposal.error:.3f}).",
    ]
    if warning := _warning_for_single(tuning):
        lines.append(warning)
    return "\n".join(lines)


def _warning_for_single(tuning: Tuning) -> str:
    """New products begin with one photo: what the proposal means for them."""
    by_candidate = {trial.candidate: trial for trial in tuning.trials}
    ours = figures(by_candidate[tuning.proposal.chosen].single).top1
    theirs = figures(by_candidate[tuning.proposal.present].single).top1
    if ours is None or theirs is None or ours >= theirs:
        return ""
    return (
        f"  Products with a single photo would be found less well ({ours:.2f} of photos first,"
        f" {theirs:.2f} now): give new products several photos."
    )


def _named(candidate: Candidate) -> dict[str, Any]:
    return {
        "views": candidate.views or "whole",
        "adapter": candidate.recipe.as_data() if candidate.recipe else None,
        "scoring": candidate.scoring,
    }


def _figures(of: Figures) -> dict[str, Any] | None:
    if not of.photos:
        return None
    return {"photos": of.photos, "top1": of.top1, "top5": of.top5, "measure": of.measure}


def _shares(of: Figures) -> str:
    return "-" if of.top1 is None or of.top5 is None else f"{of.top1:.3f}  {of.top5:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
