"""The clock table and its ladder, as the handbook tells them in section 7."""

from datetime import datetime, timedelta

import pytest

from dispute_hub.cases import clock_table, deadlines
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
    steps = dict(rungs(kind, key, clock.at, clock.at + 24 * H))
    assert steps["supervision_due"] == (24 + after) * H
    assert steps["naming_due"] == (24 + 72) * H
