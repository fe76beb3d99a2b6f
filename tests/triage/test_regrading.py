"""People set colour and level: raising stands at once, lowering waits for a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Stale
from dispute_hub.outbox.models import OutboxRow
from tests.triage.conftest import CALM, KNIFE, PUSHED
from triage import services
from triage.models import Assessment, Regrade


@pytest.fixture
def red(call) -> Case:
    return call(KNIFE).case


@pytest.fixture
def proposed(red: Case, cast, clock) -> Regrade:
    return services.propose_regrade(
        red, kind="colour", to="yellow", reason="刀系切菜所用", actor=cast.community_officer, at=clock.at
    )


def clock_of(made: Regrade) -> Deadline:
    return Deadline.objects.get(subject_kind="regrade", subject_id=made.pk)


def titles() -> list[str]:
    return [row.payload["title"] for row in OutboxRow.objects.filter(topic="notice")]


# Raising --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "role", ["officer", "community_officer", "station_command", "station_chief", "duty_commander", "bureau"]
)
def test_who_may_raise_a_colour_at_once(call, cast, clock, role: str) -> None:
    case = call(CALM).case
    made = services.raise_colour(
        case, colour="red", reason="现场有人持刀", actor=getattr(cast, role), at=clock.at
    )
    case.refresh_from_db()
    assert (made.status, made.is_lowering) == ("approved", False)
    assert (case.colour, case.level) == ("red", "high")
    event = CaseEvent.objects.get(case=case, kind="case.colour_raised")
    assert event.data == {"from": "blue", "to": "red", "reason": "现场有人持刀"}
    assert event.subject_id == made.pk


@pytest.mark.parametrize(
    "role", ["dispatcher", "centre", "mediator", "leader", "grid_worker", "security_admin"]
)
def test_who_may_not_raise(call, cast, clock, role: str) -> None:
    with pytest.raises(NoRight):
        services.raise_colour(
            call(CALM).case, colour="red", reason="有刀", actor=getattr(cast, role), at=clock.at
        )


def test_raising_to_what_is_no_higher_is_refused(red, cast, clock) -> None:
    with pytest.raises(Conflict):
        services.raise_colour(red, colour="orange", reason="x", actor=cast.officer, at=clock.at)


def test_the_engines_view_stays_beside_the_persons(call, cast, clock) -> None:
    case = call(CALM).case
    services.raise_colour(case, colour="orange", reason="对方酒后", actor=cast.officer, at=clock.at)
    assert Assessment.objects.get(case=case).colour == "blue"
    assert Regrade.objects.get(case=case).to_value == "orange"


def test_an_engine_that_agrees_later_raises_nothing_twice(call, cast, clock) -> None:
    alert = call(CALM, alert_no="K1")
    services.raise_colour(alert.case, colour="red", reason="有刀", actor=cast.officer, at=clock.at)
    case = call(KNIFE, alert_no="K1", version=2).case
    assert CaseEvent.objects.filter(case=case, kind="case.colour_raised").count() == 1


# Lowering -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["community_officer", "station_command"])
def test_a_lowering_waits(red, cast, clock, role: str) -> None:
    made = services.propose_regrade(
        red, kind="colour", to="yellow", reason="刀系切菜所用", actor=getattr(cast, role), at=clock.at
    )
    red.refresh_from_db()
    assert (made.status, red.colour) == ("proposed", "red")
    clock_row = clock_of(made)
    assert (clock_row.kind, clock_row.holder_role, clock_row.limit) == (
        "regrade.approve", "station_chief", "1 working_days",
    )  # fmt: skip
    assert f"预警色降级待审批：{red.case_no}" in titles()


@pytest.mark.parametrize("role", ["officer", "station_chief", "duty_commander", "bureau"])
def test_who_may_not_ask_to_lower_a_colour(red, cast, clock, role: str) -> None:
    with pytest.raises(NoRight):
        services.regrade(red, kind="colour", to="blue", reason="x", actor=getattr(cast, role), at=clock.at)


def test_an_approved_lowering_stands(proposed, cast, clock) -> None:
    made = services.decide_regrade(
        proposed.pk, approve=True, text="同意", actor=cast.station_chief, at=clock.advance(hours=1)
    )
    case = Case.objects.get(pk=proposed.case_id)
    assert (case.colour, made.status, made.approver) == ("yellow", "approved", cast.station_chief.user)
    assert case.level == "high"
    assert clock_of(made).state == "met"
    event = CaseEvent.objects.get(case=case, kind="case.colour_lowered")
    assert (event.data["from"], event.data["to"]) == ("red", "yellow")


def test_a_refused_lowering_changes_nothing(proposed, cast, clock) -> None:
    services.decide_regrade(
        proposed.pk, approve=False, text="刀具未收缴", actor=cast.station_chief, at=clock.at
    )
    assert Case.objects.get(pk=proposed.case_id).colour == "red"
    assert clock_of(proposed).state == "met"
    assert any("未同意" in title for title in titles())


def test_refusing_needs_a_reason(proposed, cast, clock) -> None:
    with pytest.raises(Invalid) as refusal:
        services.decide_regrade(proposed.pk, approve=False, text=" ", actor=cast.station_chief, at=clock.at)
    assert "text" in refusal.value.fields


@pytest.mark.parametrize("role", ["community_officer", "station_command", "officer", "bureau"])
def test_only_a_chief_decides(proposed, cast, clock, role: str) -> None:
    with pytest.raises(NoRight):
        services.decide_regrade(proposed.pk, approve=True, text="", actor=getattr(cast, role), at=clock.at)


def test_nobody_approves_his_own_proposal_at_another_post(proposed, cast, clock) -> None:
    self_approving = cast.add_post(cast.community_officer, "station_chief", cast.units.station)
    with pytest.raises(NoRight, match="自己提出"):
        services.decide_regrade(proposed.pk, approve=True, text="", actor=self_approving, at=clock.at)


def test_the_duty_leader_decides_while_on_duty(proposed, cast, clock) -> None:
    leader = cast.second_officer
    cast.roster(leader, "leader", clock.at - timedelta(hours=1), clock.at + timedelta(hours=1))
    made = services.decide_regrade(proposed.pk, approve=True, text="", actor=leader, at=clock.at)
    assert made.by_duty is True


def test_a_decision_is_made_once(proposed, cast, clock) -> None:
    services.decide_regrade(proposed.pk, approve=True, text="", actor=cast.station_chief, at=clock.at)
    with pytest.raises(Conflict):
        services.decide_regrade(proposed.pk, approve=False, text="x", actor=cast.station_chief, at=clock.at)


def test_a_second_proposal_waits_for_the_first(proposed, cast, clock) -> None:
    with pytest.raises(Conflict, match="已有一份"):
        services.propose_regrade(
            proposed.case, kind="colour", to="blue", reason="x", actor=cast.station_command, at=clock.at
        )


def test_a_rise_overtakes_a_pending_lowering(call, cast, clock) -> None:
    alert = call(PUSHED, alert_no="K1")
    made = services.propose_regrade(
        alert.case, kind="colour", to="blue", reason="已平息", actor=cast.community_officer, at=clock.at
    )
    call(KNIFE, alert_no="K1", version=2)
    made.refresh_from_db()
    assert (made.status, made.approver) == ("rejected", None)
    assert clock_of(made).state == "met"
    assert CaseEvent.objects.filter(case=alert.case, kind="regrade.overtaken").exists()


# Beside the engine's view ---------------------------------------------------------------------------------


def test_what_the_engine_said_is_kept_beside_it(call, cast, clock, reference) -> None:
    case = call(CALM).case
    made = services.regrade(
        case, kind="colour", to="red", reason="现场有人持刀", reason_code="seen_on_scene", actor=cast.officer,
        at=clock.at,
    )  # fmt: skip
    stood = Assessment.objects.get(case=case)
    assert (made.engine_colour, made.engine_item) == ("blue", stood.item_code)
    assert (made.rule_version, made.rule_digest) == (stood.rule_version, stood.rule_digest)
    assert made.get_reason_code_display() == "现场发现新的危险情形"


def test_the_gravest_word_of_the_engine_counts(call, cast, clock) -> None:
    alert = call(KNIFE, alert_no="K1")
    clock.advance(minutes=5)
    call(CALM, alert_no="K1", version=2)
    made = services.propose_regrade(
        alert.case, kind="colour", to="blue", reason="误报", actor=cast.station_command, at=clock.at
    )
    assert made.engine_colour == "red"


def test_a_case_the_engine_never_read_has_no_view(call, cast, clock, monkeypatch) -> None:
    monkeypatch.setattr("triage.engine.assess", lambda report, rules: 1 / 0)
    made = services.regrade(
        call(CALM).case, kind="colour", to="red", reason="有刀", actor=cast.officer, at=clock.at
    )
    assert (made.from_value, made.engine_colour, made.rule_version) == ("orange", "", "")


@pytest.mark.parametrize(("to", "code"), [("red", "unfounded"), ("blue", "overlooked"), ("red", "whim")])
def test_a_reason_belongs_to_its_direction(call, cast, clock, to: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.regrade(
            call(PUSHED).case, kind="colour", to=to, reason="x", reason_code=code,
            actor=cast.station_command, at=clock.at,
        )  # fmt: skip
    assert "reason_code" in refused.value.fields


# Level, forms, history ------------------------------------------------------------------------------------


def test_a_level_rises_at_once_and_is_reported(call, cast, clock) -> None:
    case = call(CALM).case
    made = services.regrade(
        case, kind="level", to="high", reason="积怨多年", actor=cast.community_officer, at=clock.at
    )
    case.refresh_from_db()
    assert (made.status, case.level, case.colour) == ("approved", "high", "blue")
    assert f"风险等级为高：{case.case_no}" in titles()


def test_a_level_sinks_by_approval(red, cast, clock) -> None:
    made = services.regrade(
        red, kind="level", to="low", reason="双方和解", actor=cast.community_officer, at=clock.at
    )
    assert made.status == "proposed"
    services.decide_regrade(made.pk, approve=True, text="", actor=cast.station_chief, at=clock.at)
    red.refresh_from_db()
    assert (red.level, red.colour) == ("low", "red")


@pytest.mark.parametrize(
    ("kind", "to", "reason", "error"),
    [
        ("colour", "green", "x", Invalid),
        ("level", "red", "x", Invalid),
        ("colour", "yellow", "  ", Invalid),
        ("colour", "red", "x", Conflict),
    ],
)
def test_what_cannot_be_asked(red, cast, clock, kind: str, to: str, reason: str, error: type) -> None:
    with pytest.raises(error):
        services.regrade(red, kind=kind, to=to, reason=reason, actor=cast.station_command, at=clock.at)


def test_a_form_against_an_older_case_is_stale(red, cast, clock) -> None:
    services.regrade(
        red,
        kind="level",
        to="low",
        reason="x",
        actor=cast.community_officer,
        at=clock.at,
        version=red.version,
    )
    services.decide_regrade(
        Regrade.objects.get().pk, approve=True, text="", actor=cast.station_chief, at=clock.at
    )
    with pytest.raises(Stale):
        services.regrade(
            red, kind="colour", to="blue", reason="x", actor=cast.station_command, at=clock.at,
            version=red.version,
        )  # fmt: skip
