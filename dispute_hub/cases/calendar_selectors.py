"""The calendar as its page shows it: a year in month grids, what was entered, what a change would move."""

from __future__ import annotations

import calendar as month_grid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from dispute_hub.cases import calendar, clock_recount, in_force
from dispute_hub.cases.models import CalendarOverride, Recount
from dispute_hub.cases.services import days_to_change

FIRST_YEAR, LAST_YEAR = 2024, 2099


@dataclass(frozen=True, slots=True)
class Day:
    """One cell: how it counts now, what the State Council's table alone would say."""

    on: date
    worked: bool
    reason: str
    by_table: str
    is_entered: bool

    @property
    def mark(self) -> str:
        """休 or 班 where the day is not what its weekday says; else nothing."""
        usual = self.on.weekday() < 5
        return "" if self.worked == usual else ("班" if self.worked else "休")

    @property
    def look(self) -> str:
        """CSS classes of the cell."""
        return " ".join(
            name for name, so in (("is-rest", not self.worked), ("is-entered", self.is_entered)) if so
        )

    @property
    def told(self) -> str:
        """The hover text."""
        said = f"{self.on} {self.reason}"
        return f"{said}（国务院安排：{self.by_table}）" if self.is_entered else said


@dataclass(frozen=True, slots=True)
class Month:
    number: int
    weeks: list[list[Day | None]]


def year_of(text: str | None, *, on: date) -> int:
    """The year asked for; this one when none or nonsense was asked."""
    if text and text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    return on.year


def months_of(year: int) -> list[Month]:
    """Twelve grids of weeks from Monday, empty cells outside the month. One query."""
    entered = in_force.overrides()
    now, alone = calendar.with_days(entered), calendar.with_days({})
    grid = month_grid.Calendar()
    return [
        Month(
            number,
            [
                [_day(day, now, alone, entered) if day.month == number else None for day in week]
                for week in grid.monthdatescalendar(year, number)
            ],
        )
        for number in range(1, 13)
    ]


def _day(
    day: date, now: calendar.Calendar, alone: calendar.Calendar, entered: Mapping[date, tuple[bool, str]]
) -> Day:
    worked, reason = now.explain_day(day)
    return Day(day, worked, reason, alone.explain_day(day)[1], day in entered)


def warning_for(year: int) -> str:
    """What is wrong when the year shown has no table; else ""."""
    return "" if calendar.has_table(year) else calendar.missing_table(year)


def entries(year: int) -> QuerySet[CalendarOverride]:
    """What was entered for the year, the newest first."""
    return (
        CalendarOverride.objects.filter(day__year=year)
        .select_related("entered_by__user", "entered_by__unit")
        .order_by("-id")
    )


def last_recounts() -> QuerySet[Recount]:
    """The newest passes over the open clocks."""
    return Recount.objects.order_by("-id")[:5]


def preview_change(
    first: date, last: date, *, worked: bool | None, at: datetime, **_: str
) -> clock_recount.Preview:
    """What the change would move, reckoned but not stored. Raises Invalid as the change itself would."""
    days = days_to_change(first, last, worked=worked, at=at)
    would = dict(in_force.overrides())
    for day in days:
        would.pop(day, None)
        if worked is not None:
            would[day] = (worked, "")
    return clock_recount.preview(days, calendar.with_days(would))
