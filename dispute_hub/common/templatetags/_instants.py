"""Instants and spans in words, and what a running clock says. Pure: the caller names "now".

Aware datetimes go in, Beijing time comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
# A clock turns bold when four fifths of its time are gone.
NEAR = 0.8
STILL = {"met": "已按时完成", "ended": "已终止", "paused": "已暂停"}

_rendering_at: ContextVar[datetime | None] = ContextVar("hub_rendering_at", default=None)


def render_at(instant: datetime | None) -> None:
    """Name the instant for which this request's page is rendered; short times leave out its year."""
    _rendering_at.set(instant)


def rendering_at() -> datetime | None:
    """The instant named by `render_at` for this request, if any."""
    return _rendering_at.get()


def _local(instant: datetime) -> datetime:
    return instant.astimezone(BEIJING)


def short_time(instant: datetime | None, now: datetime | None = None) -> str:
    """ "11-21 14:05"; with its year when that differs from the year of now, or when now is not known."""
    if not isinstance(instant, datetime):
        return "—"
    now = now or rendering_at()
    same_year = now is not None and _local(now).year == _local(instant).year
    return _local(instant).strftime("%m-%d %H:%M" if same_year else "%Y-%m-%d %H:%M")


def full_time(instant: datetime | None) -> str:
    """ "2026-11-21 14:05:09", for hovers and papers."""
    return _local(instant).strftime("%Y-%m-%d %H:%M:%S") if isinstance(instant, datetime) else "—"


def short_date(day: date | None, now: datetime | None = None) -> str:
    """ "11-21", with its year when that differs from the year of now, or when now is not known."""
    if not isinstance(day, date):
        return "—"
    day = _local(day).date() if isinstance(day, datetime) else day
    now = now or rendering_at()
    return day.strftime("%m-%d" if now is not None and _local(now).year == day.year else "%Y-%m-%d")


def clock_time(instant: datetime | None) -> str:
    """ "14:05", where the day is clear from the page."""
    return _local(instant).strftime("%H:%M") if isinstance(instant, datetime) else "—"


def month_day_time(instant: datetime | None) -> str:
    """ "11-21 14:05" for a clock on the wall of the page: of today, so never with a year."""
    return _local(instant).strftime("%m-%d %H:%M") if isinstance(instant, datetime) else ""


def due_time(instant: datetime | None) -> str:
    """ "2026-11-18 24:00" for an end that is kept as 00:00 of the next day, as papers write it."""
    if not isinstance(instant, datetime):
        return "—"
    local = _local(instant)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def full_due_time(instant: datetime | None) -> str:
    """ "2026-11-18 24:00" or, inside a day, "2026-11-18 14:05:09"."""
    shown = due_time(instant)
    return shown if shown.endswith(" 24:00") else full_time(instant)


def iso(instant: datetime | None) -> str:
    """ISO 8601 with the Beijing offset, for `datetime` and `data-` attributes."""
    return _local(instant).isoformat() if isinstance(instant, datetime) else ""


def span(delta: timedelta | None) -> str:
    """ "3小时12分", "1天4小时", "12分": the two largest units, rounded down; the sign is dropped."""
    if not isinstance(delta, timedelta):
        return "—"
    minutes = int(abs(delta).total_seconds()) // 60
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{left}分" if left else f"{hours}小时"
    return f"{left}分" if left else "不到1分钟"


def part(thing: Any, name: str) -> Any:
    """A field of a row, a dataclass or a mapping alike; None where it has none."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def clock_state(deadline: Any, now: datetime) -> tuple[str, str]:
    """CSS state and words of a clock: ("is-near", "剩余 3小时12分"), ("is-over", "已超时 1天4小时").

    `deadline` has `due_at` and, where known, `starts_at`, `state`, `ended_at` and `paused_at`.
    """
    due_at, starts_at = part(deadline, "due_at"), part(deadline, "starts_at")
    state, ended_at = str(part(deadline, "state") or ""), part(deadline, "ended_at")
    if state == "met" and ended_at is not None and ended_at > due_at:
        return "is-still", f"超时 {span(ended_at - due_at)}完成"
    if part(deadline, "paused_at") and state not in STILL:
        state = "paused"
    if state in STILL:
        return "is-still", STILL[state]
    if now >= due_at:
        return "is-over", f"已超时 {span(now - due_at)}"
    text = f"剩余 {span(due_at - now)}"
    near = starts_at is not None and now - starts_at >= NEAR * (due_at - starts_at)
    return ("is-near" if near else "is-open"), text
