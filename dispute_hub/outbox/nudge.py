"""Wake a worker after the commit. Best effort: what a lost nudge leaves behind, the sweep finds."""

from __future__ import annotations

import logging

from celery import current_app

log = logging.getLogger(__name__)


def deliver(row_id: int) -> None:
    """Ask a worker to deliver one row now."""
    _send("dispute_hub.outbox.tasks.deliver", row_id)


def sweep() -> None:
    """Ask a worker to deliver whatever is due."""
    _send("dispute_hub.outbox.tasks.sweep")


def _send(task: str, *args: int) -> None:
    """By name, because tasks are doors; never longer than the publish time-out, never an error."""
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("nudge lost: %s", type(error).__name__)
