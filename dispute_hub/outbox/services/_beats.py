"""Signs of life, and what follows when the most important one is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from dispute_hub.outbox.models import Heartbeat
from dispute_hub.outbox.services._inbox import Message, notify_admins

Schedule = Mapping[str, Mapping[str, Any]]
BEAT: Final = "beat"
CANARY: Final = "canary"
TOLD: Final = "beat.told"
# Three canaries missed; within the two minutes of promise T5.
BEAT_SILENT_AFTER: Final = timedelta(seconds=90)


def beat(part: str, *, at: datetime) -> None:
    """Note that a moving part is alive."""
    Heartbeat.objects.update_or_create(part=part, defaults={"seen_at": at})


def left_by_beat(schedule: Schedule, *, at: datetime) -> list[Mapping[str, Any]]:
    """The entries of beat's schedule that somebody else has to send now, because beat is silent.

    Never the canary, which is beat's own sign of life. Who notices first tells the system administrators,
    once an outage.
    """
    last = _seen_at(BEAT)
    if last is not None and at - last <= BEAT_SILENT_AFTER:
        return []
    if last is not None:
        _tell(last, at)
    return [
        entry
        for name, entry in schedule.items()
        if name != CANARY and _is_due(name, entry["schedule"], last or at, at)
    ]


def _is_due(name: str, every: Any, last: datetime, at: datetime) -> bool:
    """What goes by seconds is due whenever somebody asks, what goes by the clock once each time it names."""
    if isinstance(every, float):
        return True
    part = f"stand_in.{name}"
    started, ahead, _ = every.remaining_delta(max(last, _seen_at(part) or last))
    if started + ahead > at:
        return False
    beat(part, at=at)
    return True


def _seen_at(part: str) -> datetime | None:
    return Heartbeat.objects.filter(part=part).values_list("seen_at", flat=True).first()


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
