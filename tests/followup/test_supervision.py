"""督办 and 通报: proposed by the ladder of a late clock, decided by people of another unit."""

from __future__ import annotations

import pytest

from dispute_hub.cases import deadlines
from dispute_hub.cases.models import CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from followup import services
from followup.models import Supervision
from tests.followup.conftest import visits


@pytest.fixture
def late(settled, clock):
    """A yellow case whose only visit ended on 2026-03-19 00:00 and was not made."""
    return settled("yellow")


@pytest.fixture
def proposed(late, clock) -> Supervision:
    clock.set("2026-03-20T00:00:00+08:00")
    deadlines.sweep(at=clock.at)
    return Supervision.objects.get(kind="order")


@pytest.fixture
def issued(proposed, cast, clock) -> Supervision:
    return services.issue_supervision(proposed, demand="三日内回访", actor=cast.bureau, at=clock.at)


@pytest.fixture
def answered(issued, cast, clock) -> Supervision:
    clock.advance(hours=2)
    return services.answer_supervision(issued, text="已回访", actor=cast.station_command, at=clock.at)


def clock_states(row: Supervision) -> list[str]:
    rows = Deadline.objects.filter(kind="supervision.answer", subject_id=row.pk).order_by("id")
    return list(rows.values_list("state", flat=True))


# Proposed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "found"),
    [
        ("2026-03-19T23:59:59+08:00", []),
        ("2026-03-20T00:00:00+08:00", ["order"]),
        # 72 hours are up on Sunday: a proposal waits for the next working morning
        ("2026-03-23T07:59:59+08:00", ["order"]),
        ("2026-03-23T08:00:00+08:00", ["naming", "order"]),
    ],
)
def test_the_ladder_proposes(late, clock, instant: str, found: list[str]) -> None:
    clock.set(instant)
    deadlines.sweep(at=clock.at)
    deadlines.sweep(at=clock.at)
    assert sorted(Supervision.objects.values_list("kind", flat=True)) == found


@pytest.mark.parametrize(
    ("instant", "number"), [("2026-03-05T10:59:59+08:00", 0), ("2026-03-05T11:00:00+08:00", 1)]
)
def test_red_is_proposed_after_two_hours(settled, clock, instant: str, number: int) -> None:
    settled("red")
    clock.set(instant)
    deadlines.sweep(at=clock.at)
    assert Supervision.objects.count() == number


def test_a_done_visit_proposes_nothing(late, cast, clock) -> None:
    services.waive(visits(late)[0], reason="双方已迁走", actor=cast.station_chief, at=clock.at)
    clock.advance(days=60)
    deadlines.sweep(at=clock.at)
    assert not Supervision.objects.exists()


def test_the_bureau_hears_and_the_unit_does_not_yet(proposed, cast) -> None:
    assert (proposed.status, proposed.unit, proposed.number) == ("proposed", cast.units.station, "")
    told = OutboxRow.objects.get(payload__kind="supervision.proposed").payload
    assert (told["unit_id"], told["role"]) == (cast.units.bureau.pk, "bureau")
    assert not OutboxRow.objects.filter(payload__kind="supervision.issued").exists()


def test_where_nobody_may_answer_the_station_does(settled, cast, clock) -> None:
    settled("yellow", how="agreement", mediator=cast.mediator)
    clock.advance(days=17)
    deadlines.sweep(at=clock.at)
    assert Supervision.objects.get(kind="order").unit == cast.units.station


# Issued, answered, struck off -------------------------------------------------------------------------------


def test_an_issued_one_has_a_number_and_a_clock(issued, cast, clock) -> None:
    assert issued.status == "issued"
    assert issued.number.startswith("DB20260320")
    deadline = Deadline.objects.get(kind="supervision.answer")
    # Friday 03-20, three working days: until 24:00 of Wednesday 03-25.
    assert deadline.due_at.isoformat() == "2026-03-25T16:00:00+00:00"
    told = OutboxRow.objects.get(payload__kind="supervision.issued").payload
    assert told["unit_id"] == cast.units.station.pk


