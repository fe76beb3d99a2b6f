"""Limits as the law counts and the office works: golden tables 2024-2027, and properties (promise T9)."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispute_hub.cases import calendar
from dispute_hub.cases.calendar import Calendar, Limit, Pause, due, explain, parse_limit
from dispute_hub.common.errors import Invalid
from dispute_hub.common.time import BEIJING, beijing_date
from tests.cases.golden_tables import instant, make_up_days, pauses, rest_days, rows, shown

OFFICE = Calendar()


MAKE_UP_DAYS = make_up_days()
REST_DAYS = rest_days()


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


@pytest.mark.parametrize("day", sorted(REST_DAYS), ids=str)
def test_every_day_of_a_holiday_block_is_a_rest_day(day: date) -> None:
    worked, reason = OFFICE.explain_day(day)
    assert not worked
    assert reason.endswith("休息")


def test_every_other_day_is_worked_but_for_weekends() -> None:
    days = (date(2024, 1, 1) + timedelta(days=number) for number in range(4 * 365 + 1))
    wrong = [
        str(day)
        for day in days
        if OFFICE.is_working_day(day) != (day.weekday() < 5 and day not in REST_DAYS)
        and str(day) not in MAKE_UP_DAYS
    ]
    assert wrong == []


@pytest.mark.parametrize("row", rows("dues"), ids=lambda row: f"{row['start']}+{row['limit']}")
def test_golden_ends(row: dict[str, str]) -> None:
    end = due(instant(row["start"]), parse_limit(row["limit"]), safety=bool(row["safety"]))
    assert shown(end) == shown(instant(row["due"]))


@pytest.mark.parametrize("row", rows("pauses"), ids=lambda row: f"{row['start']}+{row['limit']}")
def test_golden_pauses(row: dict[str, str]) -> None:
    end = due(
        instant(row["start"]),
        parse_limit(row["limit"]),
        safety=bool(row["safety"]),
        pauses=pauses(row["pauses"]),
    )
    assert shown(end) == shown(instant(row["due"]))


def test_the_golden_tables_meet_every_make_up_day_and_every_holiday_block() -> None:
    ends = {row["due"][:10] for row in rows("dues")}
    assert set(MAKE_UP_DAYS) <= ends
    starts = [(row["start"][:10], row["due"][:10]) for row in rows("dues")]
    for block in rows("days"):
        assert any(start <= block["first"] and block["last"] < end for start, end in starts), block


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


PAUSES = st.lists(
    st.tuples(
        st.timedeltas(timedelta(0), timedelta(days=40)), st.timedeltas(timedelta(0), timedelta(days=20))
    ),
    max_size=3,
)


def paused(start: datetime, spans: list[tuple[timedelta, timedelta]]) -> list[Pause]:
    """One after the other, as a clock is paused."""
    found, at = [], start
    for wait, within in spans:
        found.append(Pause(at + wait, at + wait + within))
        at = found[-1].resumed_at
    return found


@given(INSTANTS, LIMITS, PAUSES, st.booleans())
@settings(deadline=None)
def test_a_pause_never_shortens(start: datetime, limit: Limit, spans: list, safety: bool) -> None:
    every = paused(start, spans)
    ends = [due(start, limit, safety=safety, pauses=every[:number]) for number in range(len(every) + 1)]
    assert ends == sorted(ends)


@given(INSTANTS, st.integers(1, 40), st.sampled_from(["working_days", "natural_days"]), PAUSES)
@settings(deadline=None)
def test_a_paused_office_limit_ends_on_a_working_day(
    start: datetime, amount: int, unit: str, spans: list
) -> None:
    end = due(start, Limit(amount, unit), pauses=paused(start, spans))
    assert OFFICE.is_working_day(beijing_date(end - timedelta(microseconds=1)))


@given(INSTANTS, st.integers(1, 100), PAUSES)
def test_hours_lose_exactly_the_time_paused(start: datetime, hours: int, spans: list) -> None:
    every = paused(start, spans)
    end = due(start, Limit(hours, "hours"), pauses=every)
    stood = sum((min(one.resumed_at, end) - min(one.paused_at, end) for one in every), timedelta())
    assert end - start - stood == timedelta(hours=hours)


@given(INSTANTS, LIMITS, st.booleans())
def test_the_last_line_of_the_reason_is_the_end(start: datetime, limit: Limit, safety: bool) -> None:
    found = explain(start, limit, safety=safety)
    last = found.due_at.astimezone(BEIJING)
    day = (
        last.date() - timedelta(days=1)
        if f"{last:%H:%M}" == "00:00" and "days" in limit.unit
        else last.date()
    )
    assert found.lines[-1].startswith(day.isoformat())
    assert found.lines[-1].endswith("到期")


@pytest.mark.parametrize(
    ("day", "safety", "end"),
    [("2026-10-03", False, "2026-10-08T24:00"), ("2026-10-03", True, "2026-10-03T24:00"),
     ("2026-10-10", False, "2026-10-10T24:00"), ("2026-10-11", False, "2026-10-12T24:00")],
)  # fmt: skip
def test_an_agreed_last_day_goes_on_to_the_next_working_day(day: str, safety: bool, end: str) -> None:
    assert calendar.last_day_end(date.fromisoformat(day), safety=safety) == instant(end)


def test_a_pause_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError):
        Pause(instant("2026-03-05T10:00"), instant("2026-03-04T10:00"))
