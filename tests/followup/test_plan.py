"""What a settlement plans: how often, by when, by whom, in which way (handbook 10)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from dispute_hub.cases import calendar, clock_recount, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, CaseGrant, Deadline
from dispute_hub.common.time import BEIJING, parse_instant
from followup import services
from followup.models import FollowUp
from followup.plans import is_quiet, plans
from intake.models import Alert
from tests.followup.conftest import visits
from triage.models import Assessment

# Wednesday 2026-03-04 09:00. A day limit ends at 24:00 of its last day.
AFTER = {
    "red": ["2026-03-05T09:00", "2026-03-12T00:00", "2026-03-19T00:00", "2026-04-04T00:00"],
    "orange": ["2026-03-08T00:00", "2026-03-19T00:00", "2026-04-04T00:00"],
    "yellow": ["2026-03-19T00:00"],
    "blue": ["2026-03-19T00:00"],
    "": ["2026-03-19T00:00"],
}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize("colour", AFTER)
def test_dates_by_colour(settled, colour: str) -> None:
    assert [one.due_at for one in visits(settled(colour))] == [local(text) for text in AFTER[colour]]


@pytest.mark.parametrize("colour", ["red", "orange", "yellow", "blue"])
def test_every_mediated_case_is_asked_within_fourteen_days(settled, clock, colour: str) -> None:
    first = visits(settled(colour, how="agreement"))[0]
    assert first.due_at <= clock.at + timedelta(days=15)


@pytest.mark.parametrize(
    ("colour", "due"),
    [
        # Settled on Saturday 2026-09-19: fourteen days end on 10-03, inside the National Day holiday.
        ("yellow", "2026-10-09T00:00"),
        ("blue", "2026-10-09T00:00"),
        ("orange", "2026-10-04T00:00"),
        ("red", "2026-10-04T00:00"),
    ],
)
def test_a_rest_day_moves_office_dates_and_no_safety_dates(settled, clock, colour: str, due: str) -> None:
    clock.set("2026-09-19T10:00:00+08:00")
    dates = [one.due_at for one in visits(settled(colour))]
    assert local(due) in dates


def test_each_visit_has_its_clock_for_the_one_who_asks(settled, cast) -> None:
    case = settled("orange")
    clocks = Deadline.objects.filter(case=case, kind="follow_up.visit", state="open").order_by("due_at")
    assert [clock.due_at for clock in clocks] == [one.due_at for one in visits(case)]
    assert {(clock.holder_unit_id, clock.holder_role) for clock in clocks} == {
        (cast.units.area.pk, "community_officer")
    }
    assert all(clock.is_safety for clock in clocks)


@pytest.mark.parametrize(
    ("colour", "how", "who"),
    [
        ("yellow", "agreement", "mediator"),
        ("blue", "oral_agreement", "mediator"),
        ("yellow", "on_scene", "station_command"),
        ("red", "agreement", "community_officer"),
        ("orange", "oral_agreement", "community_officer"),
    ],
)
def test_who_asks(settled, cast, colour: str, how: str, who: str) -> None:
    follow_up = visits(settled(colour, how=how, mediator=cast.mediator))[0]
    post = follow_up.assignee_post
    assert follow_up.assignee_role == who
    assert post == (cast.mediator.post if who == "mediator" else None)


def test_the_officer_who_holds_the_case_asks_himself(settled, cast) -> None:
    assert visits(settled("red", held_by=cast.community_officer))[0].assignee_post == (
        cast.community_officer.post
    )


def test_a_mediator_who_has_left_is_not_asked(settled, cast, clock) -> None:
    cast.mediator.post.ends_at = clock.at
    cast.mediator.post.save()
    assert visits(settled(how="agreement", mediator=cast.mediator))[0].assignee_role == "station_command"


def test_the_mediator_sees_the_case_until_it_closes(settled, cast, clock) -> None:
    case = settled(how="agreement", mediator=cast.mediator)
    (grant,) = CaseGrant.objects.filter(case=case, reason="follow_up")
    assert (grant.post, grant.ends_at) == (cast.mediator.post, None)
    services.waive(visits(case)[0], reason="双方外出", actor=cast.station_chief, at=clock.advance(days=1))
    grant.refresh_from_db()
    assert grant.ends_at == clock.at


# In which way -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("colour", "how", "mode"),
    [("red", "on_scene", "visit"), ("orange", "agreement", "call"), ("blue", "agreement", "call")],
)
def test_modes(settled, colour: str, how: str, mode: str) -> None:
    assert {one.mode for one in visits(settled(colour, how=how))} == {mode}


def test_of_blue_cases_settled_on_the_scene_one_in_ten_is_called(settled) -> None:
    modes = [visits(settled("blue"))[0].mode for _ in range(10)]
    assert sorted(modes) == ["call"] + ["message"] * 9


@pytest.mark.parametrize("item", plans()["sensitive_items"])
def test_sensitive_items_are_visited(settled, item: str) -> None:
    follow_up = visits(settled("blue", item=item, how="penalty"))[0]
    assert (follow_up.is_sensitive, follow_up.mode) == (True, "visit")


def test_other_items_are_not_sensitive(settled) -> None:
    assert not visits(settled("yellow", item="N0101"))[0].is_sensitive


@pytest.mark.parametrize("sign", ["factor", "flag"])
def test_what_was_read_or_flagged_makes_a_case_sensitive(settled, cast, clock, sign: str) -> None:
    case = settled("blue", item="N0101")
    assert not services.is_sensitive(case)
    if sign == "factor":
        Assessment.objects.create(
            case=case, colour="blue", is_dispute=True, made_at=clock.at,
            factors=[{"code": "domestic_violence", "name": "", "colour": "orange", "evidence": []}],
        )  # fmt: skip
    else:
        _flagged_alert(case, cast, clock.at)
    assert services.is_sensitive(case)


def _flagged_alert(case: Case, cast, at: datetime) -> None:
    from intake.models import Source

    source = Source.objects.create(code="110", name="110", kind="110", opens_as="scene")
    Alert.objects.create(
        source=source,
        alert_no="A1",
        case=case,
        received_at=at,
        narrative="孩子",
        flags=["未成年人"],
        stored_at=at,
    )


# What ends a plan -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["absorbed", "tracking"])
def test_open_visits_end_with_the_settlement(settled, cast, clock, end: str) -> None:
    case, into = settled("orange"), settled("yellow")
    if end == "absorbed":
        cases.absorb(case, into=into, reason="同一纠纷", actor=cast.station_command, at=clock.at)
    else:
        cases.reopen(cases.lock(case.pk), actor=cast.station_command, at=clock.at, why="new_alert")
    assert {one.status for one in visits(case)} == {"waived"}
    assert all(one.waived_reason for one in visits(case))
    clocks = Deadline.objects.filter(case=case, kind="follow_up.visit")
    assert {row.state for row in clocks} == {"ended"}
    assert CaseEvent.objects.filter(case=case, kind="follow_up.waived").count() == 1
    assert {one.status for one in visits(into)} == {"planned"}


def test_a_second_settlement_plans_anew(settled, cast, clock) -> None:
    case = settled("yellow")
    cases.reopen(cases.lock(case.pk), actor=cast.station_command, at=clock.at, why="new_alert")
    clock.advance(days=2)
    cases.mark_settled(
        cases.lock(case.pk), how="on_scene", text="再次和解", actor=cast.station_command, at=clock.at
    )
    assert [one.status for one in visits(case)] == ["waived", "planned"]
    assert visits(case)[1].number == 1


def test_a_breach_plans_one_visit_and_takes_back_the_closing(settled, cast, clock) -> None:
    case = settled("orange", how="agreement")
    for follow_up in visits(case):
        services.waive(follow_up, reason="双方外出", actor=cast.station_chief, at=clock.at)
    case.refresh_from_db()
    assert case.close_proposed_at == clock.at
    lifecycle.record(cases.lock(case.pk), "agreement.breached", actor=cast.mediator, at=clock.at)
    case.refresh_from_db()
    assert case.close_proposed_at is None
    added = visits(case)[-1]
    assert (added.number, added.mode, added.status) == (4, "visit", "planned")
    assert added.due_at == local("2026-03-08T00:00")
    assert not Deadline.objects.filter(case=case, kind="close.approve", state="open").exists()


def test_a_breach_of_a_tracked_case_plans_nothing(settled, cast, clock) -> None:
    case = settled("yellow", how="agreement")
    cases.reopen(cases.lock(case.pk), actor=cast.station_command, at=clock.at, why="new_alert")
    lifecycle.record(cases.lock(case.pk), "agreement.breached", actor=cast.mediator, at=clock.at)
    assert FollowUp.objects.filter(case=case).count() == 1


@pytest.mark.parametrize(
    ("hour", "quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_quiet_hours(hour: str, quiet: bool) -> None:
    assert is_quiet(local(f"2026-03-04T{hour}")) is quiet


# Changed holidays ------------------------------------------------------------------------------------------


@pytest.fixture
def _own_days():
    yield
    calendar.use_overrides({})


@pytest.mark.usefixtures("_own_days")
@pytest.mark.parametrize(("colour", "moved"), [("yellow", "2026-03-20"), ("red", "2026-03-19")])
def test_a_visit_whose_last_day_becomes_a_rest_day_is_due_on_the_next_working_day(
    settled, cast, clock, colour: str, moved: str
) -> None:
    case = settled(colour)  # 14 days after 4 March: 18 March, a Wednesday
    visit = FollowUp.objects.get(case=case, due_at=parse_instant("2026-03-19T00:00:00+08:00"))
    days = date(2026, 3, 18)
    cases.change_calendar(
        days, days, worked=False, reason="台风停工", document_no="永政发〔2026〕9号", actor=cast.system_admin,
        at=clock.at,
    )  # fmt: skip
    clock.advance(minutes=1)
    while clock_recount.run_slice(at=clock.at):
        pass
    visit.refresh_from_db()
    row = Deadline.objects.get(subject_kind="followup", subject_id=visit.pk)
    assert (visit.due_at, row.is_agreed) == (row.due_at, False)
    assert visit.due_at == parse_instant(f"{moved}T00:00:00+08:00")
