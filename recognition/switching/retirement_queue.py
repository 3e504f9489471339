"""What is left of retired encoders goes in the background. Their state is the truth, not the job."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from recognition.models import Encoder
from recognition.switching.retiring import begin_retirement, clear, is_cleared

RETIRE_TASK = "recognition.retire"


@transaction.atomic
def request_retirement(*, encoder: Encoder) -> None:
    """Retires an encoder at once; a worker removes its vectors and its index.

    Raises:
        CannotRetire: as `begin_retirement`.
    """
    begin_retirement(encoder)
    _defer(encoder.pk)


def work_on_retirement(encoder_id: int) -> None:
    """Removes what is left of an encoder that is retired (still); run twice, it ends the same."""
    encoder = Encoder.objects.filter(pk=encoder_id, state=Encoder.State.RETIRED).first()
    if encoder is not None:
        clear(encoder)


def sweep_retirements() -> int:
    """Asks a worker to go on where a process was killed, or a photo came meanwhile; for how many."""
    left = [
        encoder
        for encoder in Encoder.objects.filter(state=Encoder.State.RETIRED)
        if not is_cleared(encoder)
    ]
    for encoder in left:
        _defer(encoder.pk)
    return len(left)


def _defer(encoder_id: int) -> None:
    job = app.configure_task(
        RETIRE_TASK, lock=RETIRE_TASK, queueing_lock=f"{RETIRE_TASK}:{encoder_id}"
    )
    try:
        with transaction.atomic():  # a savepoint: the refusal would break the caller's transaction
            job.defer(encoder_id=encoder_id)
    except AlreadyEnqueued:
        pass
