"""The clock table and its ladder, as the handbook tells them in section 7."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispute_hub.cases import calendar, clock_table, deadlines, quiet_hours
from dispute_hub.cases.models import Case
from dispute_hub.common import time
from tests.cases.builders import a_case

H, M = timedelta(hours=1), timedelta(minutes=1)
COLOURS = ("red", "orange", "yellow", "blue")

# handbook 7, the two tables, in minutes; None: no such clock
HANDBOOK = {
    "push_first.sign": (1, 3, 10, 30),
    "push_first.arrive": (5, 10, None, None),
    "push_first.feed_back": (120, 240, 720, 1440),
    "push_second.sign": (30, 120, 1440, 1440),
    "push_second.contact": ("until 12:00", 1440, 2880, 4320),
}
CLOCKS = [
    (kind, key, limit) for kind, row in HANDBOOK.items() for key, limit in zip(COLOURS, row, strict=True)
]


def rungs(kind: str, key: str, starts_at: datetime, due_at: datetime) -> list[tuple[str, timedelta]]:
    return [(step.code, step.at - starts_at) for step in clock_table.ladder(kind, key, starts_at, due_at)]


# The table ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "colour", "limit"), CLOCKS)
def test_the_clocks_of_a_push(cast, clock, kind: str, colour: str, limit) -> None:
    case = a_case(cast, clock.at)
    started = deadlines.start(case, case, kind, key=colour, holder=deadlines.Holder(), at=clock.at)
    if limit is None:
        assert started is None
    elif limit == "until 12:00":
        assert started.due_at == datetime(2026, 3, 4, 12, 0, tzinfo=time.BEIJING)
    else:
        assert started.due_at - clock.at == limit * M


@pytest.mark.parametrize(
    ("now", "due"),
    [("09:00", "03-04 12:00"), ("11:59", "03-04 12:00"), ("12:00", "03-05 12:00"), ("23:30", "03-05 12:00")],
)
def test_until_noon_is_the_next_noon(clock, now: str, due: str) -> None:
    starts = time.parse_instant(f"2026-03-04T{now}:00+08:00")
    got = clock_table.due_at(starts, "until 12:00", safety=True).astimezone(time.BEIJING)
    assert f"{got:%m-%d %H:%M}" == due


@pytest.mark.parametrize(
    ("kind", "key", "safety"),
    [
        ("push_first.sign", "blue", True), ("push_second.sign", "red", True),
        ("push_second.contact", "orange", True),
        ("push_second.contact", "yellow", False), ("order.accept", "extra_urgent", True),
        ("order.result", "extra_urgent", True), ("order.accept", "urgent", False),
        ("follow_up.visit", "red", True),
        ("follow_up.visit", "blue", False), ("diversion.confirm", "", True), ("close.approve", "", False),
    ],
)  # fmt: skip
def test_safety_clocks_never_sleep(kind: str, key: str, safety: bool) -> None:
    assert clock_table.is_safety(kind, key) is safety


@pytest.mark.parametrize("kind", sorted(clock_table.table()["clocks"]))
def test_every_clock_is_named_and_climbs_to_somebody(kind: str) -> None:
    assert clock_table.name_of(kind)
    [(unit, role)] = clock_table.superiors_of(kind, "breached")
    assert hasattr(Case(), f"{unit}_id")
    assert role in {"station_command", "station_chief", "bureau", "centre"}


# The ladder --------------------------------------------------------------------------------------------


def test_an_unsigned_red_repeats_every_minute_three_times_then_alarms(clock) -> None:
    assert rungs("push_first.sign", "red", clock.at, clock.at + M) == [
        ("breached", M), ("repeated", 2 * M), ("repeated", 3 * M), ("repeated", 4 * M), ("alarmed", 5 * M),
    ]  # fmt: skip


def test_an_unsigned_orange_repeats_every_three_minutes(clock) -> None:
    assert rungs("push_first.sign", "orange", clock.at, clock.at + 3 * M) == [
        ("breached", 3 * M), ("repeated", 6 * M), ("repeated", 9 * M), ("repeated", 12 * M),
        ("alarmed", 15 * M),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("within", "warned"),
    [(59 * M, []), (60 * M, [30 * M, 48 * M]), (24 * H, [12 * H, 19.2 * H])],
)
def test_warnings_at_half_and_four_fifths_of_clocks_of_an_hour_or_more(clock, within, warned) -> None:
    steps = rungs("push_second.sign", "blue", clock.at, clock.at + within)
    assert [after for code, after in steps if code == "warned"] == warned


def test_feedback_is_reminded_after_12_and_22_hours(clock) -> None:
    assert rungs("push_first.feed_back", "blue", clock.at, clock.at + 24 * H) == [
        ("warned", 12 * H), ("warned", 22 * H), ("breached", 24 * H),
        ("supervision_due", 48 * H), ("naming_due", 96 * H),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "after"),
    [
        ("push_second.contact", "red", 2), ("order.accept", "extra_urgent", 2),
        ("push_second.contact", "orange", 24), ("order.accept", "urgent", 24), ("close.approve", "", 24),
    ],
)  # fmt: skip
def test_supervision_is_proposed_sooner_for_red_and_extra_urgent(
    clock, kind: str, key: str, after: int
) -> None:
    clock.set("2026-03-02T09:00:00+08:00")  # a Monday: every rung falls on a working day
    steps = dict(rungs(kind, key, clock.at, clock.at + 24 * H))
    assert steps["supervision_due"] == (24 + after) * H
    assert steps["naming_due"] == (24 + 72) * H


# Quiet hours -------------------------------------------------------------------------------------------


def at_rungs(kind: str, key: str, start: str, due: str) -> list[tuple[str, str]]:
    first, last = (time.parse_instant(f"2026-{one}:00+08:00") for one in (start, due))
    steps = clock_table.ladder(kind, key, first, last)
    return [(step.code, f"{step.at.astimezone(time.BEIJING):%m-%d %H:%M}") for step in steps]


def test_on_a_rest_day_warnings_and_proposals_wait_for_the_next_working_morning() -> None:
    # Thursday 10:00 to Monday 24:00: half of it on Saturday, 80 % on Monday at 02:00
    assert at_rungs("order.accept", "normal", "03-05T10:00", "03-10T00:00") == [
        ("warned", "03-09 08:00"), ("warned", "03-09 08:00"), ("breached", "03-10 00:00"),
        ("supervision_due", "03-11 00:00"), ("naming_due", "03-13 00:00"),
    ]  # fmt: skip
    # Thursday 24:00 and a day is Friday 24:00, the first minute of Saturday; three days are Monday's first
    assert at_rungs("order.accept", "normal", "03-03T10:00", "03-06T00:00")[3:] == [
        ("supervision_due", "03-09 08:00"), ("naming_due", "03-09 08:00"),
    ]  # fmt: skip


def test_a_warning_that_would_wait_beyond_the_end_does_not_wait() -> None:
    assert at_rungs("push_second.contact", "yellow", "03-06T12:00", "03-08T12:00")[:3] == [
        ("warned", "03-07 12:00"), ("warned", "03-08 02:24"), ("breached", "03-08 12:00"),
    ]  # fmt: skip


def test_a_make_up_saturday_is_no_rest_day() -> None:
    # 2026-02-28 is worked for the Spring Festival
    steps = at_rungs("order.accept", "normal", "02-26T10:00", "03-03T00:00")
    assert steps[0] == ("warned", "02-28 17:00")


@pytest.mark.parametrize("key", ["red", "orange"])
def test_rungs_of_safety_clocks_never_wait(key: str) -> None:
    steps = at_rungs("push_second.contact", key, "03-06T12:00", "03-07T12:00")
    assert [at for _, at in steps][:3] == ["03-07 00:00", "03-07 07:12", "03-07 12:00"]
    assert steps[3] == ("supervision_due", "03-07 14:00" if key == "red" else "03-08 12:00")


@pytest.mark.parametrize(
    ("at", "waits", "woken"),
    [
        ("03-04T20:59", ["night"], "03-04 20:59"), ("03-04T21:00", ["night"], "03-05 08:00"),
        ("03-05T07:59", ["night"], "03-05 08:00"), ("03-05T08:00", ["night"], "03-05 08:00"),
        ("03-06T22:00", ["night"], "03-07 08:00"), ("03-06T22:00", ["night", "rest_day"], "03-09 08:00"),
        ("03-07T10:00", ["rest_day"], "03-09 08:00"), ("03-07T10:00", [], "03-07 10:00"),
        ("03-06T23:00", ["rest_day"], "03-06 23:00"), ("10-03T10:00", ["rest_day"], "10-08 08:00"),
    ],
)  # fmt: skip
def test_what_a_rung_waits_for_is_data(at: str, waits: list[str], woken: str) -> None:
    rules = {"from": "21:00", "until": "08:00", "waits": {"warned": waits}}
    instant = time.parse_instant(f"2026-{at}:00+08:00")
    got = quiet_hours.wake(instant, "warned", rules, calendar.office_calendar())
    assert f"{got.astimezone(time.BEIJING):%m-%d %H:%M}" == woken


def test_a_table_stored_before_a_release_knows_what_the_release_brought() -> None:
    known = clock_table.packaged()["clocks"]["order.accept"]
    old = {"clocks": {"order.accept": {**known, "name": "旧名"}}, "ladder": {}}
    found = clock_table.completed(old)
    assert found["clocks"]["order.accept"]["name"] == "旧名"
    assert found["clocks"]["emergency.first"]["limits"] == {"": "30 minutes"}
    assert found["ladder"]["quiet"]["until"] == "08:00"


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 1)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=40)),
    st.sampled_from([("order.accept", "normal"), ("push_second.contact", "yellow"), ("close.approve", "")]),
)
@settings(deadline=None)
def test_rungs_come_in_order_and_never_before_their_time(start: datetime, within, clock_of) -> None:
    first = start.replace(tzinfo=time.BEIJING)
    steps = clock_table.ladder(*clock_of, first, first + within)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    by_code = {step.code: step.at for step in steps}
    assert by_code["breached"] == first + within
    assert by_code["supervision_due"] >= first + within + 24 * H
    assert all(step.at >= first for step in steps)
    assert all(step.at < first + within for step in steps if step.code == "warned")