def test_a_naming_needs_no_answer(late, cast, clock) -> None:
    clock.set("2026-03-23T08:00:00+08:00")
    deadlines.sweep(at=clock.at)
    row = Supervision.objects.get(kind="naming")
    row = services.issue_supervision(row, demand="全市通报", actor=cast.bureau, at=clock.at)
    assert clock_states(row) == []
    row = services.close_supervision(row, accepted=True, text="", actor=cast.bureau, at=clock.at)
    assert row.status == "closed"


def test_struck_off(answered, cast, clock) -> None:
    assert clock_states(answered) == ["met"]
    row = services.close_supervision(answered, accepted=True, text="属实", actor=cast.bureau, at=clock.at)
    assert (row.status, row.closed_at, row.verdict) == ("closed", clock.at, "属实")
    told = CaseEvent.objects.filter(case=row.case, kind__startswith="supervision.").order_by("id")
    assert [event.kind.split(".")[1] for event in told] == ["issued", "answered", "closed"]


def test_sent_back_for_another_answer(answered, cast, clock) -> None:
    with pytest.raises(Invalid):
        services.close_supervision(answered, accepted=False, text="", actor=cast.bureau, at=clock.at)
    row = services.close_supervision(
        answered, accepted=False, text="未附记录", actor=cast.bureau, at=clock.at
    )
    assert (row.status, clock_states(row)) == ("issued", ["met", "open"])
    again = services.answer_supervision(row, text="附上记录", actor=cast.station_chief, at=clock.at)
    assert (again.status, clock_states(again)) == ("answered", ["met", "met"])


def test_closing_without_an_answer_stops_its_clock(issued, cast, clock) -> None:
    services.close_supervision(issued, accepted=True, text="已电话核实", actor=cast.bureau, at=clock.at)
    assert clock_states(issued) == ["ended"]


def test_a_proposal_may_be_dropped(proposed, cast, clock) -> None:
    with pytest.raises(Invalid):
        services.drop_supervision(proposed, text=" ", actor=cast.bureau, at=clock.at)
    row = services.drop_supervision(proposed, text="已于昨日补访", actor=cast.bureau, at=clock.at)
    assert (row.status, row.verdict) == ("dropped", "已于昨日补访")


def test_nobody_supervises_his_own_unit(proposed, cast, clock) -> None:
    with pytest.raises(NoRight):
        services.issue_supervision(proposed, demand="补访", actor=cast.station_chief, at=clock.at)
    with pytest.raises(NoRight):
        services.drop_supervision(proposed, text="不必", actor=cast.station_chief, at=clock.at)


def test_no_unit_checks_its_own_answer(answered, cast, clock) -> None:
    with pytest.raises(NoRight):
        services.close_supervision(answered, accepted=True, text="", actor=cast.station_chief, at=clock.at)


def test_only_the_supervised_unit_answers(issued, cast, clock) -> None:
    with pytest.raises(NoRight):
        services.answer_supervision(issued, text="代答", actor=cast.centre, at=clock.at)


@pytest.mark.parametrize("act", ["issue answered", "return proposed", "answer proposed", "drop issued"])
def test_what_is_out_of_order_is_refused(act: str, request, cast, clock) -> None:
    verb, state = act.split()
    row = request.getfixturevalue(state)
    calls = {
        "issue": lambda: services.issue_supervision(row, demand="再督", actor=cast.bureau, at=clock.at),
        "return": lambda: services.close_supervision(
            row, accepted=False, text="x", actor=cast.bureau, at=clock.at
        ),
        "answer": lambda: services.answer_supervision(row, text="x", actor=cast.station_command, at=clock.at),
        "drop": lambda: services.drop_supervision(row, text="x", actor=cast.bureau, at=clock.at),
    }
    with pytest.raises(Conflict):
        calls[verb]()
