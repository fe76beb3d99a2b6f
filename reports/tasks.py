"""Doors for beat: the roll-ups."""

from __future__ import annotations

from celery import shared_task

from dispute_hub.common import time
from reports import services


@shared_task(name="reports.tasks.count_dirty")
def count_dirty() -> None:
    """Count what has been marked since the last minute."""
    services.count_dirty(at=time.now())


@shared_task(name="reports.tasks.recount")
def recount() -> None:
    """Count the last two months anew, marks or not."""
    services.recount(at=time.now())
