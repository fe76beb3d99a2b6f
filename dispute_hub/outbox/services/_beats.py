"""Signs of life, and what follows when the most important one is missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.outbox.models import Heartbeat
from dispute_hub.outbox.services._inbox import Message, notify_admins

BEAT: Final = "beat"
TOLD: Final = "beat.told"
# Three canaries missed; within the two minutes of promise T5.
BEAT_SILENT_AFTER: Final = timedelta(seconds=90)


def beat(part: str, *, at: datetime) -> None:
    """Note that a moving part is alive."""
    Heartbeat.objects.update_or_create(part=part, defaults={"seen_at": at})


def miss_beat(*, at: datetime) -> bool:
    """Whether beat is silent. Who notices first tells the system administrators, once an outage."""
    last = Heartbeat.objects.filter(part=BEAT).values_list("seen_at", flat=True).first()
    if last is None:
        return True
    if at - last <= BEAT_SILENT_AFTER:
        return False
    _tell(last, at)
    return True


@transaction.atomic
def _tell(last: datetime, at: datetime) -> None:
    Heartbeat.objects.get_or_create(part=TOLD, defaults={"seen_at": last})
    told = Heartbeat.objects.select_for_update().get(part=TOLD)
    if told.seen_at > last:
        return
    told.seen_at = at
    told.save(update_fields=["seen_at"])
    told_of = Message(kind="beat.silent", title="定时服务中断，后台进程已代为执行，请检查", urgency="alarm")
    notify_admins(told_of, at=at)
