"""From a filled encoder to the one that answers, in one go, for `encoder tune --activate`."""

from collections.abc import Callable

from recognition.calibrating import Labelled
from recognition.models import Encoder
from recognition.switching.activating import activate
from recognition.switching.rehearsing import begin_rehearsal, is_surely_worse, rehearse
from recognition.switching.report import as_text
from recognition.switching.thresholds import has_thresholds, no_thresholds_text


def take_over(
    encoder: Encoder,
    *,
    scoring: str,
    labelled: Labelled | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> str:
    """Rehearses, and activates unless that shows it to be worse; returns what is to be said.

    Raises:
        CannotRehearse, CannotActivate: it cannot answer yet.
        ValidationError, EncoderError: a labelled photo or an encoder cannot be used.
    """
    rehearsal = rehearse(
        begin_rehearsal(encoder=encoder, scoring=scoring),
        labelled=labelled,
        on_progress=on_progress,
    )
    text = as_text(rehearsal)
    if is_surely_worse(rehearsal):
        return f"{text}\nNot activated: the rehearsal shows it to be worse than what answers now."
    # The rehearsal has tried to measure thresholds; where too little is known, it says so below.
    activation = activate(encoder, scoring=scoring, without_thresholds=True)
    text = f"{text}\n{activation.encoder.key} is active."
    if not has_thresholds(activation.encoder):
        text = f"{text}\n{no_thresholds_text()}"
    return text
