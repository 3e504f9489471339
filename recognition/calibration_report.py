"""What a calibration run found, in words and as data: for the commands and the pages."""

from typing import Any

from django.utils.translation import gettext as _

from recognition.models import Calibration, CalibrationRun


def rows_of(run: CalibrationRun) -> list[Calibration]:
    """At the run's own target, the whole catalogue first."""
    return list(run.calibrations.filter(target_error=run.target_error).order_by("scope"))


def as_data(run: CalibrationRun) -> dict[str, Any]:
    """The figures of the `calibrate` command."""
    return {
        "run": run.pk,
        "encoder": run.encoder.key,
        "scoring": run.scoring,
        "kind": run.kind,
        "calibrated_at": run.created_at.isoformat(),
        "target_error": run.target_error,
        "unknown_share": run.unknown_share,
        "unknown_share_observed": run.unknown_share_observed,
        "sources": run.sources,
        "signals": run.signals,
        "warnings": [warning_text(code, run) for code in warning_codes(run)],
        "unknown_below": run.fitted.get("unknown_below"),
        "scopes": [_scope_data(each) for each in rows_of(run)],
    }


def _scope_data(calibration: Calibration) -> dict[str, Any]:
    names = (
        "scope", "outcome", "threshold", "error_bound", "samples", "known", "unknown", "simulated",
        "right", "accepted", "wrong", "needed", "coverage", "false_accepts", "set_gap", "set_rate",
        "set_samples", "set_median", "set_large", "targets",
    )  # fmt: skip
    return {name: getattr(calibration, name) for name in names}


def warning_codes(run: CalibrationRun) -> list[str]:
    codes = list(run.warnings)
    promise = run.sources.get("catalogue promise") or {}
    if promise.get("error") is not None:
        codes.append("catalogue_promise")
    if not any(each.outcome == Calibration.Outcome.OWN for each in rows_of(run)):
        codes.append("no_threshold")
    return codes


def warning_text(code: str, run: CalibrationRun) -> str:  # noqa: PLR0911  one sentence a code
    """A sentence for people; the codes are those of `warning_codes`."""
    if code == "catalogue_photos_only":
        return _(
            "Measured on the catalogue's own photos alone: the promise is known to hold for such"
            " photos only, and photos by phone are harder. Label at least %(needed)d photos that"
            " were asked with, or let the random audit collect them (%(there)d so far)."
        ) % {
            "needed": run.sources.get("needed", 0),
            "there": run.sources.get("labelled photos", 0)
            + run.sources.get("audited sightings", 0),
        }
    if code == "sampled":
        return _("Of %(of)d photos of the catalogue, %(photos)d were held out.") % {
            "of": run.sources["catalogue photos of"], "photos": run.sources["catalogue photos"],
        }  # fmt: skip
    if code == "adapter_not_held_out":
        return _(
            "The catalogue's own photos are no evidence here: the adapter knows them by heart, and too"
            " few products have several photos for one to be learned without them."
        )
    if code == "adapter_learned_from_sample":
        return _(
            "The adapters by which photos were held out learned from %(learned)d of %(of)d photos of"
            " the catalogue, and were asked against all of them."
        ) % {"learned": run.sources["learned from"], "of": run.sources["catalogue photos of"]}
    if code == "labelled_not_sold":
        return _(
            "%(number)d labelled photos name a product that is not sold any more: they count as photos"
            " of products that are not in the catalogue."
        ) % {"number": run.sources["labelled photos not sold"]}
    if code == "unknown_only_simulated":
        return _(
            "No photo of the evidence shows a product that is not in the catalogue: they were"
            " simulated by leaving products out, and count for %(share)s %% of what is asked."
        ) % {"share": f"{100 * (run.unknown_share or 0):.3g}"}
    if code == "audit_incomplete":
        return _(
            "Of %(drawn)d sightings that were drawn for the audit, %(judged)d were judged: if the"
            " others are harder, the promise is too good."
        ) % {
            "drawn": run.sources["drawn for the audit"],
            "judged": run.sources["judged in the audit"],
        }
    if code == "catalogue_promise":
        promise = run.sources["catalogue promise"]
        return _(
            "Calibrated on the catalogue's own photos alone, %(error)s %% of the matches among these"
            " photos would have been wrong (%(wrong)d of %(accepted)d), against a promise of"
            " %(target)s %%."
        ) % {
            "error": f"{100 * promise['error']:.3g}",
            "wrong": promise["wrong"],
            "accepted": promise["accepted"],
            "target": f"{100 * promise['target']:.3g}",
        }
    if code == "no_threshold":
        return _(
            "No threshold keeps the error at %(target)s %%: nothing is called a match, and the"
            " answer shows look-alikes."
        ) % {"target": f"{100 * run.target_error:.3g}"}
    return code


