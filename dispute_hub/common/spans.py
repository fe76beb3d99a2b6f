"""Open work by when it is due: over, today, this week, later. Every list cuts its groups here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from .time import beijing_date, day_bounds

OVERDUE, TODAY, WEEK, LATER = "overdue", "today", "week", "later"
TITLES: Final = {OVERDUE: "已超时", TODAY: "今天", WEEK: "本周", LATER: "以后"}
Row = TypeVar("Row")


def ends(at: datetime) -> tuple[datetime, datetime]:
    """The end of today and of this week's Sunday, in Beijing."""
    today = beijing_date(at)
    sunday = today + timedelta(days=6 - today.weekday())
    return day_bounds(today)[1], day_bounds(sunday)[1]


def span_of(due_at: datetime, *, at: datetime) -> str:
    """OVERDUE, TODAY, WEEK or LATER.

    A day ends at 24:00, which is kept as 00:00 of the next day: an end belongs to the earlier span.
    """
    today_ends_at, week_ends_at = ends(at)
    if due_at <= at:
        return OVERDUE
    if due_at <= today_ends_at:
        return TODAY
    return WEEK if due_at <= week_ends_at else LATER


@dataclass(frozen=True, slots=True)
class Group(Generic[Row]):
    """The rows of one span."""

    code: str
    title: str
    rows: list[Row] = field(default_factory=list)


def grouped(
    rows: Iterable[Row], span: Callable[[Row], str], titles: Mapping[str, str] = TITLES
) -> list[Group[Row]]:
    """The rows in their order, under `titles` in theirs; empty groups are left out."""
    groups: dict[str, Group[Row]] = {code: Group(code, title) for code, title in titles.items()}
    for row in rows:
        groups[span(row)].rows.append(row)
    return [group for group in groups.values() if group.rows]
