"""The one clock, Beijing days, and instants as text (promises T7, T8; bad-input 22-25)."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispute_hub.common import time
from dispute_hub.common.errors import Invalid
from tests.conftest import Clock


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-01-01T08:00:00", "time_without_offset"),
        ("2026-01-01 08:00", "time_without_offset"),
        ("2026-01-01", "time_invalid"),
        ("2026-12-31T23:59:60Z", "time_invalid"),
        ("2026-12-31T24:00:00+08:00", "time_invalid"),
        ("2026-02-29T08:00:00+08:00", "time_invalid"),
        ("0001-01-01T00:00:00+08:00", "time_invalid"),
        ("1767225600", "time_invalid"),
        ("２０２６-01-01T08:00:00+08:00", "time_invalid"),
        ("2026-01-01T08:00:00+08:00\n", "time_invalid"),
        ("2026-W01-1T08:00:00+08:00", "time_invalid"),
        ("", "time_invalid"),
    ],
)
def test_instants_nobody_can_place_are_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        time.parse_instant(text)
    assert caught.value.code == code


def test_instants_come_back_in_utc() -> None:
    assert time.parse_instant("2026-09-30T15:00+08:00") == datetime(2026, 9, 30, 7, tzinfo=UTC)
    assert time.parse_instant("2026-09-30T07:00:00.5Z").microsecond == 500_000


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_every_instant_survives_its_writing_and_lies_in_its_beijing_day(at: datetime) -> None:
    assert time.parse_instant(at.isoformat()) == at
    assert time.parse_instant(at.astimezone(time.BEIJING).isoformat(timespec="microseconds")) == at
    start, end = time.day_bounds(time.beijing_date(at))
    assert start <= at < end


def test_the_day_turns_at_midnight_in_beijing() -> None:
    assert time.beijing_date(datetime(2026, 1, 1, 15, 59, 59, tzinfo=UTC)) == date(2026, 1, 1)
    assert time.beijing_date(datetime(2026, 1, 1, 16, tzinfo=UTC)) == date(2026, 1, 2)


def test_an_instant_without_offset_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="offset"):
        time.beijing_date(datetime(2026, 1, 1))


def test_a_stopped_clock_moves_only_when_told(clock: Clock) -> None:
    before = time.now()
    assert time.now() == before
    assert clock.advance(hours=2) == before + timedelta(hours=2)


def test_the_clock_file_fixes_or_shifts_the_clock(tmp_path: Path, settings: object) -> None:
    file = tmp_path / "clock"
    settings.HUB_CLOCK_FILE = str(file)  # type: ignore[attr-defined]
    file.write_text("2026-03-04T09:00:00+08:00\n")
    assert time.now() == datetime(2026, 3, 4, 1, tzinfo=UTC)
    file.write_text("+86400")
    ahead = time.now() - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < ahead <= timedelta(days=1)


@pytest.mark.django_db
def test_a_node_ten_minutes_wrong_is_put_right_by_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    real = time._node.time
    monkeypatch.setattr(time._node, "time", lambda: real() - 600)
    try:
        offset = time.measure_offset(connection)
        assert timedelta(seconds=595) < offset < timedelta(seconds=605)
        assert time.clock_offset() == offset
        assert abs(time.now() - (datetime.now(UTC) + offset)) < timedelta(seconds=1)
    finally:
        monkeypatch.undo()
        time.reset()


def test_without_a_database_the_clock_still_runs() -> None:
    time.reset()
    assert abs(time.now() - datetime.now(UTC)) < timedelta(seconds=5)
