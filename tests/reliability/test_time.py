"""T5, T7-T9: beat dead, node clock wrong, time zones, working days."""

from __future__ import annotations

import json
import time as node
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispute_hub import tasks
from dispute_hub.cases import calendar, clock_recount, deadlines, in_force, lifecycle, services
from dispute_hub.cases.models import CaseEvent, Deadline
from dispute_hub.common import time
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import Heartbeat, OutboxRow
from dispute_hub.outbox.services import _beats
from intake.models import Quarantine
from tests.cases import golden_tables
from tests.cases.builders import a_case
from tests.intake.conftest import body, sender, source  # noqa: F401 - fixtures
from tests.reliability import profile
from tests.reliability.clocks import open_clocks

M = timedelta(minutes=1)
INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
MANY = settings(
    max_examples=profile.current().examples, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


# T5 beat dead ---------------------------------------------------------------------------------------------


@pytest.mark.reliability
def test_t5_both_beats_dead_is_seen_and_the_clocks_fire(scene, figure) -> None:
    stage = scene.stage
    up_at = time.now()
    while not consumed_since(up_at):
        node.sleep(0.5)
    stage.hold("beat-a", "beat-b")
    node.sleep(2)
    row = open_clocks(scene.cast, 3, 3, over=M, at=time.now() - 10 * M)
    stage.advance(125)  # longer than three canaries, and than a fresh start is given
    health = httpx.get(f"{stage.url}/healthz/deep", timeout=10, trust_env=False).json()
    began = node.monotonic()
    due = Deadline.objects.filter(kind=row.kind, state="open", due_at__lt=time.now(), fired_at=None)
    while due.exists() and node.monotonic() - began < 90:
        node.sleep(0.5)
    figure("T5", "/healthz/deep of a beat silent for 125 s", health["checks"]["beat"]["status"], "down")
    figure("T5", "sweeps by the workers' own timer", f"{node.monotonic() - began:.0f} s", "≤ 60 s")
    assert health["checks"]["beat"]["status"] == "down"
    assert not due.exists()


def consumed_since(at: datetime) -> bool:
    """Whether both workers were seen: a worker that starts sends canaries of its own."""
    seen = Heartbeat.objects.filter(part__in=["queue:heavy", "queue:platform"], seen_at__gt=at)
    return seen.count() == 2


def stood_in(monkeypatch: pytest.MonkeyPatch, at: datetime, silent: float) -> set[str]:
    """What a worker sends when beat was last seen so many seconds ago."""
    sent: set[str] = set()
    outbox.beat("beat", at=at - timedelta(seconds=silent))
    monkeypatch.setattr(tasks.current_app, "send_task", lambda name, **said: sent.add(name))
    tasks.stand_in()
    return sent


@pytest.mark.parametrize(("silent", "acts"), [(90, False), (91, True)])
def test_t5_workers_sweep_only_while_beat_is_silent(
    db, clock, monkeypatch, silent: float, acts: bool
) -> None:
    sent = stood_in(monkeypatch, clock.at, silent)
    assert bool(sent) is acts
    wanted = {"dispute_hub.cases.tasks.sweep_deadlines", "dispute_hub.outbox.tasks.sweep"}
    assert wanted <= sent or not acts
    assert "dispute_hub.tasks.send_canaries" not in sent, "beat's own sign of life"


def test_t5_what_goes_by_the_clock_is_sent_once_each_time_it_names(db, clock, monkeypatch) -> None:
    clock.set(datetime(2026, 3, 4, 1, 0, tzinfo=UTC))  # 09:00 in Beijing
    outbox.beat("beat", at=clock.at)
    sent: list[str] = []
    monkeypatch.setattr(tasks.current_app, "send_task", lambda name, **said: sent.append(name))
    for minute in range(2, 62):
        clock.set(datetime(2026, 3, 4, 1, 0, tzinfo=UTC) + minute * M)
        tasks.stand_in()
    assert sent.count("mediation.tasks.lapse_confirmations") == 1, "hourly, at twenty past"
    assert sent.count("routing.tasks.issue_sheets") == 12
    assert "reports.tasks.recount" not in sent, "at ten past three"


def test_t5_the_system_administrators_are_told_once_an_outage(cast, clock, monkeypatch) -> None:
    told = OutboxRow.objects.filter(payload__kind="beat.silent")
    for outage in (1, 2):
        stood_in(monkeypatch, clock.at, 120)
        tasks.stand_in()
        assert told.count() == outage
        clock.advance(hours=1)


@pytest.mark.sabotage
def test_t5_turns_red(db, clock, monkeypatch) -> None:
    monkeypatch.setattr(_beats, "BEAT_SILENT_AFTER", timedelta(days=999))
    assert stood_in(monkeypatch, clock.at, 3600) == set()


# T7 a node's clock that is wrong ------------------------------------------------------------------------


@pytest.fixture
def skewed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[timedelta]:
    """This node's clock goes wrong by the parameter's minutes; the database's does not."""
    skew = timedelta(minutes=request.param)

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + skew

    clock = SimpleNamespace(time=lambda: node.time() + skew.total_seconds(), monotonic=node.monotonic)
    time.reset()
    monkeypatch.setattr(time, "datetime", Wrong)
    monkeypatch.setattr(time, "_node", clock)
    yield skew
    monkeypatch.undo()
    time.reset()


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("skewed", [-10, 10], indirect=True)
def test_t7_the_databases_clock_decides(skewed: timedelta, figure) -> None:
    error = abs((time.now() - database_now()).total_seconds())
    figure("T7", f"node clock wrong by {skewed}: error of our instant", f"{error * 1000:.0f} ms", "< 1 s")
    assert error < 1
    assert abs(time.clock_offset() + skewed) < timedelta(seconds=1)


@pytest.mark.parametrize("skewed", [10], indirect=True)
def test_t7_the_drift_is_told(skewed: timedelta, client) -> None:
    time.now()
    checks = client.get("/healthz/deep").json()["checks"]
    assert checks["clock"]["status"] == "degraded"


@pytest.mark.sabotage
@pytest.mark.parametrize("skewed", [10], indirect=True)
def test_t7_turns_red(skewed: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "measure_offset", lambda connection: timedelta(0))
    assert abs((time.now() - database_now()).total_seconds()) > 500


@pytest.mark.parametrize(("seconds", "status"), [(0, 201), (299, 201), (-299, 201), (301, 401), (-301, 401)])
def test_t7_signed_messages_out_of_time_are_refused_and_logged(
    sender,  # noqa: F811
    clock,
    caplog,
    seconds: int,
    status: int,
) -> None:
    stamp = str(int(clock.at.timestamp()) + seconds)
    assert sender.raw(json.dumps(body()).encode(), timestamp=stamp).status_code == status
    assert ("compare clocks" in caplog.text) is (status == 401)


# T8 time zones --------------------------------------------------------------------------------------------


@MANY
@given(at=INSTANTS)
def test_t8_an_instant_goes_out_and_comes_back(at: datetime) -> None:
    shown = at.astimezone(time.BEIJING)
    assert time.parse_instant(at.isoformat()) == at
    if shown.utcoffset().total_seconds() % 60 == 0:
        assert time.parse_instant(shown.isoformat()) == at


def days_are_cut_in_beijing(at: datetime) -> None:
    start, end = time.day_bounds(time.beijing_date(at))
    assert start <= at < end
    assert (start.astimezone(time.BEIJING).hour, end.astimezone(time.BEIJING).minute) == (0, 0)
    assert start.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M") == "00:00"
    assert time.day_bounds(time.beijing_date(end))[0] == end


@MANY
@given(at=INSTANTS)
def test_t8_days_are_cut_at_midnight_in_beijing(at: datetime) -> None:
    days_are_cut_in_beijing(at)


def test_t8_the_database_keeps_the_instant(db, hardness, figure) -> None:
    """One statement: through the driver, the server, and back."""
    chance = profile.schedule()
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    sent = [epoch + timedelta(microseconds=chance.randrange(4 * 10**15)) for _ in range(hardness.examples)]
    sent += [datetime(2026, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%s::timestamptz[])", [[at.astimezone(time.BEIJING) for at in sent]])
        found = [row[0] for row in cursor.fetchall()]
    unequal = sum(one != other for one, other in zip(found, sent, strict=True))
    figure("T8", f"of {len(sent)} instants unequal after the round trip", unequal, "0")
    assert found == sent


def test_t8_a_machine_must_say_its_offset(sender) -> None:  # noqa: F811
    answer = sender.send(received_at="2026-03-04T09:00:00")
    assert answer.status_code == 202
    assert "缺少时区" in str(Quarantine.objects.get().reasons)


@pytest.mark.sabotage
def test_t8_turns_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "BEIJING", UTC)
    with pytest.raises(AssertionError):
        days_are_cut_in_beijing(datetime(2026, 3, 4, 17, tzinfo=UTC))


# T9 working days ------------------------------------------------------------------------------------------


def wrongly_reckoned() -> tuple[int, int]:
    """Rows of the golden table (2024 to 2027) that the engine reckons otherwise, and all of them."""
    rows = golden_tables.rows("dues")
    wrong = 0
    for row in rows:
        start, limit = golden_tables.instant(row["start"]), calendar.parse_limit(row["limit"])
        end = calendar.due(start, limit, safety=bool(row["safety"]))
        wrong += golden_tables.shown(end) != golden_tables.shown(golden_tables.instant(row["due"]))
    return wrong, len(rows)


def test_t9_golden_ends(figure) -> None:
    wrong, number = wrongly_reckoned()
    figure("T9", f"of {number} golden ends of 2024 to 2027 reckoned otherwise", wrong, "0")
    assert wrong == 0


@pytest.mark.sabotage
def test_t9_turns_red(monkeypatch: pytest.MonkeyPatch) -> None:
    """A calendar of weekends alone: no make-up days, no holidays."""
    office = type(calendar.office_calendar())
    monkeypatch.setattr(office, "is_working_day", lambda self, day: day.weekday() < 5)
    assert wrongly_reckoned()[0] > 0


def holiday(cast: Any, clock: Any) -> Deadline:
    """A clock of three working days, and a rest day that is put into them afterwards."""
    case = a_case(cast, clock.at)
    holder = deadlines.Holder(unit_id=case.station_id, role="centre")
    row = deadlines.start(case, case, "order.accept", key="normal", holder=holder, at=clock.at)
    assert row is not None
    return row


def change(cast: Any, clock: Any, day: date) -> None:
    services.change_calendar(
        day, day, worked=False, reason="临时放假", document_no="永政办〔2026〕1号",
        actor=cast.system_admin, at=clock.at,
    )  # fmt: skip
    in_force.reload()
    clock.advance(minutes=1)


def test_t9_a_change_recounts_open_clocks_once_and_logs_it(cast, clock, figure, monkeypatch) -> None:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})
    row = holiday(cast, clock)
    change(cast, clock, time.beijing_date(clock.at) + timedelta(days=1))
    for _ in range(6):
        clock_recount.run_slice(at=clock.at)
    logged = CaseEvent.objects.filter(kind="deadline.recounted", subject_id=row.pk).count()
    moved = Deadline.objects.get(pk=row.pk).due_at
    figure("T9", "events of an open clock that a day off moved, two recounts", logged, "1")
    assert (moved > row.due_at, logged) == (True, 1)


@pytest.mark.parametrize(("at", "told"), [("2026-11-30T23:59:00+08:00", 0), ("2026-12-01T00:00:00+08:00", 1)])
def test_t9_next_years_missing_table_is_told_from_december(cast, clock, at: str, told: int) -> None:
    clock.set(at)
    services.warn_of_missing_table(at=clock.at)
    services.warn_of_missing_table(at=clock.at)
    assert OutboxRow.objects.filter(payload__kind="calendar.missing").count() == told
