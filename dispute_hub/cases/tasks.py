"""Doors for beat."""

from __future__ import annotations

from celery import shared_task

from dispute_hub.cases import deadlines
from dispute_hub.common import time
from dispute_hub.outbox import services as outbox


@shared_task(name="dispute_hub.cases.tasks.sweep_deadlines")
def sweep_deadlines() -> None:
    """Take every ladder step that is due."""
    outbox.beat("deadlines", at=time.now())
    deadlines.sweep(at=time.now())
