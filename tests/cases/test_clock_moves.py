"""Pauses, extensions and what they do to a clock: both dates kept, each step traced."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.cases import deadlines, lifecycle, services
from dispute_hub.cases.models import CaseEvent, ClockExtension, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from tests.cases.builders import a_case
from tests.cases.golden_tables import instant, shown


@pytest.fixture(autouse=True)
def _nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})


@pytest.fixture
def row(cast: Any, clock: Any) -> Deadline:
    """三推审批 of 平急: one working day from Wednesday 2026-03-04 09:00, and 办理结果反馈 of 30 days."""
    return begin(cast, clock)


def begin(cast: Any, clock: Any, kind: str = "agreement.confirm", key: str = "", **more: Any) -> Deadline:
    case = a_case(cast, clock.at)
    holder = deadlines.Holder(post_id=cast.community_officer.post.pk)
    started = deadlines.start(case, case, kind, key=key, holder=holder, at=clock.at, **more)
    assert started is not None
    return started


def fresh(row: Deadline) -> Deadline:
    return Deadline.objects.get(pk=row.pk)


def kinds() -> list[str]:
    return list(
        CaseEvent.objects.filter(kind__startswith="deadline").order_by("id").values_list("kind", flat=True)
    )


def at_(clock: Any, text: str) -> datetime:
    return clock.set(instant(text))


def paused(row: Deadline, cast: Any, clock: Any, start: str, end: str) -> Deadline:
    services.pause_clock(row, reason="等待鉴定", actor=cast.station_chief, at=at_(clock, start))
    return services.resume_clock(row, actor=cast.station_chief, at=at_(clock, end))


def ask(row: Deadline, cast: Any, clock: Any, day: str, **more: Any) -> ClockExtension:
    given = {"actor": cast.community_officer, "reason": "当事人外出"} | more
    return services.ask_clock_extension(row, until_on=date.fromisoformat(day), at=clock.at, **given)


def decide(
    asked: ClockExtension, cast: Any, clock: Any, approved: bool = True, **more: Any
) -> ClockExtension:
    given = {"actor": cast.station_chief, "text": ""} | more
    return services.decide_clock_extension(asked, approved=approved, at=clock.at, **given)


# Pauses ------------------------------------------------------------------------------------------------


def test_a_pause_moves_the_date_and_keeps_both(row, cast, clock) -> None:
    assert shown(row.due_at) == "2026-04-04T00:00"  # 30 days from 4 March: 3 April, a Friday
    moved = paused(row, cast, clock, "2026-03-10T10:00", "2026-03-20T10:00")
    # ten days later is 13 April, a Monday
    assert shown(moved.due_at) == "2026-04-14T00:00"
    assert shown(moved.first_due_at) == "2026-04-04T00:00"
    assert kinds() == ["deadline.paused", "deadline.resumed"]
    assert CaseEvent.objects.get(kind="deadline.resumed").data["was_due_at"] == row.due_at.isoformat()


def test_a_pause_over_a_holiday_ends_on_a_working_day(row, cast, clock) -> None:
    # 3 April + 2 days paused is 5 April, in 清明节: the next working day is Tuesday, 7 April
    assert (
        shown(paused(row, cast, clock, "2026-03-10T10:00", "2026-03-12T10:00").due_at) == "2026-04-08T00:00"
    )


def test_nobody_is_reminded_while_a_clock_is_paused(row, cast, clock) -> None:
    services.pause_clock(row, reason="等待鉴定", actor=cast.station_chief, at=at_(clock, "2026-03-10T10:00"))
    at_(clock, "2026-06-01T10:00")
    assert deadlines.sweep(at=clock.at) == 0
    services.resume_clock(row, actor=cast.station_chief, at=clock.at)
    assert fresh(row).due_at > clock.at
    assert fresh(row).next_step_at > clock.at


def test_pauses_add_up(row, cast, clock) -> None:
    paused(row, cast, clock, "2026-03-10T10:00", "2026-03-12T10:00")
    # 3 April + 4 days is 7 April itself
    assert (
        shown(paused(row, cast, clock, "2026-03-17T10:00", "2026-03-19T10:00").due_at) == "2026-04-08T00:00"
    )
    assert shown(fresh(row).first_due_at) == "2026-04-04T00:00"


def test_an_agreed_day_moves_by_the_days_paused(cast, clock) -> None:
    row = begin(cast, clock, "performance.due", due_at=instant("2026-03-20T24:00"))
    assert (
        shown(paused(row, cast, clock, "2026-03-10T10:00", "2026-03-13T10:00").due_at) == "2026-03-24T00:00"
    )


def test_a_safety_clock_is_never_paused_or_extended(cast, clock) -> None:
    row = begin(cast, clock, "push_first.feed_back", "blue")
    with pytest.raises(Conflict, match="安全时限"):
        services.pause_clock(row, reason="夜间", actor=cast.station_chief, at=clock.at)
    with pytest.raises(Conflict, match="安全时限"):
        ask(row, cast, clock, "2026-03-20")


@pytest.mark.parametrize("who", ["officer", "community_officer", "station_command", "centre", "leader"])
def test_only_leaders_pause(row, cast, clock, who: str) -> None:
    with pytest.raises(NoRight):
        services.pause_clock(row, reason="等待鉴定", actor=getattr(cast, who), at=clock.at)
    assert fresh(row).paused_at is None


def test_a_clock_pauses_once_for_a_reason_and_resumes_once(row, cast, clock) -> None:
    chief = cast.station_chief
    with pytest.raises(Invalid):
        services.pause_clock(row, reason=" ", actor=chief, at=clock.at)
    with pytest.raises(Conflict, match="没有在暂停"):
        services.resume_clock(row, actor=chief, at=clock.at)
    services.pause_clock(row, reason="等待鉴定", actor=chief, at=clock.at)
    with pytest.raises(Conflict, match="已在暂停"):
        services.pause_clock(row, reason="等待鉴定", actor=chief, at=clock.at)
    deadlines.meet(row.case, row.kind, at=clock.at)
    with pytest.raises(Conflict, match="已结束"):
        services.resume_clock(row, actor=chief, at=clock.at)


# Extensions --------------------------------------------------------------------------------------------


def test_an_approved_extension_moves_the_date_and_keeps_both(row, cast, clock) -> None:
    asked = ask(row, cast, clock, "2026-04-20")
    assert shown(fresh(row).due_at) == "2026-04-04T00:00"
    decide(asked, cast, clock)
    moved = fresh(row)
    assert (shown(moved.due_at), shown(moved.first_due_at)) == ("2026-04-21T00:00", "2026-04-04T00:00")
    assert kinds() == ["deadline.extension_asked", "deadline.extended"]


def test_a_day_in_a_holiday_is_extended_to_the_next_working_day(row, cast, clock) -> None:
    assert shown(ask(row, cast, clock, "2026-05-02").until_at) == "2026-05-07T00:00"


def test_a_refused_extension_moves_nothing_and_says_why(row, cast, clock) -> None:
    asked = ask(row, cast, clock, "2026-04-20")
    with pytest.raises(Invalid):
        decide(asked, cast, clock, approved=False)
    decide(asked, cast, clock, approved=False, text="可按期办结")
    assert fresh(row).due_at == row.due_at
    assert fresh(row).first_due_at is None


def test_two_extensions_and_no_third_whatever_was_refused_or_paused(row, cast, clock) -> None:
    decide(ask(row, cast, clock, "2026-04-20"), cast, clock, approved=False, text="再议")
    paused(row, cast, clock, "2026-03-05T10:00", "2026-03-06T10:00")
    for day in ("2026-04-20", "2026-04-27"):
        decide(ask(row, cast, clock, day), cast, clock)
    with pytest.raises(Conflict, match="已延期两次"):
        ask(row, cast, clock, "2026-05-20")


def test_one_request_at_a_time_for_a_later_day_by_who_holds_the_clock(row, cast, clock) -> None:
    with pytest.raises(Invalid):
        ask(row, cast, clock, "2026-04-03")
    with pytest.raises(NoRight):
        ask(row, cast, clock, "2026-04-20", actor=cast.station_command)
    ask(row, cast, clock, "2026-04-20")
    with pytest.raises(Conflict, match="待审批"):
        ask(row, cast, clock, "2026-04-21")


def test_nobody_approves_his_own_extension_not_even_in_the_table(cast, clock) -> None:
    case = a_case(cast, clock.at)
    holder = deadlines.Holder(unit_id=cast.station_chief.post.unit_id, role="station_chief")
    row = deadlines.start(case, case, "agreement.confirm", key="", holder=holder, at=clock.at)
    asked = ask(row, cast, clock, "2026-04-20", actor=cast.station_chief)
    with pytest.raises(NoRight):
        decide(asked, cast, clock)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockExtension.objects.filter(pk=asked.pk).update(approver_user=cast.station_chief.user)
    decide(asked, cast, clock, actor=cast.bureau)
    with pytest.raises(Conflict, match="已审批"):
        decide(asked, cast, clock, actor=cast.bureau)


def test_a_breached_clock_that_is_extended_is_breached_again_only_at_its_new_end(row, cast, clock) -> None:
    asked = ask(row, cast, clock, "2026-04-20")
    clock.set(row.due_at + timedelta(hours=1))
    deadlines.sweep(at=clock.at)
    decide(asked, cast, clock)
    assert deadlines.sweep(at=clock.at) == 0
    clock.set(fresh(row).due_at)
    deadlines.sweep(at=clock.at)
    assert kinds().count("deadline.breached") == 2
