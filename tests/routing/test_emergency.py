"""应急处置: offered by rule, set and ended by the duty commanders, commanded by a named person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.accounts.models import DutyRoster
from dispute_hub.cases import deadlines
from dispute_hub.cases.models import Case, CaseEvent, CaseGrant, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from dispute_hub.outbox.models import OutboxRow
from routing import selectors, services
from routing.models import Emergency
from tests.routing.conftest import CALM

WAGES = "四十余名工人聚集在工地大门口讨要工资，情绪激动。"
BLOCKED = "十五名村民用车辆堵住厂区大门，要求赔偿，货车无法进出。"
FEW = "六名工人在工地门口讨要工资。"
INSTRUCTION = "请派两名工作人员到象珠一村工地大门，向现场指挥报到。联系13812345678。"


@pytest.fixture
def crowd(call: Any) -> Case:
    return Case.objects.get(pk=call(WAGES).case_id)


def command(cast: Any, **parts: Any) -> services.Command:
    given = {
        "commander": cast.station_chief.post, "people": 42, "instruction": INSTRUCTION,
        "lead_unit": cast.units.department,
    }  # fmt: skip
    return services.Command(**(given | parts))


def begin(case: Case, cast: Any, clock: Any, **parts: Any) -> Emergency:
    actor = parts.pop("actor", cast.duty_commander)
    return services.begin_emergency(case, command(cast, **parts), actor=actor, at=clock.at)


def report(row: Emergency, cast: Any, clock: Any, text: str = "现场稳定，正在劝离。", **more: Any) -> Any:
    actor = more.pop("actor", cast.station_chief)
    told = {"people": 40, "expected": "", **more}
    return services.report_emergency(row, text=text, actor=actor, at=clock.at, **told)


def end(row: Emergency, cast: Any, clock: Any, actor: Any = None) -> Emergency:
    text = "人员已劝离，由人社部门约谈。"
    return services.end_emergency(row, text=text, actor=actor or cast.bureau, at=clock.at)


def running(row: Emergency) -> dict[str, Any]:
    rows = Deadline.objects.filter(subject_kind="emergency", subject_id=row.pk, state="open")
    return {one.kind: one.due_at for one in rows}


def told(kind: str) -> list[dict]:
    rows = OutboxRow.objects.filter(topic="notice", payload__kind=kind).order_by("id")
    return [row.payload for row in rows]


def kinds(case: Case) -> list[str]:
    rows = CaseEvent.objects.filter(case=case, kind__startswith="emergency.").order_by("id")
    return list(rows.values_list("kind", flat=True))


# When it is offered --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("narrative", "ground"), [(WAGES, "crowd"), (BLOCKED, "blocked"), (FEW, ""), (CALM, "")]
)
def test_it_is_offered_by_the_number_of_people(call: Any, narrative: str, ground: str) -> None:
    case = Case.objects.get(pk=call(narrative).case_id)
    assert selectors.emergencies.offer_of(case) == ground
    assert bool(told("emergency.offered")) is bool(ground)


def test_both_duty_commanders_are_told_once(call: Any, cast: Any) -> None:
    call(WAGES)
    call(WAGES)
    assert [(one["unit_id"], one["post_id"], one["urgency"]) for one in told("emergency.offered")] == [
        (cast.units.reception.pk, None, "alarm"),
        (None, cast.bureau.post.pk, "alarm"),
    ]


@pytest.mark.parametrize(
    ("people", "is_blocked", "ground"),
    [(30, False, "crowd"), (29, False, ""), (10, True, "blocked"), (9, True, ""), (29, True, "blocked")],
)
def test_whoever_sets_it_states_who_is_there(
    crowd: Case, cast: Any, clock: Any, people: int, is_blocked: bool, ground: str
) -> None:
    if ground:
        assert begin(crowd, cast, clock, people=people, is_blocked=is_blocked).ground == ground
        return
    with pytest.raises(Invalid) as refused:
        begin(crowd, cast, clock, people=people, is_blocked=is_blocked)
    assert "30人以上" in refused.value.fields["people"][0]


# Who sets it, and who then knows --------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["duty_commander", "bureau"])
def test_the_110_and_the_bureau_set_it(crowd: Case, cast: Any, clock: Any, who: str) -> None:
    assert begin(crowd, cast, clock, actor=getattr(cast, who)).is_running


@pytest.mark.parametrize(
    "who", ["dispatcher", "officer", "station_command", "station_chief", "centre", "leader"]
)
def test_nobody_else_sets_or_ends_it(crowd: Case, cast: Any, clock: Any, who: str) -> None:
    actor = getattr(cast, who)
    with pytest.raises(NoRight):
        begin(crowd, cast, clock, actor=actor)
    row = begin(crowd, cast, clock)
    with pytest.raises(NoRight):
        end(row, cast, clock, actor=actor)
    with pytest.raises(NoRight):
        services.change_commander(row, commander=cast.officer.post, reason="轮换", actor=actor, at=clock.at)


def test_a_named_person_of_the_police_commands_and_holds_the_case(crowd: Case, cast: Any, clock: Any) -> None:
    row = begin(crowd, cast, clock)
    crowd.refresh_from_db()
    assert (crowd.holder_post_id, crowd.holder_unit_id) == (row.commander_id, cast.units.station.pk)
    for outsider in ("centre", "other_station_chief", "department"):
        with pytest.raises(Invalid) as refused:
            services.change_commander(
                row, commander=getattr(cast, outsider).post, reason="x", actor=cast.bureau, at=clock.at
            )
        assert "commander" in refused.value.fields


def test_bureau_street_and_lead_department_are_called_without_personal_data(
    crowd: Case, cast: Any, clock: Any
) -> None:
    cast.roster(cast.centre, DutyRoster.Duty.DESK, clock.at, clock.at + timedelta(hours=12))
    row = begin(crowd, cast, clock)
    assert {(call.unit, call.why) for call in row.calls.all()} == {
        (cast.units.bureau, "bureau"), (cast.units.centre, "street"), (cast.units.department, "lead"),
    }  # fmt: skip
    assert "13812345678" not in row.instruction
    messages = told("emergency.begun")
    reached = {(one["post_id"], one["unit_id"], one["role"]) for one in messages}
    assert reached == {
        (cast.station_chief.post.pk, None, ""),
        (None, cast.units.reception.pk, "duty_commander"),
        (cast.bureau.post.pk, None, ""),
        (None, cast.units.station.pk, "station_command"),
        (None, cast.units.station.pk, "station_chief"),
        (cast.centre.post.pk, None, ""),
        (None, cast.units.department.pk, "department"),
    }
    outside = [one for one in messages if one["title"].startswith("应急处置指令")]
    assert {one["link"] for one in outside} == {f"/emergencies/{row.pk}/instruction/"}
    assert all(crowd.case_no not in one["title"] for one in outside)


def test_a_called_unit_sees_the_instruction_alone(crowd: Case, cast: Any, clock: Any) -> None:
    row = begin(crowd, cast, clock)
    for who in ("centre", "department"):
        call = services.receive_emergency_call(row, actor=getattr(cast, who), at=clock.at)
        assert call.received_by == getattr(cast, who).post
        with pytest.raises(OutOfScope):
            selectors.emergencies.get_emergency(getattr(cast, who), row.pk, at=clock.at)
    first = call.received_at
    clock.advance(minutes=5)
    assert services.receive_emergency_call(row, actor=cast.department, at=clock.at).received_at == first
    with pytest.raises(OutOfScope):
        services.receive_emergency_call(row, actor=cast.other_centre, at=clock.at)
    assert kinds(crowd).count("emergency.received") == 2


# Clocks --------------------------------------------------------------------------------------------------


def test_dispute_clocks_stop_and_the_information_clocks_run(handle: Any, cast: Any, clock: Any) -> None:
    case = handle(WAGES, "unsettled")
    contact = Deadline.objects.get(case=case, kind="push_second.contact")
    was = contact.due_at
    row, began = begin(case, cast, clock), clock.at
    assert running(row) == {"emergency.first": began + timedelta(minutes=30)}
    clock.advance(minutes=20)
    report(row, cast, clock)
    assert running(row) == {"emergency.progress": clock.at + timedelta(hours=2)}
    clock.advance(minutes=90)
    report(row, cast, clock)
    assert running(row) == {"emergency.progress": clock.at + timedelta(hours=2)}
    clock.advance(hours=8)
    deadlines.sweep(at=clock.at)
    breached = CaseEvent.objects.filter(case=case, kind="deadline.breached").order_by("id")
    assert [event.data["clock"] for event in breached] == ["emergency.progress"]
    end(row, cast, clock)
    assert running(row) == {"emergency.final": clock.at + timedelta(hours=24)}
    contact.refresh_from_db()
    assert contact.due_at - was == clock.at - began
    report(row, cast, clock)
    assert running(row) == {}
    assert [one.kind for one in row.reports.order_by("number")] == ["first", "progress", "final"]
    with pytest.raises(Conflict, match="终报已提交"):
        report(row, cast, clock)


def test_a_crew_that_is_called_meanwhile_is_still_clocked(
    crowd: Case, cast: Any, clock: Any, call: Any
) -> None:
    begin(crowd, cast, clock)
    call(WAGES, reporter=None)
    clock.advance(minutes=1)
    deadlines.sweep(at=clock.at)
    events = CaseEvent.objects.filter(kind="deadline.breached", data__clock="push_first.sign")
    assert events.exists()


# Command, reports, end -------------------------------------------------------------------------------------


def test_a_change_of_command_is_traced_and_the_reports_go_with_it(crowd: Case, cast: Any, clock: Any) -> None:
    row = begin(crowd, cast, clock)
    services.change_commander(
        row, commander=cast.bureau.post, reason="局领导到场", actor=cast.bureau, at=clock.at
    )
    event = CaseEvent.objects.get(case=crowd, kind="emergency.commander_changed")
    assert (event.data["from_post"], event.data["to_post"]) == (
        cast.station_chief.post.pk, cast.bureau.post.pk,
    )  # fmt: skip
    assert event.data["text"] == "局领导到场"
    assert Deadline.objects.get(kind="emergency.first").holder_post == cast.bureau.post
    crowd.refresh_from_db()
    assert crowd.holder_post == cast.bureau.post
    grants = CaseGrant.objects.filter(case=crowd, reason=f"emergency:{row.pk}", ends_at__isnull=True)
    assert [grant.post for grant in grants] == [cast.bureau.post]
    with pytest.raises(NoRight, match="现场指挥"):
        report(row, cast, clock, actor=cast.station_chief)


def test_the_duty_commander_records_a_report_for_the_commander(crowd: Case, cast: Any, clock: Any) -> None:
    made = report(begin(crowd, cast, clock), cast, clock, actor=cast.duty_commander)
    assert (made.kind, made.reported_by) == ("first", cast.duty_commander.post)


def test_the_end_gives_the_case_back_and_tells_everybody(handle: Any, cast: Any, clock: Any) -> None:
    case = handle(WAGES, "unsettled")
    before = (case.holder_unit_id, case.holder_post_id)
    row = begin(case, cast, clock)
    end(row, cast, clock)
    case.refresh_from_db()
    assert (case.holder_unit_id, case.holder_post_id) == before
    assert case.status == "tracking"
    assert kinds(case)[-1] == "emergency.ended"
    begun = {(m["post_id"], m["unit_id"], m["role"]) for m in told("emergency.begun")}
    assert begun <= {(m["post_id"], m["unit_id"], m["role"]) for m in told("emergency.ended")}
    with pytest.raises(Conflict, match="已解除"):
        end(row, cast, clock)


def test_it_may_be_set_again_after_it_ended(crowd: Case, cast: Any, clock: Any) -> None:
    end(begin(crowd, cast, clock), cast, clock)
    with pytest.raises(Conflict, match="已在应急处置中"):
        begin(begin(crowd, cast, clock).case, cast, clock)


def test_the_database_has_one_running_emergency_a_case(crowd: Case, cast: Any, clock: Any) -> None:
    row = begin(crowd, cast, clock)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.pk = None
        row.save(force_insert=True)


def test_an_emergency_ends_with_its_case(handle: Any, call: Any, cast: Any, clock: Any) -> None:
    alert = call(WAGES)
    case = Case.objects.get(pk=alert.case_id)
    row = begin(case, cast, clock)
    push = services.sign_push(selectors.first_push_of(alert), actor=cast.officer, at=clock.at)
    services.feed_back(push, outcome="settled", text="已化解。", actor=cast.officer, at=clock.at)
    row.refresh_from_db()
    assert (row.is_running, row.ended_by) == (False, None)
    assert not case.standstills.filter(ended_at__isnull=True).exists()
    assert set(running(row)) == {"emergency.final"}


# Words ---------------------------------------------------------------------------------------------------


def test_people_who_ask_for_their_wages_are_never_called_troublemakers() -> None:
    """handbook 4: in no label; the rules may only read the word in what a caller said."""
    root = Path(__file__).parents[2]
    shown = [*root.glob("templates/**/*.html")]
    for stage in ("dispute_hub", "intake", "triage", "routing", "mediation", "followup", "reports"):
        shown += [path for path in (root / stage).rglob("*.py") if "migrations" not in path.parts]
    assert [path for path in shown if "闹访" in path.read_text(encoding="utf-8")] == []
