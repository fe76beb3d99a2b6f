"""Tasks that watch the workers and tidy up behind everybody."""

from datetime import UTC, datetime
from typing import Final

from celery import current_app, shared_task
from celery.schedules import crontab
from django.conf import settings
from django.core.management import call_command

from dispute_hub.common import time
from dispute_hub.outbox import selectors as outbox_selectors
from dispute_hub.outbox import services as outbox

DAWN: Final = datetime.min.replace(tzinfo=UTC)


@shared_task(name="dispute_hub.tasks.send_canaries")
def send_canaries() -> None:
    """Put one canary through each queue: a worker may stay connected and no longer consume (M7)."""
    outbox.beat("beat", at=time.now())
    for queue in settings.HUB_QUEUES:
        canary.apply_async(args=(queue,), queue=queue, expires=60)


@shared_task(name="dispute_hub.tasks.canary")
def canary(queue: str) -> None:
    """Say that this queue is consumed."""
    outbox.beat(f"queue:{queue}", at=time.now())


@shared_task(name="dispute_hub.tasks.stand_in")
def stand_in() -> None:
    """Send what beat would, while it is silent; all of it may run twice (reliability T5, R10)."""
    at = time.now()
    if not outbox.miss_beat(at=at):
        return
    seen = outbox_selectors.heartbeats()
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        # The canary is left out, for it is beat's own sign of life.
        if name != "canary" and _is_due(name, entry["schedule"], seen, at):
            current_app.send_task(entry["task"], expires=entry["options"]["expires"])


def _is_due(name: str, every: float | crontab, seen: dict[str, datetime], at: datetime) -> bool:
    """What goes by seconds is due whenever we are asked; what goes by the clock once each time it names."""
    if isinstance(every, float):
        return True
    part = f"stand_in.{name}"
    started, ahead, _ = every.remaining_delta(max(seen.get("beat", at), seen.get(part, DAWN)))
    if started + ahead > at:
        return False
    outbox.beat(part, at=at)
    return True


@shared_task(name="dispute_hub.tasks.clear_sessions")
def clear_sessions() -> None:
    """Drop sessions that have run out."""
    call_command("clearsessions")
