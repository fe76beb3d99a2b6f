"""Wake a worker after the commit. Best effort: what a lost nudge leaves behind, the sweep finds."""

from __future__ import annotations

import logging
import time as _node
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import current_app
from kombu.pools import producers

log = logging.getLogger(__name__)

# reliability M14, R8: all that a request may lose to a broker that accepts and never answers, in seconds.
# Half of what intake may take at p99: with a whole second the rest of the request came on top.
PUBLISH_WITHIN = 0.5
# After a lost nudge the next ones are not even tried: a change with many messages would wait for each of
# them, and the sweep (every 15 s) is there as soon as the broker is.
QUIET_FOR = 10.0

# Long works of ours, beside the routes of the settings, which go by whole modules.
QUEUES = {"dispute_hub.outbox.tasks.reconcile": "heavy"}

_quiet = {"until": 0.0}
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


def drain(connector_id: int) -> None:
    """Ask a worker to send what waits for one platform."""
    _send("dispute_hub.outbox.tasks.drain", connector_id)


def drain_many(connector_ids: Iterable[int]) -> None:
    """The same for several platforms."""
    for connector_id in connector_ids:
        drain(connector_id)


def reconcile_many(connector_ids: Iterable[int]) -> None:
    """Ask a worker of long works to compare the books with these platforms."""
    for connector_id in connector_ids:
        _send("dispute_hub.outbox.tasks.reconcile", connector_id)


def _send(task: str, *args: int) -> None:
    """By name, because tasks are doors; never longer than the publish time-out, never an error."""
    if _held.get() or _node.monotonic() < _quiet["until"]:
        return
    try:
        with producers[_connection()].acquire(block=True, timeout=PUBLISH_WITHIN) as producer:
            where: dict[str, Any] = {"queue": QUEUES[task]} if task in QUEUES else {}
            current_app.send_task(
                task, args=args, producer=producer, retry=False, ignore_result=True, **where
            )
    except Exception as error:
        _quiet["until"] = _node.monotonic() + QUIET_FOR
        log.warning("nudge lost: %s", type(error).__name__)


def _connection() -> Any:
    """The broker as a publisher reaches it: without a time-out of its own a write waits for ever.

    Not set for all of Celery, because a worker's blocking read is longer than this.
    """
    options = {"socket_timeout": PUBLISH_WITHIN, "max_retries": 0}
    return current_app.connection_for_write(transport_options=options)
