"""What a calibration proposes beside what is in force, at each target; and what was applied when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Case, Count, Max, Min, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recognition.calibration_report import outcome_text, rows_of
from recognition.calibrations import current_uses
from recognition.models import Calibration, CalibrationRun, CalibrationUse, Encoder
from recognition.similarity_words import cell, whole
from recognition.threshold_totals import Above, Scope, nearest_above, share_answered


@dataclass(frozen=True, slots=True)
class Proposal:
    """One scope: at each target what was found, as text, and what is in force there."""

    calibration: Calibration
    name: str
    in_force: str
    applied: Calibration | None
    at: list[dict[str, Any]]

    def as_data(self) -> dict[str, Any]:
        """For the page's script."""
        return {"name": self.name, "at": self.at, "curve": self.calibration.curve}


@dataclass(frozen=True, slots=True)
class Batch:
    """What was applied together."""

    batch: UUID
    at: datetime
    by: str
    text: str
    is_last: bool


def newest_runs(encoder: Encoder, most: int = 8) -> list[CalibrationRun]:
    """Measurements that may be applied, the newest first."""
    runs = CalibrationRun.objects.filter(
        encoder=encoder, scoring=encoder.scoring, state=CalibrationRun.State.DONE
    )
    return list(runs.select_related("encoder", "created_by")[:most])


def targets_of(rows: Sequence[Calibration]) -> list[float]:
    """The targets at which a run looked, rising."""
    return [figures["target_error"] for figures in rows[0].targets] if rows else []


def proposals_of(run: CalibrationRun) -> list[Proposal]:
    """The whole catalogue first, then by category."""
    uses = {use.category_id: use for use in current_uses(run.encoder)}
    return [
        Proposal(
            calibration=row,
            name=row.scope or _("Whole catalogue"),
            in_force=_in_force(uses.get(row.category_id)),
            applied=use.calibration if (use := uses.get(row.category_id)) else None,
            at=[_at(row, figures, uses.get(row.category_id)) for figures in row.targets],
        )
        for row in rows_of(run)
    ]


def summaries(proposals: Sequence[Proposal]) -> list[str]:
    """By target, what it would come to if all of it were applied."""
    if not proposals:
        return []
    now = _now(proposals[0].calibration.run.encoder)
    categories = [each.calibration.category_id for each in proposals]
    above = nearest_above([each for each in categories if each is not None])
    return [
        " ".join(filter(None, (_summary(proposals, number, above), now)))
        for number in range(len(proposals[0].at))
    ]


def changes_nothing(proposals: Sequence[Proposal]) -> list[bool]:
    """By target, whether all of it is in force already, and nothing else."""
    if not proposals:
        return []
    scopes = {each.calibration.category_id for each in proposals}
    others = any(
        use.calibration_id is not None and use.category_id not in scopes
        for use in current_uses(proposals[0].calibration.run.encoder)
    )
    return [
        not others and all(each.at[number]["same"] for each in proposals)
        for number in range(len(proposals[0].at))
    ]


def last_batches(encoder: Encoder, most: int = 12) -> list[Batch]:
    """What was applied, the newest first."""
    rows: list[Any] = list(
        CalibrationUse.objects.filter(encoder=encoder)
        .order_by()
        .values("batch")
        .annotate(
            last=Max("pk"),
            at_time=Min("at"),
            who=Min("by"),
            scopes=Count("pk"),
            in_use=Count("calibration"),
            withdrawn=Count("pk", filter=Q(calibration=None)),
            whole=Count("pk", filter=Q(category=None)),
            scope=Max("scope"),
            least=Min("calibration__target_error"),
            most=Max("calibration__target_error"),
            is_return=Max(Case(When(takes_back=None, then=Value(0)), default=Value(1))),
        )
        .order_by("-last")[:most]
    )
    users = get_user_model().objects.in_bulk([row["who"] for row in rows if row["who"]])
    return [
        Batch(
            batch=row["batch"],
            at=row["at_time"],
            by=str(users.get(row["who"], "")),
            text=_batch_text(row),
            is_last=number == 0,
        )
        for number, row in enumerate(rows)
    ]


# --- texts ----------------------------------------------------------------------------------------


def _at(row: Calibration, figures: dict[str, Any], use: CalibrationUse | None) -> dict[str, Any]:
    """One cell of the table, and what the chart marks."""
    shown = Calibration(
        samples=row.samples, scope=row.scope, **{name: figures[name] for name in _OF_TARGET}
    )
    own = shown.outcome == Calibration.Outcome.OWN
    applied = use.calibration if use else None
    return {
        "target": figures["target_error"],
        "outcome": shown.outcome,
        "text": outcome_text(shown),
        "threshold": cell(shown.threshold) if own else "–",
        "bound": cell(shown.error_bound, share=True) if own else "–",
        "accepted": whole(shown.accepted) if own else "–",
        "wrong": whole(shown.wrong) if own else "–",
        "coverage": cell(shown.coverage, share=True),
        "change": _change(shown, applied),
        "share": _share_accepted(row, shown) if own else None,
        "same": _is_in_force(row, figures, applied),
    }


