"""When a platform may be spoken to: paused, hours, rate, and the breaker that spares one that is down.

Pure functions on a locked `Connector`; the caller saves the columns of `COLUMNS`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from dispute_hub.common.time import BEIJING
from dispute_hub.outbox.models import Connector

# reliability O3
OPENS_AFTER: Final = 5
CLOSES_AFTER: Final = 2
FIRST_PROBE: Final = 30
LONGEST_PROBE: Final = 300
ALARM_AFTER: Final = timedelta(minutes=10)

COLUMNS: Final = (
    "circuit", "failures", "successes", "opened_at", "probe_at", "probe_seconds", "alarmed_at",
    "paced_until_at", "last_success_at", "last_failure_at", "last_reason",
)  # fmt: skip
OPEN, CLOSED = Connector.Circuit.OPEN, Connector.Circuit.CLOSED


def shut_because(connector: Connector, at: datetime) -> str:
    """Why nothing may go out at this instant, in words for the page; "" when it may."""
    if connector.approved_by_id is None:
        return "待他人确认"
    if connector.kind == Connector.Kind.WEBHOOK and not connector.secret:
        return "未设置签名密钥"
    if connector.is_paused:
        return "已暂停"
    if not _in_hours(connector, at):
        return "不在发送时段"
    if connector.circuit == OPEN and connector.probe_at is not None and at < connector.probe_at:
        return "熔断中，等待试探"
    return ""


def wait_for_turn(connector: Connector, at: datetime) -> timedelta:
    """How long until the rate allows the next message; a second's worth may go at once."""
    line = max(connector.paced_until_at or at, at)
    slack = _interval(connector) * (max(1, connector.rate_per_minute // 60) - 1)
    return max(timedelta(0), line - at - slack)


def take_turn(connector: Connector, at: datetime) -> None:
    """Count one message against the rate; in an open circuit it is the probe."""
    connector.paced_until_at = max(connector.paced_until_at or at, at) + _interval(connector)
    if connector.circuit == OPEN:
        connector.probe_at = at + timedelta(seconds=connector.probe_seconds)


def note_success(connector: Connector, at: datetime) -> None:
    """The platform took a message."""
    note_alive(connector)
    connector.last_success_at = at
    if connector.circuit == OPEN:
        connector.successes += 1
        connector.probe_seconds, connector.probe_at = FIRST_PROBE, at + timedelta(seconds=FIRST_PROBE)
        if connector.successes >= CLOSES_AFTER:
            connector.circuit, connector.opened_at, connector.probe_at = CLOSED, None, None
            connector.successes, connector.alarmed_at = 0, None


def note_alive(connector: Connector) -> None:
    """It answered as a platform does, though it refused this one message."""
    connector.failures = 0


def note_failure(connector: Connector, at: datetime, reason: str) -> None:
    """It is down, or answers what no platform answers."""
    connector.failures, connector.successes = connector.failures + 1, 0
    connector.last_failure_at, connector.last_reason = at, reason[:200]
    if connector.circuit == OPEN:
        connector.probe_seconds = min(connector.probe_seconds * 2, LONGEST_PROBE)
        connector.probe_at = at + timedelta(seconds=connector.probe_seconds)
    elif connector.failures >= OPENS_AFTER:
        connector.circuit, connector.opened_at, connector.probe_seconds = OPEN, at, FIRST_PROBE
        connector.probe_at = at + timedelta(seconds=FIRST_PROBE)


def hold_until(connector: Connector, until: datetime) -> None:
    """The platform said when to come again (`Retry-After`): all its messages wait."""
    connector.paced_until_at = max(connector.paced_until_at or until, until) + _interval(connector) * (
        connector.rate_per_minute // 60
    )


def _interval(connector: Connector) -> timedelta:
    return timedelta(seconds=60 / connector.rate_per_minute)


def _in_hours(connector: Connector, at: datetime) -> bool:
    """From `opens_at` to `closes_at` by Beijing time; over midnight when it closes first."""
    start, end = connector.opens_at, connector.closes_at
    if start is None or end is None:
        return True
    clock = at.astimezone(BEIJING).time()
    return start <= clock < end if start < end else clock >= start or clock < end
