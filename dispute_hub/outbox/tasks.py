"""Doors for the worker and beat."""

from __future__ import annotations

import time as _node

from celery import shared_task

from dispute_hub.common import time
from dispute_hub.outbox import nudge, selectors, services


@shared_task(name="dispute_hub.outbox.tasks.deliver")
def deliver(row_id: int) -> None:
    """Deliver one row if it is still due."""
    for row in services.claim(at=time.now(), only=row_id):
        services.deliver(row, at=time.now())


@shared_task(name="dispute_hub.outbox.tasks.sweep")
def sweep() -> None:
    """Deliver everything due, lapsed leases included."""
    services.beat("sweep", at=time.now())
    nudge.drain_many(selectors.live_connectors(time.now()))
    while rows := services.claim(at=time.now()):
        for row in rows:
            services.deliver(row, at=time.now())


@shared_task(name="dispute_hub.outbox.tasks.drain")
def drain(connector_id: int) -> None:
    """Send what waits for one platform."""
    services.drain(connector_id, clock=time.now, sleep=_node.sleep)


@shared_task(name="dispute_hub.outbox.tasks.watch_platforms")
def watch_platforms() -> None:
    """Alarm for platforms that stay down, letters that lie, what runs out; begin what is to be compared."""
    at = time.now()
    services.watch_platforms(at=at)
    services.watch_expiry(at=at)
    nudge.reconcile_many(services.reconcile_due(at=at))


@shared_task(name="dispute_hub.outbox.tasks.reconcile", time_limit=900, soft_time_limit=840)
def reconcile(connector_id: int) -> None:
    """Compare the books with one platform, if that is still due."""
    services.reconcile(connector_id, clock=time.now, only_due=True)
