"""Doors for beat."""

from __future__ import annotations

from celery import shared_task

from dispute_hub.cases import clock_recount, deadlines, services, table_previews
from dispute_hub.common import time
from dispute_hub.outbox import services as outbox


@shared_task(name="dispute_hub.cases.tasks.sweep_deadlines")
def sweep_deadlines() -> None:
    """Take every ladder step that is due."""
    outbox.beat("deadlines", at=time.now())
    deadlines.sweep(at=time.now())
    if clock_recount.is_waiting(at=time.now()) or table_previews.is_waiting():
        recount.delay()


@shared_task(name="dispute_hub.cases.tasks.recount")
def recount() -> None:
    """Count the next open clocks again after a change, or for a draft, then stand in line for the rest."""
    if clock_recount.run_slice(at=time.now()) or table_previews.run_slice(at=time.now()):
        recount.delay()


@shared_task(name="dispute_hub.cases.tasks.warn_of_missing_table")
def warn_of_missing_table() -> None:
    """Tell the system administrators from 1 December that next year's holidays are not known."""
    services.warn_of_missing_table(at=time.now())
