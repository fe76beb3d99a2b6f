"""Doors for the worker and beat: imports go on in the background."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from dispute_hub.common import time
from intake import selectors, services
from intake.api import item_class
from intake.models import ImportBatch

# Under the soft time limit of a task; the sweep takes the rest up.
TURN_WITHIN = timedelta(seconds=60)


@shared_task(name="intake.tasks.import_batch")
def import_batch(batch_id: int) -> None:
    """Take rows of one table in for a minute."""
    until, batch = time.now() + TURN_WITHIN, ImportBatch(pk=batch_id)
    while time.now() < until and services.import_next_row(batch, classify=item_class, at=time.now()):
        pass


@shared_task(name="intake.tasks.import_pending")
def import_pending() -> None:
    """Go on with every import that is under way."""
    for batch in selectors.waiting_batches():
        import_batch(batch.pk)
