"""Tasks that watch the workers and tidy up behind everybody."""

from celery import current_app, shared_task
from django.conf import settings
from django.core.management import call_command

from dispute_hub.common import time
from dispute_hub.outbox import services as outbox


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
    for entry in outbox.left_by_beat(settings.CELERY_BEAT_SCHEDULE, at=time.now()):
        current_app.send_task(entry["task"], expires=entry["options"]["expires"])


@shared_task(name="dispute_hub.tasks.clear_sessions")
def clear_sessions() -> None:
    """Drop sessions that have run out."""
    call_command("clearsessions")
