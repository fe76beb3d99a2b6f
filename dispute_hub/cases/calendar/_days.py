"""Which days are worked: the State Council's tables, and what an office entered over them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from datetime import time as wall_time
from functools import cache
from pathlib import Path

import chinese_calendar

DATA = Path(__file__).parent.parent / "data" / "calendar.json"
# From this month on, the lack of next year's table is told to people (handbook 7).
WARN_FROM_MONTH = 12


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
        if not has_table(day.year):
            return day.weekday() < 5, "工作日" if day.weekday() < 5 else "周末休息"
        is_rest, name = chinese_calendar.get_holiday_detail(day)
        if name and is_rest:
            return False, f"{chinese_calendar.Holiday(name).chinese}休息"
        if name:
            return True, f"{chinese_calendar.Holiday(name).chinese}调休上班"
        return not is_rest, "周末休息" if is_rest else "工作日"

    def is_known(self, day: date) -> bool:
        """Whether the State Council's table for that year is there, or the day was entered by hand."""
        return day in self.overrides or has_table(day.year)


@cache
def has_table(year: int) -> bool:
    """Whether the library knows the State Council's notice for this year."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@cache
def _packaged() -> Calendar:
    """The tables with the overrides of `data/calendar.json`."""
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


_in_force: list[Calendar] = []


def office_calendar() -> Calendar:
    """The deployment's calendar: the packaged one until `use_overrides` gave this process people's days."""
    return _in_force[0] if _in_force else _packaged()


def use_overrides(days: Mapping[date, tuple[bool, str]]) -> None:
    """Count by these days from now on in this process, over the packaged ones."""
    _in_force[:] = [with_days(days)] if days else []


def with_days(days: Mapping[date, tuple[bool, str]]) -> Calendar:
    """The packaged calendar with these days over it: what a change would lead to."""
    packaged = _packaged()
    return replace(packaged, overrides={**packaged.overrides, **days})


def missing_table_warning(on: date, calendar: Calendar | None = None) -> str:
    """From 1 December, what is wrong when next year's holidays are not known yet; else ""."""
    calendar = calendar or office_calendar()
    if on.month < WARN_FROM_MONTH or calendar.is_known(date(on.year + 1, 1, 1)):
        return ""
    return missing_table(on.year + 1)


def missing_table(year: int) -> str:
    """What is wrong when a year has no table, in Chinese."""
    return f"{year} 年节假日安排尚未载入，暂按周末休息计算；载入后未结时限将重新计算。"
