"""All clocks of a case stop and run on together; nothing is reminded of meanwhile, nothing is lost."""

from datetime import timedelta
from typing import Any

import pytest

from dispute_hub.cases import deadlines, lifecycle, services
from dispute_hub.cases.models import Case, CaseEvent, ClockPause, Deadline
from dispute_hub.common.errors import Conflict
from tests.cases.builders import a_case
from tests.cases.golden_tables import shown

GOING_ON = ("push_first.", "agreement.")


@pytest.fixture(autouse=True)
def _nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})


@pytest.fixture
def case(cast: Any, clock: Any) -> Case:
    return a_case(cast, clock.at)


def begin(case: Case, cast: Any, clock: Any, kind: str, key: str = "red", **more: Any) -> Deadline:
    holder = deadlines.Holder(post_id=cast.community_officer.post.pk)
    started = deadlines.start(case, case, kind, key=key, holder=holder, at=clock.at, **more)
    assert started is not None
    return started


def stop(case: Case, cast: Any, clock: Any) -> Any:
    return services.stop_clocks(
        case, reason="应急处置", going_on=GOING_ON, actor=cast.duty_commander, at=clock.at
    )


def test_safety_clocks_stop_too_and_dispatch_goes_on(case, cast, clock) -> None:
    sign, contact = (begin(case, cast, clock, kind) for kind in ("push_first.sign", "push_second.contact"))
    was, began = contact.due_at, clock.at
    clock.advance(seconds=30)
    stop(case, cast, clock)
    clock.advance(hours=40)
    deadlines.sweep(at=clock.at)
    told = CaseEvent.objects.filter(kind="deadline.breached")
    assert [event.subject_id for event in told] == [sign.pk]
    assert services.restart_clocks(case, actor=cast.bureau, at=clock.at) == 1
    contact.refresh_from_db()
    assert contact.due_at - was == clock.at - began - timedelta(seconds=30)
    assert (contact.first_due_at, contact.paused_at) == (was, None)
    assert contact.next_step_at is not None
    assert contact.next_step_at > clock.at


def test_a_clock_that_starts_meanwhile_has_not_begun_to_run(case, cast, clock) -> None:
    stop(case, cast, clock)
    clock.advance(hours=1)
    row = begin(case, cast, clock, "push_second.sign")
    clock.advance(hours=5)
    deadlines.sweep(at=clock.at)
    assert not CaseEvent.objects.filter(kind__in=["deadline.warned", "deadline.breached"]).exists()
    assert Deadline.objects.get(pk=row.pk).paused_at == row.starts_at
    later = begin(a_case(cast, clock.at), cast, clock, "push_second.sign")
    untold = begin(case, cast, clock, "push_second.contact", "orange")
    services.restart_clocks(case, actor=cast.bureau, at=clock.advance(hours=1))
    row.refresh_from_db()
    untold.refresh_from_db()
    assert row.due_at == clock.at + timedelta(minutes=30)
    assert untold.due_at == clock.at + timedelta(hours=24)
    assert Deadline.objects.get(pk=later.pk).paused_at is None


def test_a_clock_that_somebody_paused_stays_paused(case, cast, clock) -> None:
    row = begin(case, cast, clock, "order.verify", "normal")
    services.pause_clock(row, reason="等待鉴定", actor=cast.station_chief, at=clock.at)
    stop(case, cast, clock)
    assert services.restart_clocks(case, actor=cast.bureau, at=clock.advance(hours=30)) == 0
    assert Deadline.objects.get(pk=row.pk).paused_at is not None


def test_one_clock_alone_is_not_let_run_on(case, cast, clock) -> None:
    row = begin(case, cast, clock, "order.verify", "normal")
    stop(case, cast, clock)
    with pytest.raises(Conflict, match="应急处置"):
        services.resume_clock(row, actor=cast.station_chief, at=clock.at)


def test_clocks_stop_once(case, cast, clock) -> None:
    stop(case, cast, clock)
    with pytest.raises(Conflict):
        stop(case, cast, clock)
    services.restart_clocks(case, actor=cast.bureau, at=clock.advance(hours=1))
    assert services.restart_clocks(case, actor=cast.bureau, at=clock.at) == 0
    stop(case, cast, clock)


def test_what_was_met_meanwhile_stays_met(case, cast, clock) -> None:
    row = begin(case, cast, clock, "push_second.sign")
    stop(case, cast, clock)
    deadlines.meet(case, "push_second.sign", at=clock.advance(hours=1))
    assert services.restart_clocks(case, actor=cast.bureau, at=clock.advance(hours=1)) == 0
    row.refresh_from_db()
    assert (row.state, row.is_late) == ("met", False)
    assert not ClockPause.objects.filter(resumed_at__isnull=True).exists()


def test_a_whole_day_stopped_moves_a_day_limit_to_a_working_day(case, cast, clock) -> None:
    row = begin(case, cast, clock, "order.verify", "normal")  # Wednesday: ends on Monday, 9 March
    assert shown(row.due_at) == "2026-03-10T00:00"
    stop(case, cast, clock)
    services.restart_clocks(case, actor=cast.bureau, at=clock.advance(days=2))
    row.refresh_from_db()
    assert shown(row.due_at) == "2026-03-12T00:00"
