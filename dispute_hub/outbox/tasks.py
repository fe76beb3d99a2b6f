"""Doors for the worker and beat."""

from __future__ import annotations

from celery import shared_task

from dispute_hub.common import time
from dispute_hub.outbox import services


@shared_task(name="dispute_hub.outbox.tasks.deliver")
def deliver(row_id: int) -> None:
    """Deliver one row if it is still due."""
    for row in services.claim(at=time.now(), only=row_id):
        services.deliver(row, at=time.now())


@shared_task(name="dispute_hub.outbox.tasks.sweep")
def sweep() -> None:
    """Deliver everything due, lapsed leases included."""
    services.beat("sweep", at=time.now())
    while rows := services.claim(at=time.now()):
        for row in rows:
            services.deliver(row, at=time.now())
