"""Wake a worker after the commit. Best effort: what a lost nudge leaves behind, the sweep finds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import current_app

log = logging.getLogger(__name__)
_held: ContextVar[bool] = ContextVar("nudges_held", default=False)


@contextmanager
def held() -> Iterator[None]:
    """Send none within the block, for work in bulk that nobody waits for: the sweep finds its rows."""
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)


def deliver(row_id: int) -> None:
    """Ask a worker to deliver one row now."""
    _send("dispute_hub.outbox.tasks.deliver", row_id)


def sweep() -> None:
    """Ask a worker to deliver whatever is due."""
    _send("dispute_hub.outbox.tasks.sweep")


def _send(task: str, *args: int) -> None:
    """By name, because tasks are doors; never longer than the publish time-out, never an error."""
    if _held.get():
        return
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("nudge lost: %s", type(error).__name__)
