"""The only clock. Doors ask `now()` once and pass the instant down as `at`.

Node clocks drift (promise T7: ten minutes wrong must not move a deadline), so `now()` is the node's
time plus its measured offset to the database. Every instant is aware and in UTC; days are cut at
00:00 Beijing.
"""

from __future__ import annotations

import re
import threading
import time as _node
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .errors import Invalid

BEIJING = ZoneInfo("Asia/Shanghai")
# Days a person may name: what lies outside is a slip of the keys, and no sum of days leaves the calendar.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
REFRESH_WITHIN = timedelta(seconds=60)
RETRY_WITHIN = timedelta(seconds=5)

# Written out instead of `datetime.fromisoformat`, which also takes week dates, missing offsets and
# (through `\d`) full-width digits.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
    r"(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?"
)


class _Clock:
    """Offset to the database, and the instant a test has put in place of the real one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.offset = timedelta(0)
        self.measured = False
        self.next_measure_at = 0.0
        self.frozen_at: datetime | None = None


_clock = _Clock()


def now() -> datetime:
    """This instant, aware, UTC. Only doors call it (design, rule 4)."""
    if _clock.frozen_at is not None:
        return _clock.frozen_at
    moved = _from_clock_file()
    if moved is not None:
        return moved
    _refresh_offset()
    return datetime.now(UTC) + _clock.offset


def day_named(text: str) -> date:
    """The day written as 2026-03-04. Raises ValueError for anything else and for a year out of reach."""
    day = date.fromisoformat(text) if len(text) == 10 else None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(text)
    return day


def clock_offset() -> timedelta:
    """Database time minus node time as last measured; zero until the first measurement."""
    return _clock.offset


def measure_offset(connection: Any) -> timedelta:
    """Measure the node against the database behind `connection` (a Django connection wrapper).

    Raises what the driver raises. The raw cursor keeps the measurement out of query counts: a
    page must need the same number of queries whether or not its minute was up.
    """
    connection.ensure_connection()
    before = _node.time()
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        database = float(cursor.fetchone()[0])
    after = _node.time()
    _clock.offset = timedelta(seconds=database - (before + after) / 2)
    _clock.measured = True
    _clock.next_measure_at = _node.monotonic() + REFRESH_WITHIN.total_seconds()
    return _clock.offset


def _refresh_offset() -> None:
    if _node.monotonic() < _clock.next_measure_at or not _clock.lock.acquire(blocking=False):
        return
    try:
        from django.conf import settings
        from django.db import connection

        if settings.configured and settings.DATABASES and not connection.needs_rollback:
            measure_offset(connection)
    except Exception:  # no database, or none allowed here: the last offset stands
        _clock.next_measure_at = _node.monotonic() + RETRY_WITHIN.total_seconds()
    finally:
        _clock.lock.release()


def _from_clock_file() -> datetime | None:
    """The instant a test server was told: a fixed instant, or signed seconds added to the node's."""
    from django.conf import settings

    file = getattr(settings, "HUB_CLOCK_FILE", None) if settings.configured else None
    if not file:
        return None
    try:
        text = Path(file).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    if re.fullmatch(r"[+-][0-9]+([.][0-9]+)?", text):
        return datetime.now(UTC) + timedelta(seconds=float(text))
    return parse_instant(text) if text else None


def set_for_tests(instant: datetime) -> None:
    """Stop the clock at an aware instant until `advance` or `reset`."""
    _clock.frozen_at = _aware(instant).astimezone(UTC)


def advance(delta: timedelta) -> datetime:
    """Move the stopped clock on (stopping it first if it runs); the new instant."""
    _clock.frozen_at = now() + delta
    return _clock.frozen_at


def reset() -> None:
    """Let the clock run again and forget the measured offset."""
    _clock.frozen_at = None
    _clock.offset = timedelta(0)
    _clock.measured = False
    _clock.next_measure_at = 0.0


def beijing_date(at: datetime) -> date:
    """The Beijing calendar day an aware instant falls on; 24:00 belongs to the next day."""
    return _aware(at).astimezone(BEIJING).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """A Beijing day as a half-open span of UTC instants: [start, end)."""
    start = datetime.combine(day, wall_time(), BEIJING)
    end = datetime.combine(day + timedelta(days=1), wall_time(), BEIJING)
    return start.astimezone(UTC), end.astimezone(UTC)


def weekday(day: date) -> str:
    """周一 to 周日."""
    return f"周{'一二三四五六日'[day.weekday()]}"


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant with offset, as UTC. Raises Invalid.

    Codes: `time_without_offset` (never guessed: the server's zone is not the sender's) and
    `time_invalid` (leap seconds, 24:00, impossible days, years the calendar cannot hold).
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise Invalid("时间格式有误，请按 2026-01-31T08:30:00+08:00 的样式填写。", code="time_invalid")
    if match["offset"] is None:
        raise Invalid("时间缺少时区，请在末尾注明，例如 +08:00。", code="time_without_offset")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("时间不存在，请核对年月日和时分秒。", code="time_invalid") from error


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("an instant needs its offset")
    return at