_OF_TARGET = (
    "target_error", "outcome", "threshold", "error_bound", "accepted", "wrong", "needed", "coverage",
)  # fmt: skip


def _share_accepted(row: Calibration, shown: Calibration) -> float | None:
    most = row.curve[-1]["accepted"] if row.curve else 0
    return shown.accepted / most if most else None


def _is_in_force(row: Calibration, figures: dict[str, Any], applied: Calibration | None) -> bool:
    return (
        applied is not None
        and applied.run_id == row.run_id
        and abs(applied.target_error - figures["target_error"]) < 1e-9
    )


def _change(shown: Calibration, applied: Calibration | None) -> str:
    """What becomes of the share of known photos that are answered, if this is applied."""
    if applied is None or applied.coverage is None or shown.coverage is None:
        return ""
    points = 100 * (shown.coverage - applied.coverage)
    if abs(points) < 0.05:
        return _("as in force")
    return _("%(points)s points") % {"points": f"{points:+.1f}"}


def _in_force(use: CalibrationUse | None) -> str:
    applied = use.calibration if use else None
    if applied is None or use is None:
        return _("nothing")
    if applied.outcome != Calibration.Outcome.OWN:
        return str(applied.get_outcome_display())
    return _("%(threshold)s for %(target)s") % {
        "threshold": cell(applied.threshold), "target": cell(applied.target_error, share=True),
    }  # fmt: skip


def _summary(proposals: Sequence[Proposal], number: int, above: Above) -> str:
    figures = [each.calibration.targets[number] for each in proposals]
    own = [each for each in figures if each["outcome"] == Calibration.Outcome.OWN]
    target = cell(figures[0]["target_error"], share=True)
    if not own:
        return _(
            "At %(target)s no threshold keeps the promise: nothing would be called a match, and every"
            " answer would show look-alikes."
        ) % {"target": target}
    scopes = [Scope.of(each.calibration, at) for each, at in zip(proposals, figures, strict=True)]
    text = _(
        "All of it applied at %(target)s, about %(share)s of the photos measured on are answered with"
        " a match; each threshold lets at most %(bound)s of its matches be wrong."
    ) % {
        "target": target,
        "share": cell(share_answered(scopes, above), share=True),
        "bound": cell(max(each["error_bound"] for each in own), share=True),
    }
    return " ".join([text, *_on_categories(scopes)])


def _on_categories(scopes: Sequence[Scope]) -> Iterator[str]:
    whole_catalogue, *categories = scopes
    own = sum(each.outcome == Calibration.Outcome.OWN for each in categories)
    withheld = sum(each.outcome == Calibration.Outcome.WITHHELD for each in categories)
    if own:
        yield _("Categories with a threshold of their own: %(own)d of %(all)d.") % {
            "own": own, "all": len(categories),
        }  # fmt: skip
    if withheld:
        yield ngettext(
            "In %(number)d category nothing is called a match.",
            "In %(number)d categories nothing is called a match.",
            withheld,
        ) % {"number": withheld}
    if (own or withheld) and whole_catalogue.outcome == Calibration.Outcome.OWN:
        yield _("The threshold of the whole catalogue alone would answer %(share)s.") % {
            "share": cell(share_answered([whole_catalogue]), share=True)
        }


def _now(encoder: Encoder) -> str:
    """The same for what is in force; empty where it comes from several measurements."""
    rows = [use.calibration for use in current_uses(encoder) if use.calibration is not None]
    if len({row.run_id for row in rows}) != 1:
        return ""
    share = share_answered([Scope.of(row, vars(row)) for row in rows])
    targets = sorted({row.target_error for row in rows})
    return _("In force now, for %(targets)s: about %(share)s.") % {
        "targets": " – ".join(
            cell(each, share=True) for each in (targets[0], targets[-1])[: len(targets)]
        ),
        "share": cell(share, share=True),
    }


def _batch_text(row: dict[str, Any]) -> str:
    if row["in_use"] == 0:
        text = _("nothing in force any more")
    else:
        categories = row["scopes"] - row["whole"]
        parts = [_("whole catalogue")] if row["whole"] else []
        if categories == 1:
            parts.append(row["scope"])
        elif categories:
            parts.append(
                ngettext("%(number)d category", "%(number)d categories", categories)
                % {"number": categories}
            )
        targets = {row["least"], row["most"]}
        shares = " – ".join(cell(each, share=True) for each in sorted(targets))
        text = _("%(scopes)s, for %(targets)s") % {"scopes": ", ".join(parts), "targets": shares}
    return _("taken back: %(text)s") % {"text": text} if row["is_return"] else text
