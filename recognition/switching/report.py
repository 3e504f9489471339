"""A rehearsal as text and as data."""

from typing import Any

from recognition.models import EncoderRehearsal

_MOST_SHOWN = 20


def as_data(rehearsal: EncoderRehearsal) -> dict[str, Any]:
    return {
        "rehearsal": rehearsal.pk,
        "candidate": {"encoder": rehearsal.encoder.key, "scoring": rehearsal.scoring},
        "present": {"encoder": rehearsal.present.key, "scoring": rehearsal.present_scoring},
        "sources": rehearsal.sources,
        "figures": rehearsal.figures,
        "changes": rehearsal.changes,
        "calibration": rehearsal.calibration_id,
    }


def as_text(rehearsal: EncoderRehearsal) -> str:
    figures, sources = rehearsal.figures, rehearsal.sources
    queries = sources["labelled"] + sources["sightings"]
    lines = [
        f"Candidate: {rehearsal.encoder.key}, {rehearsal.scoring}",
        f"Present:   {rehearsal.present.key}, {rehearsal.present_scoring}",
        f"{queries} queries: {sources['labelled']} labelled, {sources['sightings']} sightings.",
    ]
    if not queries:
        lines.append(
            "Nothing was replayed, so nothing is known of its answers. Label photos that were asked"
            " with (--labelled), or keep and audit photos of queries."
        )
        return "\n".join(lines)
    lines.append(f"{'':28}{'candidate':>12}{'present':>12}")
    lines += [
        f"{label:28}{_number(of(figures['candidate'])):>12}{_number(of(figures['present'])):>12}"
        for label, of in ROWS
    ]
    found = figures["difference"]
    chance = "" if found["p_value"] is None else f"; by chance with p = {found['p_value']:.3g}"
    lines.append(
        f"First product right with the candidate only: {found['better']}, with the present only:"
        f" {found['worse']}{chance}."
    )
    if sources["thresholds_of_the_candidate"] == "measured_now":
        lines.append(
            "The candidate's thresholds were measured for this rehearsal, on the catalogue's photos"
            " and on sightings; they are applied when it is activated."
        )
    lines += seen_before(rehearsal)
    for change in rehearsal.changes[:_MOST_SHOWN]:
        name = change.get("file") or f"sighting {change['sighting']}"
        lines.append(
            f"  {change['effect']:7} {name}: {change['present']} -> {change['candidate']}"
            + (f" (right: {change['sku']})" if change["sku"] else "")
        )
    if len(rehearsal.changes) > _MOST_SHOWN:
        lines.append(f"  ... and {len(rehearsal.changes) - _MOST_SHOWN} more")
    return "\n".join(lines)


def seen_before(rehearsal: EncoderRehearsal) -> list[str]:
    """Where thresholds may have been measured on the very photos that they were judged by here."""
    sources = rehearsal.sources
    said = []
    for name in ("candidate", "present"):
        measured = sources.get("thresholds_measured_on", {}).get(name) or {}
        for kind, of in (("labelled", "labelled photos"), ("sightings", "audited sightings")):
            if sources.get(kind) and measured.get(of):
                said.append(
                    f"The thresholds of the {name} were measured on {measured[of]} {of}: as far as"
                    " they are among these, its verdicts look better than they are."
                )
    return said


def _verdict(name: str) -> Any:
    return lambda figures: (figures["verdicts"] or {}).get(name)


# Labels are translated where they are shown to staff; the command speaks English.
ROWS = (
    ("first product right", lambda figures: figures["top1"]),
    ("among the first five", lambda figures: figures["top5"]),
    ("mean reciprocal rank", lambda figures: figures["mrr"]),
    ("called a match, of known", _verdict("coverage")),
    ("wrong among matches", _verdict("wrong_among_match")),
    ("milliseconds, median", lambda figures: figures["latency_ms"]["p50"]),
    ("milliseconds, 95 of 100", lambda figures: figures["latency_ms"]["p95"]),
)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if value > 2 else f"{value:.3f}"
