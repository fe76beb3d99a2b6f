"""Limits as the law counts and the office works: golden tables 2024-2027, and properties (promise T9)."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dispute_hub.cases import calendar
from dispute_hub.cases.calendar import Calendar, Limit, due, explain, parse_limit, resumed_due
from dispute_hub.common.errors import Invalid
from dispute_hub.common.time import BEIJING, beijing_date, parse_instant

OFFICE = Calendar()


def instant(text: str) -> datetime:
    return parse_instant(f"{text}+08:00")


def shown(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")


# State Council notices on holidays for 2024, 2025 and 2026: worked Saturdays and Sundays.
MAKE_UP_DAYS = [
    "2024-02-04",
    "2024-02-18",
    "2024-04-07",
    "2024-04-28",
    "2024-05-11",
    "2024-09-14",
    "2024-09-29",
    "2024-10-12",
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
]
HOLIDAYS = [
    "2024-01-01",
    "2024-02-10",
    "2024-02-17",
    "2024-04-04",
    "2024-05-01",
    "2024-06-10",
    "2024-09-17",
    "2024-10-07",
    "2025-01-01",
    "2025-01-28",
    "2025-02-04",
    "2025-04-04",
    "2025-05-01",
    "2025-06-02",
    "2025-10-01",
    "2025-10-08",
    "2026-01-01",
    "2026-01-02",
    "2026-02-15",
    "2026-02-23",
    "2026-04-06",
    "2026-05-05",
    "2026-06-19",
    "2026-09-25",
    "2026-10-07",
]


@pytest.mark.parametrize("day", MAKE_UP_DAYS)
def test_make_up_days_are_worked_weekend_days(day: str) -> None:
    worked, reason = OFFICE.explain_day(date.fromisoformat(day))
    assert worked
    assert reason.endswith("调休上班")
    assert date.fromisoformat(day).weekday() >= 5


@pytest.mark.parametrize("day", MAKE_UP_DAYS)
def test_a_limit_of_one_working_day_may_end_on_a_make_up_day(day: str) -> None:
    end = date.fromisoformat(day)
    start = datetime.combine(end - timedelta(days=1), wall_time(10), BEIJING)
    assert beijing_date(due(start, Limit(1, "working_days")) - timedelta(seconds=1)) == end


def test_no_other_weekend_day_of_these_years_is_worked() -> None:
    weekend = (date(2024, 1, 1) + timedelta(days=number) for number in range(3 * 365 + 1))
    worked = [str(day) for day in weekend if day.weekday() >= 5 and OFFICE.is_working_day(day)]
    assert worked == MAKE_UP_DAYS


@pytest.mark.parametrize("day", HOLIDAYS)
def test_holidays_are_rest_days(day: str) -> None:
    assert not OFFICE.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        # working days: first day not counted, ends 24:00, over National Day with its make-up Saturday
        ("2026-09-30T15:00", "3 working_days", "2026-10-11T00:00"),
        ("2026-09-30T00:00", "3 working_days", "2026-10-11T00:00"),
        ("2026-09-30T23:59", "3 working_days", "2026-10-11T00:00"),
        ("2026-10-01T00:00", "1 working_days", "2026-10-09T00:00"),
        ("2026-03-04T09:00", "1 working_days", "2026-03-05T24:00"),
        ("2026-03-06T09:00", "1 working_days", "2026-03-09T24:00"),
        ("2026-03-07T09:00", "1 working_days", "2026-03-09T24:00"),
        # Spring Festival: 2024 begins on 10 February with 4 and 18 February worked
        ("2024-02-09T10:00", "2 working_days", "2024-02-19T24:00"),
        ("2024-02-02T10:00", "1 working_days", "2024-02-04T24:00"),
        ("2025-01-24T10:00", "2 working_days", "2025-01-27T24:00"),
        ("2025-01-27T10:00", "3 working_days", "2025-02-07T24:00"),
        ("2025-09-26T10:00", "4 working_days", "2025-10-09T24:00"),
        ("2026-02-13T10:00", "2 working_days", "2026-02-24T24:00"),
        # year ends
        ("2024-12-31T10:00", "1 working_days", "2025-01-02T24:00"),
        ("2025-12-31T16:00", "1 working_days", "2026-01-04T24:00"),
        ("2026-12-31T10:00", "1 working_days", "2027-01-01T24:00"),
        ("2027-01-01T10:00", "1 working_days", "2027-01-04T24:00"),
        # natural days: a rest day at the end rolls over, also onto a make-up day
        ("2026-03-04T09:00", "7 natural_days", "2026-03-11T24:00"),
        ("2026-03-04T09:00", "3 natural_days", "2026-03-09T24:00"),
        ("2026-09-30T15:00", "7 natural_days", "2026-10-08T24:00"),
        ("2026-10-07T15:00", "4 natural_days", "2026-10-12T24:00"),
        ("2026-02-08T15:00", "7 natural_days", "2026-02-24T24:00"),
        ("2026-09-18T15:00", "1 natural_days", "2026-09-20T24:00"),
        ("2024-02-28T10:00", "1 natural_days", "2024-02-29T24:00"),
        ("2026-12-31T10:00", "15 natural_days", "2027-01-15T24:00"),
        # hours run on the clock
        ("2026-09-30T15:30", "24 hours", "2026-10-01T15:30"),
        ("2025-12-31T23:00", "2 hours", "2026-01-01T01:00"),
        # working hours: 08:30-12:00 and 14:00-17:30
        ("2026-03-04T09:00", "1 working_hours", "2026-03-04T10:00"),
        ("2026-03-04T11:30", "1 working_hours", "2026-03-04T14:30"),
        ("2026-03-04T12:30", "1 working_hours", "2026-03-04T15:00"),
        ("2026-03-04T10:30", "5 working_hours", "2026-03-04T17:30"),
        ("2026-03-04T17:30", "1 working_hours", "2026-03-05T09:30"),
        ("2026-03-06T17:00", "2 working_hours", "2026-03-09T10:00"),
        ("2026-09-30T15:00", "12 working_hours", "2026-10-09T11:00"),
        ("2026-03-04T08:30", "7 working_hours", "2026-03-04T17:30"),
    ],
)
def test_golden_ends(start: str, limit: str, end: str) -> None:
    day, _, hour = end.partition("T")
    if hour == "24:00":
        end = f"{date.fromisoformat(day) + timedelta(days=1)}T00:00"
    assert shown(due(instant(start), parse_limit(limit))) == end


def test_a_safety_clock_never_rolls_over() -> None:
    assert (
        shown(due(instant("2026-09-30T15:00"), Limit(1, "natural_days"), safety=True)) == "2026-10-02T00:00"
    )


def test_an_override_wins_over_the_table() -> None:
    own = Calendar({date(2026, 3, 5): (False, "台风停工"), date(2026, 3, 7): (True, "集中排查加班")})
    found = explain(instant("2026-03-04T09:00"), Limit(2, "working_days"), own)
    assert shown(found.due_at) == "2026-03-08T00:00"
    assert any("台风停工" in line for line in found.lines)


def test_the_deployments_own_data_is_read() -> None:
    assert calendar.office_calendar().office_hours[0] == (wall_time(8, 30), wall_time(12))


@pytest.mark.parametrize(
    "text",
    ["", "3", "days", "3 days", "0 hours", "-1 hours", "1.5 hours", "３ hours", "3 working days",
     "3 hours\n4", "99999 working_days", "1000000 hours", "3  hours x"],
)  # fmt: skip
def test_limits_nobody_can_count_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_limit(text)


@pytest.mark.parametrize("text", ["1 working_day", "1 working_days", " 1  working_days "])
def test_the_singular_is_a_limit_too(text: str) -> None:
    assert parse_limit(text) == Limit(1, "working_days")


def test_a_year_without_table_counts_weekends_and_says_so() -> None:
    found = explain(instant("2026-12-30T10:00"), Limit(3, "working_days"))
    assert shown(found.due_at) == "2027-01-05T00:00"
    assert "2027 年节假日安排尚未载入" in found.warnings[0]
    assert explain(instant("2026-03-04T10:00"), Limit(3, "working_days")).warnings == ()


@pytest.mark.parametrize(
    ("on", "warned"), [(date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2025, 12, 1), False)]
)
def test_from_december_the_missing_table_is_warned_of(on: date, warned: bool) -> None:
    assert bool(calendar.missing_table_warning(on)) is warned


def test_the_explanation_names_each_day_and_ends_at_the_due_instant() -> None:
    found = explain(instant("2026-09-30T15:00"), Limit(3, "working_days"))
    assert len(found.lines) == 12
    assert "不计入" in found.lines[0]
    assert "国庆节休息" in found.lines[1]
    assert "国庆节调休上班，第 3 个工作日" in found.lines[10]
    assert found.lines[11] == "2026-10-10 周六 24:00 到期"


INSTANTS = st.datetimes(
    min_value=datetime(2024, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(BEIJING)
)
LIMITS = st.one_of(
    st.builds(Limit, st.integers(1, 200), st.just("hours")),
    st.builds(Limit, st.integers(1, 60), st.sampled_from(["natural_days", "working_days"])),
    st.builds(Limit, st.integers(1, 100), st.just("working_hours")),
)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=20)), LIMITS, st.booleans())
def test_a_later_start_never_ends_earlier(
    start: datetime, wait: timedelta, limit: Limit, safety: bool
) -> None:
    assert due(start, limit, safety=safety) <= due(start + wait, limit, safety=safety)


@given(INSTANTS, LIMITS)
def test_a_limit_ends_after_it_starts_and_in_utc(start: datetime, limit: Limit) -> None:
    end = due(start, limit)
    assert end > start
    assert end.tzinfo is UTC


@given(INSTANTS, st.integers(1, 60), st.sampled_from(["working_days", "natural_days", "working_hours"]))
def test_an_office_limit_ends_on_a_working_day(start: datetime, amount: int, unit: str) -> None:
    last = beijing_date(due(start, Limit(amount, unit)) - timedelta(microseconds=1))
    assert OFFICE.is_working_day(last)


@given(INSTANTS, st.integers(1, 60))
def test_working_days_are_counted_one_by_one(start: datetime, amount: int) -> None:
    first = beijing_date(start)
    last = beijing_date(due(start, Limit(amount, "working_days")) - timedelta(microseconds=1))
    between = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    assert sum(OFFICE.is_working_day(day) for day in between) == amount


@given(
    INSTANTS,
    LIMITS,
    st.timedeltas(timedelta(0), timedelta(days=30)),
    st.timedeltas(timedelta(0), timedelta(days=30)),
)
@settings(deadline=None)
def test_a_pause_never_shortens(start: datetime, limit: Limit, before: timedelta, pause: timedelta) -> None:
    end = due(start, limit)
    assume(start + before < end)
    moved = resumed_due(end, limit, paused_at=start + before, resumed_at=start + before + pause)
    assert moved >= end


@pytest.mark.parametrize(
    ("limit", "end", "paused", "resumed", "moved"),
    [
        ("5 working_days", "2026-03-12T00:00", "2026-03-06T10:00", "2026-03-10T10:00", "2026-03-14T00:00"),
        ("5 working_days", "2026-03-12T00:00", "2026-03-06T10:00", "2026-03-06T18:00", "2026-03-12T00:00"),
        ("7 natural_days", "2026-03-12T00:00", "2026-03-06T10:00", "2026-03-09T10:00", "2026-03-17T00:00"),
        ("24 hours", "2026-03-05T09:00", "2026-03-04T10:00", "2026-03-04T12:30", "2026-03-05T11:30"),
        ("7 working_hours", "2026-03-04T17:30", "2026-03-04T10:30", "2026-03-06T09:00", "2026-03-06T16:00"),
        ("24 hours", "2026-03-05T09:00", "2026-03-05T09:00", "2026-03-09T09:00", "2026-03-05T09:00"),
        ("5 working_days", "2026-10-01T00:00", "2026-09-30T10:00", "2026-10-08T10:00", "2026-10-09T00:00"),
    ],
)
def test_what_was_left_at_the_pause_runs_on(
    limit: str, end: str, paused: str, resumed: str, moved: str
) -> None:
    found = resumed_due(
        instant(end), parse_limit(limit), paused_at=instant(paused), resumed_at=instant(resumed)
    )
    assert shown(found) == moved