def outcome_text(calibration: Calibration) -> str:
    """What became of a scope, with what is missing where something is."""
    if calibration.outcome == Calibration.Outcome.OWN:
        return _("at most %(bound)s %% wrong, %(coverage)s %% of known photos answered") % {
            "bound": f"{100 * (calibration.error_bound or 0):.2g}",
            "coverage": f"{100 * (calibration.coverage or 0):.3g}",
        }
    if calibration.outcome == Calibration.Outcome.WITHHELD:
        return _("nothing is called a match: the threshold above is wrong too often here")
    above = calibration.outcome == Calibration.Outcome.ABOVE
    if calibration.needed is None:
        missing = _("its answers are wrong too often, however many labelled photos there are")
    elif calibration.needed > calibration.samples:
        missing = _("too few photos to measure on (%(there)d; would need about %(needed)d of them)") % {
            "there": calibration.samples, "needed": calibration.needed,
        }  # fmt: skip
    else:
        missing = _(
            "just missed on these %(there)d photos: with more labelled photos it may have one"
        ) % {"there": calibration.samples}
    if above:
        return _("the threshold above serves; %(why)s") % {"why": missing}
    return _("no threshold: %(why)s") % {"why": missing}


def in_short(run: CalibrationRun) -> str:
    """What it means for who asks, in one sentence."""
    rows = rows_of(run)
    own = [each for each in rows if each.outcome == Calibration.Outcome.OWN]
    whole = next((each for each in own if not each.scope), None)
    if whole is not None:
        return _(
            "Where the site is sure, it names the product: at most %(bound)s %% of such answers are"
            " wrong, measured on %(samples)d photos."
        ) % {"bound": f"{100 * (whole.error_bound or 0):.2g}", "samples": whole.samples}
    if own:
        return _(
            "Where the site is sure, it names the product, but in some categories only; elsewhere it"
            " shows what comes closest, and says so."
        )
    return _(
        "There is too little to go by to name a product with at most %(target)s %% of such answers"
        " wrong: the site shows what comes closest, and says so."
    ) % {"target": f"{100 * run.target_error:.3g}"}


def as_text(run: CalibrationRun, *, applied: bool) -> str:
    lines = [
        _("Calibration %(run)d of %(encoder)s, for %(target)s %% error") % {
            "run": run.pk, "encoder": run.encoder, "target": f"{100 * run.target_error:.3g}",
        },
        _("Measured on: %(kind)s. Unknown products: %(share)s %% (%(how)s).") % {
            "kind": run.get_kind_display(),
            "share": f"{100 * (run.unknown_share or 0):.3g}",
            "how": _("observed") if run.unknown_share_observed else _("stated"),
        },
        *(
            f"  {each.scope or _('whole catalogue')}: {outcome_text(each)}"
            + (
                "; "
                + _("look-alikes hold the right product in %(rate)s %%, median %(size)d") % {
                    "rate": f"{100 * each.set_rate:.3g}", "size": each.set_median or 0,
                }
                if each.set_rate is not None
                else ""
            )
            for each in rows_of(run)
        ),
        *(_("Warning: %(text)s") % {"text": warning_text(code, run)} for code in warning_codes(run)),
        in_short(run),
        _("In force now.") if applied else _("A proposal: nothing has changed."),
    ]  # fmt: skip
    return "\n".join(str(line) for line in lines)
