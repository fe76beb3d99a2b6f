"""From an instant and a limit to the due instant, with the reason for every day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dispute_hub.cases.calendar._days import Calendar, missing_table, office_calendar
from dispute_hub.cases.calendar._limits import Limit
from dispute_hub.common.time import BEIJING, beijing_date, day_bounds, weekday

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a due instant came about: `lines` day by day in Chinese, `warnings` about the tables."""

    due_at: datetime
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a clock stood still; over when `resumed_at` is known."""

    paused_at: datetime
    resumed_at: datetime

    def __post_init__(self) -> None:
        if self.resumed_at < self.paused_at:
            raise ValueError("a pause ends after it begins")

    def skips(self, day: date) -> bool:
        """The day of the pause counts as used; every day after it up to that of the resumption does not."""
        return beijing_date(self.paused_at) < day <= beijing_date(self.resumed_at)

    def holds(self, day: date) -> bool:
        """A last day on which a clock was stopped cannot pass before it runs again."""
        return beijing_date(self.paused_at) <= day < beijing_date(self.resumed_at)


Pauses = Sequence[Pause]


def due(
    from_at: datetime,
    limit: Limit,
    calendar: Calendar | None = None,
    *,
    safety: bool = False,
    pauses: Pauses = (),
) -> datetime:
    """When a limit that starts at an aware instant ends, in UTC.

    A later start never ends earlier, and a pause never shortens.
    """
    return explain(from_at, limit, calendar, safety=safety, pauses=pauses).due_at


def explain(
    from_at: datetime,
    limit: Limit,
    calendar: Calendar | None = None,
    *,
    safety: bool = False,
    pauses: Pauses = (),
) -> Explanation:
    """The same reckoning with its reasons, one line a day. Pauses are over, and given in order of time."""
    calendar = calendar or office_calendar()
    if limit.unit == "hours":
        return explain_span(from_at, timedelta(hours=limit.amount), limit.text, pauses=pauses)
    if limit.unit == "working_hours":
        return _explain_working_hours(from_at, timedelta(hours=limit.amount), calendar, pauses)
    first = beijing_date(from_at)
    lines, last = [f"{_day(first)} 起算当日，不计入"], first
    for last, line in _walk(first, limit, calendar, safety, pauses):
        lines.append(f"{_day(last)} {line}")
    lines.append(f"{_day(last)} 24:00 到期")
    return Explanation(day_bounds(last)[1], tuple(lines), _warnings(first, last, calendar))


def explain_span(from_at: datetime, span: timedelta, text: str, *, pauses: Pauses = ()) -> Explanation:
    """A limit that runs on the clock, by night and on holidays; `text` is the limit in Chinese."""
    end, lines = from_at + span, [f"{_shown(from_at)} 起连续计 {text}，含夜间和节假日"]
    for pause in pauses:
        begun = max(pause.paused_at, from_at)
        if begun < min(end, pause.resumed_at):
            end += pause.resumed_at - begun
            lines.append(f"{_shown(begun)} 至 {_shown(pause.resumed_at)} 暂停，不计入")
    lines.append(f"{_shown(end)} 到期")
    return Explanation(end.astimezone(UTC), tuple(lines))


def last_day_end(day: date, calendar: Calendar | None = None, *, safety: bool = False) -> datetime:
    """24:00 of a day people agreed on; an office clock goes on to the next working day."""
    calendar = calendar or office_calendar()
    while not safety and not calendar.is_working_day(day):
        day += _DAY
    return day_bounds(day)[1]


def _warnings(first: date, last: date, calendar: Calendar) -> tuple[str, ...]:
    days = (first + _DAY * step for step in range((last - first).days + 1))
    years = sorted({day.year for day in days if not calendar.is_known(day)})
    return tuple(missing_table(year) for year in years)


def _walk(
    first: date, limit: Limit, calendar: Calendar, safety: bool, pauses: Pauses
) -> Iterator[tuple[date, str]]:
    """Each day after the first with what it counts for; the last one yielded is the last day."""
    by_work, day, counted = limit.unit == "working_days", first, 0
    while counted < limit.amount:
        day += _DAY
        worked, reason = calendar.explain_day(day)
        if any(pause.skips(day) for pause in pauses):
            yield day, "暂停期间，不计入"
        elif by_work and not worked:
            yield day, f"{reason}，不计入"
        else:
            counted += 1
            yield day, f"{reason}，第 {counted} 个工作日" if by_work else f"第 {counted} 天"
    yield from _roll_over(day, calendar, safety, pauses)


def _roll_over(day: date, calendar: Calendar, safety: bool, pauses: Pauses) -> Iterator[tuple[date, str]]:
    """Onward from the last counted day, while it is a rest day or the clock stood still on it."""
    rolled = False
    while True:
        worked, reason = calendar.explain_day(day)
        if any(pause.holds(day) for pause in pauses):
            yield day, "最后一日暂停，恢复后继续"
        elif not safety and not worked:
            yield day, f"最后一日遇{reason}，顺延"
        else:
            break
        rolled, day = True, day + _DAY
    if rolled:
        yield day, "顺延至此日" if safety else "顺延至此工作日"


def _explain_working_hours(
    from_at: datetime, span: timedelta, calendar: Calendar, pauses: Pauses
) -> Explanation:
    left, lines, end = span, [], from_at
    first = beijing_date(from_at)
    for start, closing in _running_spans(from_at, calendar, pauses):
        end = min(closing, start + left)
        left -= end - start
        lines.append(f"{_shown(start)} 至 {end.astimezone(BEIJING):%H:%M} 计 {_hours(end - start)}")
        if not left:
            break
    lines.append(f"{_shown(end)} 到期")
    return Explanation(end.astimezone(UTC), tuple(lines), _warnings(first, beijing_date(end), calendar))


def _running_spans(
    from_at: datetime, calendar: Calendar, pauses: Pauses
) -> Iterator[tuple[datetime, datetime]]:
    """The spans, without end, in which the office is open and the clock is not paused."""
    day = beijing_date(from_at)
    while True:
        for opening, closing in calendar.office_hours if calendar.is_working_day(day) else ():
            start = max(from_at, datetime.combine(day, opening, BEIJING))
            end = datetime.combine(day, closing, BEIJING)
            for pause in pauses:
                if start < pause.paused_at < end:
                    yield start, pause.paused_at
                if pause.paused_at < end:
                    start = max(start, pause.resumed_at)
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
