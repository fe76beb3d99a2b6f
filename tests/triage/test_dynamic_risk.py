"""A dispute is judged again by whatever becomes known: as a whole, once for each thing, never downwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseEvent
from intake import services as intake
from tests.triage.conftest import CALM, KNIFE, LOST, PUSHED
from triage import engine, selectors, services
from triage.models import Assessment
from triage.services import _judgement

FETCHED = "民警到场时对方从屋里拿出菜刀追砍报警人，已控制。"
QUIET = "双方经劝说各自离开，未发生冲突。"


def happens(case: Case, kind: str, at: Any, **data: Any) -> Assessment | None:
    case.refresh_from_db()
    lifecycle.record(case, kind, actor=SYSTEM, at=at, data=data)
    case.refresh_from_db()
    return selectors.latest(case)


def answers(case: Case) -> list[CaseEvent]:
    return list(CaseEvent.objects.filter(case=case, kind="case.reassessed").order_by("id"))


def rises(case: Case) -> int:
    return CaseEvent.objects.filter(case=case, kind="case.colour_raised").count()


@pytest.fixture
def reports(monkeypatch) -> list[engine.Report]:
    """What the engine is given, call by call."""
    given: list[engine.Report] = []
    real = engine.assess

    def assess(report, rules):
        given.append(report)
        return real(report, rules)

    monkeypatch.setattr(engine, "assess", assess)
    return given


# The whole dispute is read --------------------------------------------------------------------------------


def test_the_engine_is_given_all_that_is_known(call, clock, reports) -> None:
    alert = call(CALM, people_involved=7, flags=("涉刀",))
    intake.record_outcome(
        alert, outcome="unsettled", text=QUIET, confirmed_item="", at=clock.advance(hours=1)
    )
    case = alert.case
    for kind, data in (
        ("mediation.failed", {"text": "双方各执一词。"}),
        ("mediation.failed", {}),
        ("agreement.breached", {}),
        ("follow_up.missed", {}),
        ("deadline.wait_expired", {}),
        ("case_file.released", {"text": "已释放，情绪激动。"}),
        ("case.contacted", {"text": "电话联系对方，称不再调解。"}),
    ):
        happens(case, kind, clock.advance(hours=1), **data)
    report = reports[-1]
    assert (report.narrative, report.people_involved, report.flags) == (CALM, 7, ("涉刀",))
    assert report.told_later == (QUIET, "双方各执一词。", "已释放，情绪激动。", "电话联系对方，称不再调解。")
    assert (report.failed_mediations, report.broken_agreements) == (2, 1)
    assert (report.missed_follow_ups, report.expired_waits) == (1, 1)


def test_a_new_alert_leads_and_the_old_one_is_what_came_before(call, clock, reports) -> None:
    first = call(CALM)
    intake.record_outcome(
        first, outcome="unsettled", text=QUIET, confirmed_item="", at=clock.advance(hours=1)
    )
    happens(first.case, "mediation.failed", clock.advance(days=2))
    clock.advance(days=2)
    second = call(CALM + "今天又滴了。", stated_item=first.case.item_code)
    assert second.case_id == first.case_id
    report = reports[-1]
    assert (report.narrative, [prior.narrative for prior in report.priors]) == (second.narrative, [CALM])
    assert report.failed_mediations == 1
    assert report.told_later == ()
    assert selectors.of_alert(second).has_factor("failed_mediation")


@pytest.mark.parametrize(
    "kind",
    ["push.reported", "case.contacted", "case_file.detained", "case_file.released", "case_file.decided"],
)
def test_each_step_is_a_cause_of_its_own(call, clock, kind: str) -> None:
    case = call(CALM).case
    happens(case, kind, clock.advance(hours=2), text=QUIET)
    (answer,) = answers(case)
    assert answer.cause.kind == kind


def test_what_the_scene_showed_is_read_with_the_alert(call, clock, monkeypatch) -> None:
    real = engine.assess

    def hears(report, rules):
        told = engine.Report(" ".join((report.narrative, *report.told_later)), report.received_at)
        return real(told, rules)

    monkeypatch.setattr(engine, "assess", hears)
    alert = call(CALM)
    at = clock.advance(hours=1)
    intake.record_outcome(alert, outcome="unsettled", text=FETCHED, confirmed_item="", at=at)
    made = happens(alert.case, "push.reported", at, outcome="unsettled")
    assert (made.colour, made.cause.kind) == ("red", "push.reported")
    assert alert.case.colour == "red"
    assert rises(alert.case) == 1


# Nothing new, nothing stored ------------------------------------------------------------------------------


def test_the_same_answer_is_an_event_and_no_second_assessment(call, clock) -> None:
    case = call(PUSHED).case
    first = selectors.latest(case)
    happens(case, "case.contacted", clock.advance(hours=1), text=QUIET)
    (answer,) = answers(case)
    assert (answer.data["note"], answer.subject_id) == ("无变化", first.pk)
    assert Assessment.objects.filter(case=case).count() == 1
    assert rises(case) == 0


def test_the_second_miss_is_something_new(call, clock) -> None:
    case = call(CALM).case
    happens(case, "follow_up.missed", clock.advance(days=1))
    happens(case, "follow_up.missed", clock.advance(days=1))
    assert [answer.data.get("note") for answer in answers(case)] == [None, None]
    assert "2次" in selectors.latest(case).factors[0]["evidence"][0]["text"]
    assert case.colour == "blue"


@pytest.mark.parametrize("status", ["void", "absorbed"])
def test_what_is_over_for_good_is_not_judged(call, clock, status: str) -> None:
    case = call(CALM).case
    Case.objects.filter(pk=case.pk).update(status=status)
    happens(case, "follow_up.missed", clock.advance(days=1))
    assert answers(case) == []


def test_an_error_takes_nothing_of_the_feedback_with_it(call, clock, monkeypatch) -> None:
    case = call(CALM).case
    monkeypatch.setattr(engine, "assess", lambda report, rules: 1 / 0)
    happens(case, "push.reported", clock.advance(hours=1))
    kinds = list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))
    assert kinds[-2:] == ["push.reported", "follower.failed"]


# Floors come from the rule set ----------------------------------------------------------------------------


def test_the_floor_of_a_failed_mediation_is_the_rule_sets(call, clock, softer) -> None:
    case = call(CALM).case
    softer.content["factor"] = [
        {**one, "floor": "orange" if one["code"] == "failed_mediation" else one["floor"]}
        for one in softer.content["factor"]
    ]
    softer.digest = "other"
    softer.status, softer.approver_id = "active", None
    type(softer).objects.filter(status="active").update(status="retired")
    type(softer).objects.filter(pk=softer.pk).update(
        content=softer.content, digest="other", status="active", author=None
    )
    assert happens(case, "mediation.failed", clock.advance(days=1)).colour == "orange"


def test_danger_seen_at_a_follow_up_counts_until_a_new_alert(call, clock) -> None:
    case = call(CALM).case
    assert happens(case, "follow_up.answered_badly", clock.advance(days=3), danger=True).colour == "orange"
    happens(case, "follow_up.missed", clock.advance(days=3))
    assert selectors.latest(case).colour == "orange"
    clock.advance(days=3)
    assert not selectors.of_alert(call(CALM)).has_factor("follow_up_bad")


# An agreed wait runs out ----------------------------------------------------------------------------------


def test_a_promise_not_seen_kept_by_its_day_is_an_expired_wait(call, clock, reports) -> None:
    case = call(CALM).case
    holder = deadlines.Holder(unit_id=case.station_id, role="community_officer")
    due_at = clock.at + timedelta(days=2)
    deadlines.start(case, case, "performance.due", key="", holder=holder, at=clock.at, due_at=due_at)
    deadlines.sweep(at=clock.advance(days=2, minutes=1))
    deadlines.sweep(at=clock.advance(minutes=1))
    event = CaseEvent.objects.get(case=case, kind="deadline.wait_expired")
    assert event.data["clock"] == "performance.due"
    assert reports[-1].expired_waits == 1
    made = selectors.latest(case)
    assert made.has_factor("wait_expired") or made.has_factor("agreement_breached")
    assert answers(case)[0].cause_id == event.pk


def test_our_own_late_clock_is_no_wait_of_the_parties(call, clock) -> None:
    case = call(CALM).case
    holder = deadlines.Holder(unit_id=case.station_id, role="station_command")
    deadlines.start(case, case, "supervision.answer", key="", holder=holder, at=clock.at)
    deadlines.sweep(at=clock.advance(days=20))
    assert not CaseEvent.objects.filter(kind="deadline.wait_expired").exists()


# What a person has lowered --------------------------------------------------------------------------------


@pytest.fixture
def lowered(call, cast, clock) -> Case:
    """A red case that two persons set to blue: the knife was a kitchen tool."""
    case = call(KNIFE).case
    made = services.regrade(
        case, kind="colour", to="blue", reason="系误报", actor=cast.station_command, at=clock.advance(hours=1)
    )
    services.decide_regrade(
        made.pk, approve=True, text="", actor=cast.station_chief, at=clock.advance(hours=1)
    )
    case.refresh_from_db()
    assert case.colour == "blue"
    return case


def test_an_omission_of_ours_does_not_undo_it(lowered, clock) -> None:
    made = happens(lowered, "follow_up.missed", clock.advance(days=1))
    assert (made.colour, made.case_colour, lowered.colour) == ("red", "blue", "blue")
    assert "人工降低" in lowered.colour_sentence


def test_what_happens_again_raises_it_by_itself_alone(lowered, clock) -> None:
    made = happens(lowered, "mediation.failed", clock.advance(days=1))
    assert (made.colour, made.case_colour, lowered.colour) == ("red", "yellow", "yellow")
    assert lowered.colour_sentence == "黄：调解未果"


def test_the_same_danger_told_anew_raises_it(lowered, clock) -> None:
    happens(lowered, "case.contacted", clock.advance(days=1), text="对方又手持菜刀上门，扬言要砍死报警人。")
    assert lowered.colour == "red"


def test_a_new_alert_raises_it_whole(lowered, call, clock) -> None:
    clock.advance(days=2)
    assert call(KNIFE).case.colour == "red"


# No dispute -----------------------------------------------------------------------------------------------


def test_a_case_of_no_dispute_that_turns_out_to_be_one(call, clock, monkeypatch) -> None:
    alert = call(LOST)
    real = engine.assess
    monkeypatch.setattr(
        engine, "assess", lambda report, rules: real(engine.Report(KNIFE, report.received_at), rules)
    )
    happens(alert.case, "push.reported", clock.advance(hours=1))
    alert.refresh_from_db()
    assert (alert.is_dispute, alert.case.colour) == (True, "red")
    assert alert.case.item_code != "X0000"


def test_the_report_of_a_lone_alert_has_nothing_told(call, clock) -> None:
    report = _judgement.report_of(call(CALM), ())
    assert (report.told_later, report.markers, report.failed_mediations) == ((), (), 0)
