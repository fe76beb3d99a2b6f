"""Doors for beat."""

from __future__ import annotations

from celery import shared_task

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.common import time
from routing import services


@shared_task(name="routing.tasks.issue_sheets")
def issue_sheets() -> None:
    """Missing sheets, reminders of hand-overs; safe to run at any time, any number of times."""
    at = time.now()
    services.issue_missing_sheets(actor=SYSTEM, at=at)
    services.remind_of_handovers(actor=SYSTEM, at=at)


@shared_task(name="routing.tasks.return_unaccepted_diversions")
def return_unaccepted_diversions() -> None:
    """Give diversions nobody accepted in their thirty minutes back to the station; safe twice and late."""
    services.return_unaccepted(at=time.now())
