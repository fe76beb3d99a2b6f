"""Doors for beat."""

from __future__ import annotations

from celery import shared_task

from dispute_hub.common import time
from mediation import services


@shared_task(name="mediation.tasks.lapse_confirmations")
def lapse_confirmations() -> None:
    """Hourly: reminders of judicial confirmation end with their last day; safe at any time."""
    services.lapse_confirmations(at=time.now())


@shared_task(name="mediation.tasks.clear_orphan_files")
def clear_orphan_files() -> None:
    """Daily: files of papers that were never committed."""
    services.clear_orphan_files(at=time.now())
