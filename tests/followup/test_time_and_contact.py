"""Sides that were not reached, days that pass, and how people are reached."""

from __future__ import annotations

from datetime import date

import pytest

from dispute_hub.audit.models import AccessLog
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.errors import Conflict, Invalid
from followup import services
from tests.followup.conftest import both, one, visits
from tests.followup.test_record import finish, kinds, record
from triage.models import Assessment

# Not reached ------------------------------------------------------------------------------------------------


def missed_call(follow_up, cast, clock, side="other"):
    return services.record_failed_try(
        follow_up, side=side, text="无人接听", actor=cast.station_command, at=clock.at
    )


def test_three_tries_on_three_days_make_it_a_visit(settled, cast, clock) -> None:
    follow_up = visits(settled("yellow"))[0]
    seen = []
    for _ in range(3):
        follow_up = missed_call(follow_up, cast, clock)
        seen.append((follow_up.tries, follow_up.mode))
        clock.advance(days=1)
    assert seen == [(1, "call"), (2, "call"), (3, "visit")]
    assert follow_up.status == "planned"


def test_tries_of_one_day_count_once(settled, cast, clock) -> None:
    follow_up = visits(settled("yellow"))[0]
    for _ in range(3):
        follow_up = missed_call(follow_up, cast, clock)
        clock.advance(hours=3)
    assert (follow_up.tries, follow_up.mode) == (1, "call")


def test_days_are_counted_for_each_side(settled, cast, clock) -> None:
    follow_up = visits(settled("yellow"))[0]
    for side in ("reporter", "other", "reporter"):
        follow_up = missed_call(follow_up, cast, clock, side)
        clock.advance(days=1)
    assert (follow_up.tries, follow_up.mode) == (2, "call")


def test_the_next_try_is_tomorrow(settled, cast, clock) -> None:
    assert missed_call(visits(settled("yellow"))[0], cast, clock).next_try_on == date(2026, 3, 5)


def test_one_side_reached_and_the_other_not(settled, cast, clock) -> None:
    follow_up = record(visits(settled("yellow"))[0], [one("reporter")], cast, clock, unreached=["other"])
    assert (follow_up.status, follow_up.tries, follow_up.answers.count()) == ("planned", 1, 1)


# Time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        ("2026-03-17T23:59:59+08:00", "planned"),
        ("2026-03-18T00:00:00+08:00", "due"),
        ("2026-03-18T23:59:59+08:00", "due"),
        ("2026-03-19T00:00:00+08:00", "overdue"),
    ],
)
def test_due_on_its_last_day_overdue_after_it(settled, clock, instant: str, status: str) -> None:
    case = settled("yellow")
    clock.set(instant)
    services.mark_due(at=clock.at)
    services.mark_missed(at=clock.at)
    assert visits(case)[0].status == status


def test_a_missed_one_is_told_once_and_assessed(settled, clock) -> None:
    case = settled("yellow")
    clock.advance(days=20)
    assert [services.mark_missed(at=clock.at) for _ in range(2)] == [1, 0]
    assert kinds(case).count("follow_up.missed") == 1
    assert Assessment.objects.filter(case=case).count() == 1


def test_an_overdue_one_may_still_be_done(settled, cast, clock) -> None:
    case = settled("yellow")
    clock.advance(days=20)
    services.mark_missed(at=clock.at)
    assert record(visits(case)[0], both(), cast, clock).status == "done"
    assert Case.objects.get(pk=case.pk).status == "closed"


# Contact ----------------------------------------------------------------------------------------------------


def test_a_revealed_number_leaves_a_trace_without_the_number(settled, cast, clock) -> None:
    case = settled("yellow")
    (follow_up,) = visits(case)
    party = case.parties.get(role="party")
    ask = {"party": party, "purpose": "follow_up", "actor": cast.station_command, "at": clock.at}
    assert services.reveal_phone(follow_up, **ask).value == "13800000002"
    trace = AccessLog.objects.get(kind="reveal")
    assert (trace.object_kind, trace.object_id) == ("party", str(party.pk))
    assert "13800000002" not in str(trace.data)
    with pytest.raises(Invalid):
        services.reveal_phone(follow_up, **ask | {"purpose": ""})
    finish(case, cast, clock)
    with pytest.raises(Conflict):
        services.reveal_phone(visits(case)[0], **ask)


def test_the_safe_way_of_contact_goes_with_every_visit(settled, cast, clock) -> None:
    case = settled("orange", item="P0401", how="penalty")
    told = "周二下午，打妹妹电话，说是社区"
    services.record_safe_contact(visits(case)[0], text=told, actor=cast.community_officer, at=clock.at)
    assert {row.safe_contact for row in visits(case)} == {told}
    assert told not in str(CaseEvent.objects.get(case=case, kind="follow_up.safe_contact").data)
