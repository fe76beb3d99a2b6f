"""How limits are counted: pure functions over instants and a calendar of working days.

民法典 201-203: the first day is not counted; a day limit ends at 24:00 of its last day (kept as 00:00
Beijing of the next); when that is a rest day it ends with the next working day. Safety clocks (handbook,
clocks) never roll over. The State Council's holidays and make-up working days come from the
`chinesecalendar` tables, an office's own from overrides; a year without a table counts weekends only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from functools import cache
from pathlib import Path

import chinese_calendar

from dispute_hub.common.errors import Invalid
from dispute_hub.common.time import BEIJING, beijing_date, day_bounds, weekday

DATA = Path(__file__).parent / "data" / "calendar.json"
UNITS = {"hours": "小时", "natural_days": "天", "working_days": "个工作日", "working_hours": "个工作小时"}
MOST = {"hours": 87_600, "natural_days": 3_650, "working_days": 2_500, "working_hours": 20_000}
_LIMIT = re.compile(r"([0-9]{1,6})[ ]+([a-z]+(?:_[a-z]+)?)")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """A span as the clock table writes it: "3 working_days"."""

    amount: int
    unit: str

    @property
    def text(self) -> str:
        """In Chinese: 3个工作日."""
        return f"{self.amount}{UNITS[self.unit]}"


@dataclass(frozen=True)
class Calendar:
    """Which days are worked, and when the office is open on them.

    `overrides` maps a day to (worked, reason) and wins over the tables. Office hours are half-open
    spans of wall time in order.
    """

    overrides: Mapping[date, tuple[bool, str]] = field(default_factory=dict)
    office_hours: tuple[tuple[wall_time, wall_time], ...] = (
        (wall_time(8, 30), wall_time(12)),
        (wall_time(14), wall_time(17, 30)),
    )

    def is_working_day(self, day: date) -> bool:
        return self.explain_day(day)[0]

    def explain_day(self, day: date) -> tuple[bool, str]:
        """(worked, why in Chinese) for one day."""
        if day in self.overrides:
            return self.overrides[day]
        if not _has_table(day.year):
            return day.weekday() < 5, "工作日" if day.weekday() < 5 else "周末休息"
        is_rest, name = chinese_calendar.get_holiday_detail(day)
        if name and is_rest:
            return False, f"{chinese_calendar.Holiday(name).chinese}休息"
        if name:
            return True, f"{chinese_calendar.Holiday(name).chinese}调休上班"
        return not is_rest, "周末休息" if is_rest else "工作日"

    def is_known(self, day: date) -> bool:
        """Whether the State Council's table for that year is there, or the day was entered by hand."""
        return day in self.overrides or _has_table(day.year)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a due instant came about: `lines` day by day in Chinese, `warnings` about the tables."""

    due_at: datetime
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@cache
def _has_table(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@cache
def office_calendar() -> Calendar:
    """The deployment's calendar: the tables with the overrides of `data/calendar.json`."""
    loaded = json.loads(DATA.read_text(encoding="utf-8"))
    return Calendar(
        overrides={
            date.fromisoformat(day): (entry["worked"], entry["reason"])
            for day, entry in loaded["days"].items()
        },
        office_hours=tuple(
            (wall_time.fromisoformat(start), wall_time.fromisoformat(end))
            for start, end in loaded["office_hours"]
        ),
    )


def parse_limit(text: str) -> Limit:
    """Read "N hours", "N natural_days", "N working_days" or "N working_hours". Raises Invalid.

    N is at least 1 and at most ten years' worth; the singular ("1 working_day") is taken too.
    """
    match = _LIMIT.fullmatch(text.strip())
    unit = match[2] if match else ""
    unit = unit if unit.endswith("s") else f"{unit}s"
    if match is None or unit not in UNITS:
        hint = "时限应写作「数字 单位」，单位为 hours、natural_days、working_days 或 working_hours。"
        raise Invalid(hint, code="limit_invalid")
    amount = int(match[1])
    if not 1 <= amount <= MOST[unit]:
        raise Invalid(f"时限应在 1 至 {MOST[unit]} 之间。", code="limit_out_of_range")
    return Limit(amount, unit)


def due(
    from_at: datetime, limit: Limit, calendar: Calendar | None = None, *, safety: bool = False
) -> datetime:
    """When a limit that starts at an aware instant ends, in UTC. A later start never ends earlier."""
    return explain(from_at, limit, calendar, safety=safety).due_at


def explain(
    from_at: datetime, limit: Limit, calendar: Calendar | None = None, *, safety: bool = False
) -> Explanation:
    """The same reckoning with its reasons, one line a day."""
    calendar = calendar or office_calendar()
    if limit.unit == "hours":
        due_at = (from_at + timedelta(hours=limit.amount)).astimezone(UTC)
        return Explanation(due_at, (f"{_shown(from_at)} 起连续计 {limit.amount} 小时，含夜间和节假日",))
    if limit.unit == "working_hours":
        return _explain_working_hours(from_at, timedelta(hours=limit.amount), calendar)
    walk = _walk_working_days if limit.unit == "working_days" else _walk_natural_days
    first = beijing_date(from_at)
    lines, last = [f"{_day(first)} 起算当日，不计入"], first
    for last, line in walk(first, limit.amount, calendar, safety):
        lines.append(f"{_day(last)} {line}")
    lines.append(f"{_day(last)} 24:00 到期")
    return Explanation(day_bounds(last)[1], tuple(lines), _warnings(first, last, calendar))


