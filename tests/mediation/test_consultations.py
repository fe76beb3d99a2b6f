"""Consultations: who convenes which, what belongs on the agenda by rule, decisions that run on a clock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from mediation import selectors, services
from mediation.models import AgendaEntry, Consultation, ConsultationLevel, Decision
from mediation.services import Task
from tests.cases.builders import a_case

TODAY = date(2026, 3, 4)
DAY = timedelta(days=1)


@pytest.fixture
def meeting(cast, clock):
    """`meeting("week", who="bureau")`."""

    def make(level: str = "day", who: str = "station_chief") -> Consultation:
        return services.convene_consultation(
            level=level, held_on=TODAY, actor=getattr(cast, who), at=clock.at
        )

    return make


@pytest.mark.parametrize(
    ("who", "levels"),
    [
        ("station_chief", {"day", "diagnosis", "pre_holiday"}),
        ("station_command", {"day", "diagnosis", "pre_holiday"}),
        ("bureau", {"week", "month", "diagnosis", "pre_holiday"}),
        ("political_legal", {"escalated", "diagnosis"}),
    ],
)
def test_who_convenes_which_level(meeting, who: str, levels: set[str]) -> None:
    for level in ConsultationLevel.values:
        if level in levels:
            assert meeting(level, who).number.startswith("HS20260304")
        else:
            with pytest.raises(Invalid):
                meeting(level, who)


@pytest.mark.parametrize("who", ["officer", "community_officer", "centre", "mediator", "leader"])
def test_who_convenes_none(meeting, who: str) -> None:
    with pytest.raises(NoRight):
        meeting("day", who)


@pytest.mark.parametrize(("shift", "stands"), [(-1, False), (0, True), (60, True), (61, False)])
def test_the_days_of_a_meeting(cast, clock, shift: int, stands: bool) -> None:
    wanted = {"level": "day", "held_on": TODAY + shift * DAY, "actor": cast.station_chief, "at": clock.at}
    if stands:
        assert services.convene_consultation(**wanted).pk
        return
    with pytest.raises(Invalid):
        services.convene_consultation(**wanted)


def test_one_meeting_of_a_level_a_day(meeting) -> None:
    assert meeting() == meeting()
    assert meeting("diagnosis") != meeting()
    assert meeting(who="other_station_chief") != meeting()


# Agenda by rule ---------------------------------------------------------------------------------------------


def suggested(meeting_of, cast, clock, level: str, who: str) -> set[str]:
    found = selectors.suggested_cases(meeting_of(level, who), getattr(cast, who), at=clock.at)
    return {case.title for case in found}


def returned(case: Case, times: int, at) -> None:
    for _ in range(times):
        CaseEvent.objects.create(case=case, kind="order.returned", at=at, actor_label="x")


@pytest.mark.parametrize(
    ("level", "who", "columns", "belongs"),
    [
        ("day", "station_chief", {"colour": "blue"}, True),
        ("day", "station_chief", {"status": "joint"}, True),
        ("day", "station_chief", {"status": "settled"}, False),
        ("day", "other_station_chief", {}, False),
        ("week", "bureau", {"age": 7 * DAY}, True),
        ("week", "bureau", {"age": 7 * DAY - timedelta(seconds=1)}, False),
        ("week", "bureau", {"colour": "orange"}, True),
        ("week", "bureau", {"colour": "red"}, True),
        ("week", "bureau", {"colour": "orange", "status": "closed"}, False),
        ("month", "bureau", {"age": 30 * DAY}, True),
        ("month", "bureau", {"age": 30 * DAY - timedelta(seconds=1), "colour": "red"}, False),
        ("month", "bureau", {"returns": 2}, True),
        ("month", "bureau", {"returns": 1}, False),
        ("pre_holiday", "station_chief", {"item_code": "N0601"}, True),
        ("pre_holiday", "station_chief", {"item_code": "N0101"}, False),
    ],
)
def test_what_belongs_on_the_agenda(tracked, meeting, cast, clock, level, who, columns, belongs) -> None:
    given = dict(columns)
    age, times = given.pop("age", timedelta()), given.pop("returns", 0)
    case = tracked(**{"title": "甲案", "opened_at": clock.at - age, **given})
    returned(case, times, clock.at)
    assert suggested(meeting, cast, clock, level, who) == ({"甲案"} if belongs else set())


def test_what_is_on_the_agenda_is_not_suggested_again(tracked, meeting, cast, clock) -> None:
    case, consultation = tracked(opened_at=clock.at - 3 * DAY, colour="red"), meeting()
    (row,) = selectors.suggestions(
        list(selectors.suggested_cases(consultation, cast.station_chief, at=clock.at)), at=clock.at
    )
    assert row.reason == "红色预警，未化解3天"
    listed = [(row.case, row.reason)]
    for _ in range(2):
        services.put_many_on_agenda(consultation, listed, actor=cast.station_chief, at=clock.at)
    assert not selectors.suggested_cases(consultation, cast.station_chief, at=clock.at).exists()
    assert CaseEvent.objects.filter(case=case, kind="consultation.listed").count() == 1


def test_a_settled_case_is_not_taken_up(tracked, meeting, cast, clock) -> None:
    settled = tracked(status="settled")
    with pytest.raises(Conflict):
        services.put_on_agenda(meeting(), settled, reason="x", actor=cast.station_chief, at=clock.at)
    both = [(settled, "x"), (tracked(), "x")]
    made = services.put_many_on_agenda(meeting(), both, actor=cast.station_chief, at=clock.at)
    assert [entry.case for entry in made] == [both[1][0]]


def test_an_empty_choice_is_named(meeting, cast, clock) -> None:
    with pytest.raises(Invalid):
        services.put_many_on_agenda(meeting(), [], actor=cast.station_chief, at=clock.at)


# Decisions --------------------------------------------------------------------------------------------------


@pytest.fixture
def decided(tracked, meeting, cast, clock) -> Decision:
    entry = services.put_on_agenda(
        meeting(), tracked(), reason="当日未化解", actor=cast.station_chief, at=clock.at
    )
    return services.decide(
        entry, unit=cast.units.department, task="核查工资清单", due_at=clock.at + 3 * DAY,
        actor=cast.station_chief, at=clock.at, points="人社牵头",
    )  # fmt: skip


def test_a_decision_has_owner_date_and_clock(decided, cast, clock) -> None:
    deadline = Deadline.objects.get(kind="decision.due")
    assert (deadline.holder_unit, deadline.due_at) == (cast.units.department, clock.at + 3 * DAY)
    notice = OutboxRow.objects.get(topic="notice").payload
    assert (notice["unit_id"], notice["link"]) == (cast.units.department.pk, "/consultations/decisions/")
    decided.entry.refresh_from_db()
    assert decided.entry.points == "人社牵头"


@pytest.mark.parametrize(
    ("changes", "field"), [({"task": " "}, "task"), ({"due_at": timedelta(0)}, "due_at")]
)
def test_what_a_decision_lacks_is_named(decided, cast, clock, changes: dict, field: str) -> None:
    wanted = {"unit": cast.units.department, "task": "x", "due_at": DAY} | changes
    wanted["due_at"] = clock.at + wanted["due_at"]
    with pytest.raises(Invalid) as refusal:
        services.decide(decided.entry, **wanted, actor=cast.station_chief, at=clock.at)
    assert set(refusal.value.fields) == {field}


def test_the_owner_completes_it_once(decided, cast, clock) -> None:
    assert list(selectors.open_decisions(cast.department)) == [decided]
    assert not selectors.open_decisions(cast.other_department).exists()
    with pytest.raises(Invalid):
        services.complete_decision(decided, text=" ", actor=cast.department, at=clock.at)
    services.complete_decision(decided, text="已核对十三人工资", actor=cast.department, at=clock.at)
    assert Deadline.objects.get(kind="decision.due").state == "met"
    assert not selectors.open_decisions(cast.department).exists()
    with pytest.raises(Conflict):
        services.complete_decision(decided, text="再次", actor=cast.department, at=clock.at)


def test_the_minutes_end_the_meeting(decided, cast, clock) -> None:
    meeting, chief = decided.entry.consultation, cast.station_chief
    with pytest.raises(Invalid) as refusal:
        services.close_consultation(meeting, attendees="", minutes="", actor=chief, at=clock.at)
    assert set(refusal.value.fields) == {"attendees", "minutes"}
    services.close_consultation(meeting, attendees="所长", minutes="人社牵头办理。", actor=chief, at=clock.at)
    assert CaseEvent.objects.filter(case=decided.entry.case, kind="consultation.held").count() == 1
    due = {"unit": cast.units.department, "task": "x", "due_at": clock.at + DAY}
    for act in (
        lambda: services.put_on_agenda(meeting, decided.entry.case, reason="x", actor=chief, at=clock.at),
        lambda: services.decide(decided.entry, **due, actor=chief, at=clock.at),
        lambda: services.close_consultation(meeting, attendees="x", minutes="x", actor=chief, at=clock.at),
    ):
        with pytest.raises(Conflict):
            act()
    again = services.convene_consultation(level="day", held_on=TODAY, actor=chief, at=clock.at)
    assert again != meeting


def test_a_case_is_brought_with_its_tasks(tracked, cast, clock) -> None:
    case = tracked()
    tasks = [
        Task(cast.units.department, "约谈包工头", clock.at + DAY),
        Task(cast.units.area, "每日走访", clock.at + DAY),
    ]
    entry = services.bring_to_consultation(
        case, level="day", held_on=time.beijing_date(clock.at), reason="三日未化解", tasks=tasks,
        actor=cast.station_command, at=clock.at,
    )  # fmt: skip
    assert entry.decisions.count() == 2
    assert Deadline.objects.filter(kind="decision.due", state="open").count() == 2


def test_an_area_officer_reads_his_stations_meetings(meeting, cast) -> None:
    consultation = meeting()
    assert consultation in selectors.consultations_visible_to(cast.community_officer)
    assert consultation not in selectors.consultations_visible_to(cast.other_community_officer)
    assert consultation not in selectors.consultations_visible_to(cast.bureau)


def test_a_case_sent_from_the_sheet_stands_on_the_days_agenda_once(cast, clock) -> None:
    case = a_case(cast, clock.at, status="tracking")
    for _ in range(2):
        lifecycle.record(case, "consultation.requested", actor=cast.station_chief, at=clock.at)
    (entry,) = AgendaEntry.objects.filter(case=case)
    assert (entry.consultation.unit, entry.consultation.level) == (cast.units.station, "day")
