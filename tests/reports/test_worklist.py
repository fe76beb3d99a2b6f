"""What must I do now: per role, most urgent first, and never more queries for more work."""

from datetime import timedelta

import pytest

from dispute_hub.cases import deadlines
from dispute_hub.cases.models import Case, Deadline
from dispute_hub.outbox.models import OutboxRow
from reports import selectors
from tests.reports.conftest import CALM, KNIFE, PUSHED, people
from triage import services as triage

QUERIES = 8


def kinds(actor, clock):
    return [row.kind for row in selectors.worklist(actor, at=clock.at).rows]


def test_a_push_is_the_crews_until_signed_and_the_command_rooms_to_watch(call, cast, clock) -> None:
    call(CALM)
    assert kinds(cast.officer, clock) == ["push_first.sign"]
    assert kinds(cast.station_command, clock) == ["push_first.sign"]
    assert kinds(cast.other_officer, clock) == []
    assert kinds(cast.other_station_command, clock) == []


def test_the_gravest_clock_comes_first(call, cast, clock) -> None:
    call(CALM, **people(1))
    call(KNIFE, **people(2))
    rows = selectors.worklist(cast.officer, at=clock.at).rows
    assert [row.colour for row in rows] == ["red", "blue"]
    assert rows[0].due_at < rows[1].due_at
    assert rows[0].url.startswith("/pushes/")


def test_after_the_feedback_the_responsible_officer_has_it(handled, cast, clock) -> None:
    handled("unsettled", text=KNIFE)
    assert kinds(cast.officer, clock) == []
    assert "push_second.contact" in kinds(cast.community_officer, clock)
    assert "push_second.sign" in kinds(cast.station_chief, clock)  # red is signed by the duty leader


def test_a_lowering_waits_for_the_chief(handled, cast, clock) -> None:
    case = handled("unsettled", text=KNIFE)
    triage.regrade(
        case, kind="colour", to="orange", reason="双方已分开", actor=cast.community_officer, at=clock.at
    )
    assert "regrade.approve" in kinds(cast.station_chief, clock)


def test_no_dispute_waits_for_the_command_room(handled, cast, clock) -> None:
    handled("not_dispute", text=CALM)
    assert "case.confirm" in kinds(cast.station_command, clock)


def test_what_the_list_asks_to_confirm_stands_on_the_page_it_leads_to(handled, cast, clock) -> None:
    case = handled("not_dispute", text=CALM)
    for status, listed in (("scene", True), ("pool", True), ("tracking", False)):
        Case.objects.update(status=status)
        assert ("case.confirm" in kinds(cast.station_command, clock)) is listed
        page = cast.client(cast.station_command).get("/approvals/").content.decode()
        assert (f"/approvals/confirm/{case.case_no}/" in page) is listed


@pytest.mark.parametrize("kind", ["phoneapproval", "recusal", "jurisdictiondispute"])
def test_what_waits_for_a_leader_leads_to_his_approvals(handled, cast, clock, kind) -> None:
    case = handled("unsettled", text=CALM)
    holder = deadlines.Holder(unit_id=cast.station_chief.unit.pk, role="station_chief")
    deadlines.start(case, case, "order.written", key="", holder=holder, at=clock.at, due_at=clock.at)
    Deadline.objects.filter(kind="order.written").update(subject_kind=kind)
    urls = {row.kind: row.url for row in selectors.worklist(cast.station_chief, at=clock.at).rows}
    assert urls["order.written"] == "/approvals/"


def test_dead_letters_are_the_system_administrators(cast, clock) -> None:
    OutboxRow.objects.create(
        topic="x", payload={}, state="dead", next_attempt_at=clock.at, created_at=clock.at
    )
    row = selectors.worklist(cast.system_admin, at=clock.at).rows[0]
    assert (row.kind, row.title) == ("outbox.replay", "有 1 件投递失败待处理")


def test_groups_by_what_is_late_today_and_later(handled, cast, clock) -> None:
    case = handled("unsettled", text=PUSHED)
    for kind, due in (("decision.due", -1), ("performance.due", 3), ("agreement.confirm", 72)):
        holder = deadlines.Holder(unit_id=cast.officer.unit.pk, role="officer")
        deadlines.start(
            case, case, kind, key="", holder=holder, at=clock.at - timedelta(days=2),
            due_at=clock.at + timedelta(hours=due),
        )  # fmt: skip
    groups = selectors.grouped(selectors.worklist(cast.officer, at=clock.at).rows, at=clock.at)
    assert [(group.title, len(group.rows)) for group in groups] == [("已超时", 1), ("今天", 1), ("以后", 1)]


def test_pages_by_key(call, cast, clock) -> None:
    for number in range(1, 4):
        call(CALM, **people(number))
    api = cast.api(cast.officer)
    first = api.get("/api/v1/worklist/?page_size=2").json()
    second = api.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), second["next"]) == (2, 1, None)
    assert {"case_no", "kind", "object_id", "due_at"} <= set(first["results"][0])


def test_the_other_side_sees_no_colour(call, cast, clock) -> None:
    alert = call(KNIFE)
    holder = deadlines.Holder(unit_id=cast.centre.unit.pk, role="centre")
    deadlines.start(
        alert.case, alert.case, "decision.due", key="", holder=holder, at=clock.at, due_at=clock.at
    )
    answer = cast.api(cast.centre).get("/api/v1/worklist/").json()["results"]
    assert [row["colour"] for row in answer] == [None]
    assert "hub-badge" not in cast.client(cast.centre).get("/").content.decode().split("常用页面")[0]


def test_every_role_has_a_start_page(cast) -> None:
    broken = {
        name: status
        for name, actor in cast.actors.items()
        if (status := cast.client(actor).get("/").status_code) != 200
    }
    assert broken == {}


@pytest.mark.parametrize("name", ["station_command", "station_chief", "officer", "bureau"])
def test_queries_do_not_grow(call, cast, clock, name, django_assert_max_num_queries) -> None:
    browser = cast.client(getattr(cast, name))
    browser.get("/")
    with django_assert_max_num_queries(QUERIES) as few:
        browser.get("/")
    for number in range(1, 6):
        call(KNIFE, **people(number))
    with django_assert_max_num_queries(QUERIES) as many:
        browser.get("/")
    assert len(many) == len(few)