def resumed_due(
    due_at: datetime,
    limit: Limit,
    *,
    paused_at: datetime,
    resumed_at: datetime,
    calendar: Calendar | None = None,
    safety: bool = False,
) -> datetime:
    """The new end after a pause: what was left at the pause runs on from the resumption.

    Days are whole (the day of the pause counts as used, the day of resumption does not count), hours
    exact. Never earlier than `due_at`; a clock already over stays as it is.
    """
    if resumed_at < paused_at:
        raise ValueError("a pause ends after it begins")
    if paused_at >= due_at:
        return due_at
    calendar = calendar or office_calendar()
    if limit.unit == "hours":
        return due_at + (resumed_at - paused_at)
    if limit.unit == "working_hours":
        left = sum((end - start for start, end in _office_spans(paused_at, due_at, calendar)), timedelta())
        return max(due_at, _explain_working_hours(resumed_at, left, calendar).due_at) if left else due_at
    last, paused_on = beijing_date(due_at - timedelta(microseconds=1)), beijing_date(paused_at)
    ahead = [paused_on + _DAY * step for step in range(1, (last - paused_on).days + 1)]
    if limit.unit == "working_days":
        ahead = [day for day in ahead if calendar.is_working_day(day)]
    if not ahead:
        return max(due_at, day_bounds(beijing_date(resumed_at))[1])
    return max(due_at, due(resumed_at, Limit(len(ahead), limit.unit), calendar, safety=safety))


def missing_table_warning(on: date, calendar: Calendar | None = None) -> str:
    """From 1 December, what is wrong when next year's holidays are not known yet; else ""."""
    calendar = calendar or office_calendar()
    if on.month < 12 or calendar.is_known(date(on.year + 1, 1, 1)):
        return ""
    return _missing(on.year + 1)


def _missing(year: int) -> str:
    return f"{year} 年节假日安排尚未载入，暂按周末休息计算；载入后未结时限将重新计算。"


def _warnings(first: date, last: date, calendar: Calendar) -> tuple[str, ...]:
    days = (first + _DAY * step for step in range((last - first).days + 1))
    return tuple(_missing(year) for year in sorted({day.year for day in days if not calendar.is_known(day)}))


def _walk_working_days(
    first: date, amount: int, calendar: Calendar, safety: bool
) -> Iterator[tuple[date, str]]:
    day, counted = first, 0
    while counted < amount:
        day += _DAY
        worked, reason = calendar.explain_day(day)
        counted += worked
        yield day, f"{reason}，第 {counted} 个工作日" if worked else f"{reason}，不计入"


def _walk_natural_days(
    first: date, amount: int, calendar: Calendar, safety: bool
) -> Iterator[tuple[date, str]]:
    day = first
    for counted in range(1, amount + 1):
        day = first + _DAY * counted
        yield day, f"第 {counted} 天"
    while not safety and not calendar.is_working_day(day):
        yield day, f"最后一日遇{calendar.explain_day(day)[1]}，顺延"
        day += _DAY
        if calendar.is_working_day(day):
            yield day, "顺延至此工作日"


def _explain_working_hours(from_at: datetime, span: timedelta, calendar: Calendar) -> Explanation:
    left, lines, end = span, [], from_at
    first = beijing_date(from_at)
    for start, closing in _office_spans(from_at, None, calendar):
        end = min(closing, start + left)
        left -= end - start
        lines.append(f"{_shown(start)} 至 {end.astimezone(BEIJING):%H:%M} 计 {_hours(end - start)}")
        if not left:
            break
    lines.append(f"{_shown(end)} 到期")
    return Explanation(end.astimezone(UTC), tuple(lines), _warnings(first, beijing_date(end), calendar))


def _office_spans(
    from_at: datetime, until_at: datetime | None, calendar: Calendar
) -> Iterator[tuple[datetime, datetime]]:
    """The open spans of the office from an instant on, without end when `until_at` is None."""
    day = beijing_date(from_at)
    while until_at is None or day <= beijing_date(until_at):
        for opening, closing in calendar.office_hours if calendar.is_working_day(day) else ():
            start = max(from_at, datetime.combine(day, opening, BEIJING))
            end = datetime.combine(day, closing, BEIJING)
            end = end if until_at is None else min(end, until_at)
            if start < end:
                yield start, end
        day += _DAY


def _day(day: date) -> str:
    return f"{day.isoformat()} {weekday(day)}"


def _shown(at: datetime) -> str:
    local = at.astimezone(BEIJING)
    return f"{_day(local.date())} {local:%H:%M}"


def _hours(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60}小时{minutes % 60:02d}分"
