"""Days, weeks from Monday and months of the Beijing calendar, with what each is compared to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dispute_hub.common.errors import Invalid
from dispute_hub.common.time import day_bounds

SPANS = {"day": "日", "week": "周", "month": "月"}
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """One day, week or month: both ends included."""

    span: str
    first_on: date
    last_on: date

    @property
    def start_at(self) -> datetime:
        return day_bounds(self.first_on)[0]

    @property
    def end_at(self) -> datetime:
        """The instant after its last day's 24:00."""
        return day_bounds(self.last_on)[1]

    @property
    def days(self) -> list[date]:
        return [self.first_on + DAY * number for number in range((self.last_on - self.first_on).days + 1)]

    @property
    def name(self) -> str:
        if self.span == "month":
            return f"{self.first_on:%Y年%m月}"
        if self.span == "week":
            return f"{self.first_on:%m-%d} 至 {self.last_on:%m-%d}"
        return f"{self.first_on:%Y-%m-%d}"

    def until(self, at: datetime) -> datetime:
        """How far the period has come at `at`, as the open end of a span: what happens just now is in it."""
        return min(self.end_at, at + MOMENT)

    def before(self) -> Period:
        """The period before this one (环比)."""
        return period_of(self.span, self.first_on - DAY)

    def after(self) -> Period:
        return period_of(self.span, self.last_on + DAY)

    def year_before(self) -> Period:
        """The same period of the year before (同比); a week is compared with the one 52 weeks earlier."""
        if self.span == "week":
            return period_of("week", self.first_on - DAY * 364)
        day = min(self.first_on.day, 28) if self.first_on.month == 2 else self.first_on.day
        return period_of(self.span, self.first_on.replace(year=self.first_on.year - 1, day=day))


def period_of(span: str, day: date) -> Period:
    """The day, week or month that `day` lies in."""
    if span == "week":
        monday = day - DAY * day.weekday()
        return Period("week", monday, monday + DAY * 6)
    if span == "month":
        first = day.replace(day=1)
        return Period("month", first, (first + DAY * 32).replace(day=1) - DAY)
    return Period("day", day, day)


def read_period(span: str | None, day: str | None, *, today: date) -> Period:
    """The period an address names; today's for none. Raises Invalid (400) for words that are neither."""
    if (span or "day") not in SPANS:
        raise Invalid("周期只能是 day、week 或 month。", code="bad_period", status=400)
    try:
        chosen = today if day in (None, "", "today") else date.fromisoformat(str(day))
    except ValueError as error:
        raise Invalid("日期请按 2026-01-31 的样式填写。", code="bad_date", status=400) from error
    if not date(2000, 1, 1) <= chosen <= date(2100, 1, 1):
        raise Invalid("日期超出可统计的范围。", code="bad_date", status=400)
    return period_of(span or "day", chosen)


def ranges_of(days: Iterable[date]) -> list[tuple[datetime, datetime]]:
    """Half-open spans of instants that cover the days, neighbours joined."""
    joined: list[tuple[datetime, datetime]] = []
    for day in sorted(set(days)):
        start, end = day_bounds(day)
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
