"""What the pages of encoders say."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from recognition.models import EncoderActivation, EncoderRehearsal
from recognition.switching.report import ROWS

_MOST_CHANGES = 100


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something is done, and what will happen."""

    title: Any
    text: Any
    button: Any


ACTIONS: dict[str, Question] = {
    "rehearse": Question(
        _("Rehearse this encoder"),
        _(
            "Photos of queries that were kept, and of which people said what they show, are asked of "
            "this encoder and of the one that answers now. Where the one that answers has thresholds "
            "and this one has none, its own are measured first. Nothing changes for anybody."
        ),
        _("Rehearse"),
    ),
    "activate": Question(
        _("Let this encoder answer"),
        _(
            "From the next query on, this encoder answers. The one that answers now stays filled, "
            "so that you can roll back at once."
        ),
        _("Activate"),
    ),
    "retire": Question(
        _("Retire this encoder"),
        _(
            "Its vectors and its index are removed. What was measured and seen with it stays. It can "
            "be added again; its vectors are then made anew."
        ),
        _("Retire"),
    ),
    "add": Question(
        _("Add this encoder again"),
        _("Workers make its vectors in the background. It does not answer until it is activated."),
        _("Add again"),
    ),
    "rollback": Question(
        _("Roll back"),
        _("From the next query on, the encoder that answered before answers again."),
        _("Roll back"),
    ),
}
_LABELS = (
    _("First product right"),
    _("Among the first five"),
    _("Mean reciprocal rank"),
    _("Called a match, of known products"),
    _("Wrong among matches"),
    _("Milliseconds, median"),
    _("Milliseconds, 95 of 100"),
)


def former_key(last: EncoderActivation | None) -> str:
    """What a roll-back would lead to; empty if to nothing."""
    return last.former.encoder.key if last is not None and last.former is not None else ""


def figure_rows(rehearsal: EncoderRehearsal | None) -> list[tuple[Any, str, str]]:
    """(label, candidate, present); empty while nothing was replayed."""
    if rehearsal is None or not rehearsal.figures.get("candidate", {}).get("queries"):
        return []
    ours, theirs = rehearsal.figures["candidate"], rehearsal.figures["present"]
    return [
        (label, _number(of(ours)), _number(of(theirs)))
        for label, (_name, of) in zip(_LABELS, ROWS, strict=True)
    ]


def shown_changes(rehearsal: EncoderRehearsal | None) -> list[dict[str, str]]:
    return list(rehearsal.changes[:_MOST_CHANGES]) if rehearsal is not None else []


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if value > 2 else f"{value:.3f}"
