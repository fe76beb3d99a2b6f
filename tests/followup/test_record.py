"""What follows from the answers: done by both sides, reopened by a relapse, re-assessed by a knot, closed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from followup import services
from followup.models import FollowUp
from tests.followup.conftest import both, one, visits
from triage.models import Assessment


def record(follow_up: FollowUp, answers, cast, clock, *, by=None, unreached=(), text="已问清"):
    return services.record_result(
        follow_up, answers=answers, unreached=unreached, text=text, actor=by or cast.station_command,
        at=clock.at,
    )  # fmt: skip


def kinds(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def finish(case: Case, cast, clock) -> Case:
    """Every visit of the plan finds all well."""
    for follow_up in visits(case):
        record(follow_up, both(), cast, clock, by=cast.community_officer)
    return Case.objects.get(pk=case.pk)


# Both sides -------------------------------------------------------------------------------------------------


def test_both_sides_make_it_done(settled, cast, clock) -> None:
    case = settled("orange")
    first = visits(case)[0]
    done = record(first, both(), cast, clock, by=cast.community_officer)
    assert (done.status, done.done_at, done.done_by) == ("done", clock.at, cast.community_officer.post)
    assert Deadline.objects.get(subject_kind="followup", subject_id=first.pk).state == "met"
    assert Case.objects.get(pk=case.pk).status == "settled"


@pytest.mark.parametrize("first", ["reporter", "other"])
def test_one_side_is_not_enough(settled, cast, clock, first: str) -> None:
    case = settled("yellow")
    (follow_up,) = visits(case)
    half = record(follow_up, [one(first)], cast, clock)
    assert half.status == "planned"
    assert Case.objects.get(pk=case.pk).status == "settled"
    second = "other" if first == "reporter" else "reporter"
    assert record(follow_up, [one(second)], cast, clock).status == "done"
    assert Case.objects.get(pk=case.pk).status == "closed"


def test_a_side_is_asked_once(settled, cast, clock) -> None:
    (follow_up,) = visits(settled("yellow"))
    record(follow_up, [one("reporter")], cast, clock)
    with pytest.raises(Conflict):
        record(follow_up, both(), cast, clock)


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [one("reporter"), one("reporter")],
        [one("neighbour")],
        [one("reporter", result_kept=None)],
        [one("reporter", knot=None)],
        [one("reporter", new_dispute=None)],
    ],
)
def test_what_is_no_whole_answer_is_refused(settled, cast, clock, answers) -> None:
    (follow_up,) = visits(settled("yellow"))
    with pytest.raises(Invalid):
        record(follow_up, answers, cast, clock)
    assert not follow_up.answers.exists()


def test_who_declines_answers_the_question_of_risk_alone(settled, cast, clock) -> None:
    case = settled("yellow")
    declined = services.Answers(side="other", mode="call", declined=True)
    assert record(visits(case)[0], [one("reporter"), declined], cast, clock).status == "done"
    assert Case.objects.get(pk=case.pk).status == "closed"


@pytest.mark.parametrize("said", [{"satisfaction": "very"}, {"mode": "message"}])
def test_sensitive_cases_are_neither_rated_nor_texted(settled, cast, clock, said) -> None:
    (follow_up,) = visits(settled("yellow", item="P0505", how="penalty"))
    with pytest.raises(Invalid):
        record(follow_up, both(**said), cast, clock)


def test_a_done_one_is_done(settled, cast, clock) -> None:
    follow_up = visits(settled("orange"))[0]
    record(follow_up, both(), cast, clock)
    with pytest.raises(Conflict):
        record(follow_up, both(), cast, clock)


# Bad answers ------------------------------------------------------------------------------------------------

RELAPSE = [
    {"result_kept": False}, {"new_dispute": True}, {"escalation": True}, {"agreement_performed": False},
]  # fmt: skip


@pytest.mark.parametrize("said", RELAPSE)
@pytest.mark.parametrize("sides", [["reporter"], ["other"], ["reporter", "other"]])
def test_a_relapse_reopens_at_once(settled, cast, clock, said, sides) -> None:
    case = settled("orange", how="agreement")
    record(visits(case)[0], [one(side, **said) for side in sides], cast, clock)
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.settled_at, case.settle_how) == ("tracking", None, "")
    left = visits(case)[0 if len(sides) == 1 else 1 :]
    assert {row.status for row in left} == {"waived"}
    assert not Deadline.objects.filter(case=case, state="open").exists()
    assert kinds(case).count("follow_up.answered_badly") == 1
    assert "case.closed" not in kinds(case)


def test_a_relapse_tells_triage(settled, cast, clock) -> None:
    case = settled("blue")
    record(visits(case)[0], both(result_kept=False), cast, clock)
    assert Assessment.objects.filter(case=case).count() == 1
    assert Case.objects.get(pk=case.pk).colour == "yellow"


def test_signs_of_escalation_make_it_orange(settled, cast, clock) -> None:
    case = settled("blue")
    record(visits(case)[0], [one("other", escalation=True)], cast, clock)
    assert Case.objects.get(pk=case.pk).colour == "orange"


def test_a_knot_is_assessed_without_reopening(settled, cast, clock) -> None:
    case = settled("orange")
    done = record(visits(case)[0], [one("reporter"), one("other", knot=True)], cast, clock)
    assert (done.status, done.is_bad) == ("done", True)
    assert Case.objects.get(pk=case.pk).status == "settled"
    assert Assessment.objects.filter(case=case).count() == 1
    assert [row.status for row in visits(case)[1:]] == ["planned", "planned"]


def test_a_knot_told_first_is_assessed_once(settled, cast, clock) -> None:
    case = settled("orange")
    follow_up = visits(case)[0]
    record(follow_up, [one("reporter", knot=True)], cast, clock)
    done = record(follow_up, [one("other")], cast, clock)
    assert (done.is_bad, kinds(case).count("follow_up.answered_badly")) == (True, 1)


# The end of a plan ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", ["yellow", "blue"])
def test_the_last_one_closes_by_itself(settled, cast, clock, colour: str) -> None:
    case = finish(settled(colour), cast, clock)
    assert (case.status, case.closed_at) == ("closed", clock.at)


@pytest.mark.parametrize("colour", ["red", "orange"])
def test_the_last_one_of_a_grave_case_asks_the_chief(settled, cast, clock, colour: str) -> None:
    case = finish(settled(colour), cast, clock)
    assert (case.status, case.close_proposed_at) == ("settled", clock.at)
    told = OutboxRow.objects.filter(case_id=case.pk, payload__kind="case.close_proposed").get().payload
    assert (told["unit_id"], told["role"]) == (cast.units.station.pk, "station_chief")
    cases.approve_close(case, actor=cast.station_chief, at=clock.at)
    assert Case.objects.get(pk=case.pk).status == "closed"


def test_nobody_closes_his_own_grave_case(settled, cast, clock) -> None:
    own = settled("red", by=cast.station_chief)
    with pytest.raises(NoRight):
        cases.approve_close(finish(own, cast, clock), actor=cast.station_chief, at=clock.at)


def test_no_closing_before_the_plan_is_over(settled, cast, clock) -> None:
    case = settled("red")
    record(visits(case)[0], both("visit"), cast, clock)
    with pytest.raises(Conflict):
        cases.approve_close(case, actor=cast.station_chief, at=clock.at)


def test_a_chief_may_have_the_parties_asked_again(settled, cast, clock) -> None:
    case = finish(settled("orange"), cast, clock)
    with pytest.raises(Invalid):
        services.refuse_close(case, reason=" ", actor=cast.station_chief, at=clock.at)
    case = services.refuse_close(case, reason="问清债务", actor=cast.station_chief, at=clock.at)
    assert case.close_proposed_at is None
    last = visits(case)[-1]
    assert (last.number, last.mode, last.status) == (4, "visit", "planned")
    record(last, both("visit"), cast, clock)
    assert Case.objects.get(pk=case.pk).close_proposed_at == clock.at


def test_a_waiver_needs_a_reason_and_a_chief(settled, cast, clock) -> None:
    case = settled("yellow")
    (follow_up,) = visits(case)
    with pytest.raises(Invalid):
        services.waive(follow_up, reason=" ", actor=cast.station_chief, at=clock.at)
    with pytest.raises(NoRight):
        services.waive(follow_up, reason="外出", actor=cast.community_officer, at=clock.at)
    services.waive(follow_up, reason="双方已迁走", actor=cast.station_chief, at=clock.at)
    assert (visits(case)[0].status, Case.objects.get(pk=case.pk).status) == ("waived", "closed")


def test_the_duty_leader_waives_in_the_chiefs_place(settled, cast, clock) -> None:
    cast.roster(cast.officer, "leader", clock.at, clock.at + timedelta(hours=12))
    case = settled("yellow")
    services.waive(visits(case)[0], reason="双方已迁走", actor=cast.officer, at=clock.at)
    assert CaseEvent.objects.get(case=case, kind="follow_up.waived").data["by_duty"] is True
