"""Doors for beat."""

from __future__ import annotations

from celery import shared_task

from dispute_hub.common import time
from followup import services


@shared_task(name="followup.tasks.mark_missed")
def mark_missed() -> None:
    """Follow-ups reach their last day, or pass it and re-assess their case."""
    services.mark_due(at=time.now())
    services.mark_missed(at=time.now())
