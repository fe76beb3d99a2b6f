"""失去联系: who decides, at this moment and on what; what becomes of a proposal, in sight of everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.errors import Conflict, NoRight
from dispute_hub.common.time import BEIJING
from dispute_hub.outbox.models import OutboxRow
from reports import event_words
from reports.selectors import worklist
from routing.models import LostContact, WorkOrder
from tests.cast import Cast
from tests.routing.lost import CALLED, decide, leave, propose, tried


def test_never_by_who_proposed_it(story, cast, clock, lost) -> None:
    both = cast.add_post(cast.community_officer, "station_chief", cast.units.station)
    with pytest.raises(NoRight):
        decide(lost, cast, clock, actor=both)
    own = {"approved": True, "approver_user": F("proposer_user")}
    for wrong, said in ((own, "approver_not_proposer"), ({"approved": True}, "decided_by_somebody")):
        with pytest.raises(IntegrityError, match=said), transaction.atomic():
            LostContact.objects.update(**wrong)


def test_the_leader_on_duty_is_told_and_has_it_on_his_list(story, cast, clock) -> None:
    order = tried(story.to_verify(), cast, clock, *CALLED)
    cast.roster(cast.officer, "leader", clock.at, clock.at + timedelta(hours=12))
    propose(order, cast, clock)
    told = OutboxRow.objects.filter(payload__kind="order.lost_proposed").values_list("payload", flat=True)
    assert cast.officer.post.pk in [row.get("post_id") for row in told]
    assert "失去联系审批" in [row.name for row in worklist(cast.officer, at=clock.at).rows]
    assert "失去联系审批" not in [row.name for row in worklist(cast.second_officer, at=clock.at).rows]


def test_what_one_proposed_is_not_on_his_own_list(story, cast, clock) -> None:
    order = tried(story.to_verify(), cast, clock, *CALLED)
    cast.roster(cast.station_command, "leader", clock.at, clock.at + timedelta(hours=12))
    propose(order, cast, clock, actor=cast.station_command)
    assert "失去联系审批" not in [row.name for row in worklist(cast.station_command, at=clock.at).rows]
    assert "失去联系审批" in [row.name for row in worklist(cast.station_chief, at=clock.at).rows]


def test_at_the_bureau_it_waits_with_the_duty_leader_alone(lost, cast, clock) -> None:
    leave(cast.station_chief)
    other = cast.add("other_bureau", "bureau", cast.units.bureau)
    cast.roster(other, "leader", clock.at, clock.at + timedelta(hours=12))
    assert "失去联系审批" in [row.name for row in worklist(other, at=clock.at).rows]
    assert "失去联系审批" not in [row.name for row in worklist(cast.bureau, at=clock.at).rows]


def test_the_only_leader_left_since_so_the_bureau_decides(lost, cast, clock) -> None:
    assert worklist(cast.bureau, at=clock.at).rows == []
    leave(cast.station_chief)
    page = cast.client(cast.bureau).get("/approvals/orders/").content.decode()
    assert "所内无其他领导可批" in page and f"/approvals/lost/{lost.pk}/approve/" in page
    decided = decide(lost, cast, clock, actor=cast.bureau)
    assert (decided.approved, decided.decided_by_duty) == (True, True)


def test_a_leader_is_back_so_it_is_no_longer_the_bureaus(story, cast, clock) -> None:
    leave(cast.station_chief)
    lost = propose(tried(story.to_verify(), cast, clock, *CALLED), cast, clock)
    leave(cast.station_chief, is_active=True)
    with pytest.raises(Conflict, match="由派出所领导审批"):
        decide(lost, cast, clock, actor=cast.bureau)
    decide(lost, cast, clock)


def grave(order: WorkOrder, cast: Cast, clock: Any) -> Case:
    """The case of a settled order, red, its follow-up over."""
    Case.objects.filter(pk=order.case_id).update(colour="red")
    case = Case.objects.get(pk=order.case_id)
    cases.close(case, actor=cast.community_officer, at=clock.at)
    return case


def test_the_leader_who_agreed_may_approve_the_closing_of_a_grave_case(lost, cast, clock) -> None:
    decide(lost, cast, clock)
    cases.approve_close(grave(lost.order, cast, clock), actor=cast.station_chief, at=clock.at)
    assert Case.objects.get(pk=lost.order.case_id).status == "closed"


def test_who_proposed_the_end_does_not_approve_the_closing(story, cast, clock) -> None:
    order = tried(story.to_verify(), cast, clock, *CALLED)
    decide(propose(order, cast, clock, actor=cast.station_command), cast, clock)
    case = grave(order, cast, clock)
    cast.roster(cast.station_command, "leader", clock.at, clock.at + timedelta(hours=12))
    for own in (
        cast.station_command,
        cast.add_post(cast.station_command, "station_chief", cast.units.station),
    ):
        with pytest.raises(NoRight, match="自己提请办结"):
            cases.approve_close(case, actor=own, at=clock.at)


@pytest.mark.parametrize("who", ["community_officer", "station_command", "officer", "centre"])
def test_nobody_but_a_leader_decides(lost, cast, clock, who: str) -> None:
    with pytest.raises(NoRight):
        decide(lost, cast, clock, actor=getattr(cast, who))


@pytest.mark.parametrize("who", ["other_station_chief", "bureau"])
def test_the_stations_own_leader_decides(lost, cast, clock, who: str) -> None:
    with pytest.raises((NoRight, Conflict)):
        decide(lost, cast, clock, actor=getattr(cast, who))


def test_without_another_leader_it_is_the_bureaus(story, cast, clock) -> None:
    leave(cast.station_chief)
    lost = propose(tried(story.to_verify(), cast, clock, *CALLED), cast, clock)
    assert [row.name for row in worklist(cast.bureau, at=clock.at).rows] == ["失去联系审批"]
    decide(lost, cast, clock, actor=cast.bureau)
    assert Case.objects.get(pk=lost.order.case_id).settle_how == "lost_contact"


@pytest.mark.parametrize("result", ["verify_yes", "verify_no"])
def test_a_leader_who_comes_too_late_reads_who_was_first_and_keeps_his_words(
    story, lost, cast, clock, result: str
) -> None:
    story.act(result, lost.order)
    chief = cast.client(cast.station_chief)
    answer = chief.post(f"/approvals/lost/{lost.pk}/reject/", {"text": "请再向村委会了解"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "责任民已于" in page and "提交核查结果，该提请随之撤回" in page and "请再向村委会了解" in page
    shown = cast.client(cast.community_officer).get(f"/orders/{lost.order.no}/").content.decode()
    assert "提请按失去联系办结（已撤回）" in shown


def test_after_a_failed_verification_it_may_be_proposed_anew(story, lost, cast, clock) -> None:
    clock.advance(hours=1)
    order = tried(story.act("settle", story.act("verify_no", lost.order)), cast, clock, *CALLED)
    again = propose(order, cast, clock)
    decide(again, cast, clock)
    assert LostContact.objects.filter(order=order).count() == 2


def test_of_two_leaders_the_second_reads_what_the_first_decided(lost, cast, clock) -> None:
    decide(lost, cast, clock)
    with pytest.raises(Conflict, match=r"象所长于.*审批：同意"):
        decide(lost, cast, clock, actor=cast.add("second_chief", "station_chief", cast.units.station))


def test_the_leader_reads_every_try_with_its_way_and_day(lost, cast, clock) -> None:
    tries = CaseEvent.objects.filter(case=lost.order.case_id, kind="order.contact_tried")
    days = [row.at.astimezone(BEIJING) for row in tries.order_by("id")]
    page = cast.client(cast.station_chief).get("/approvals/orders/").content.decode()
    ways = ("电话", "电话", "电话", "上门")
    for day, way in zip(days, ways, strict=True):
        assert f">{day:%m-%d %H:%M}</time> {way} " in page
    order_page = cast.client(cast.community_officer).get(f"/orders/{lost.order.no}/").content.decode()
    assert "上门 · " in order_page


@pytest.mark.parametrize(("approved", "said"), [(True, "已同意"), (False, "未同意")])
def test_the_page_of_the_order_shows_who_decided_and_his_words(lost, cast, clock, approved, said) -> None:
    cast.roster(cast.station_command, "leader", clock.at, clock.at + timedelta(hours=12))
    decide(lost, cast, clock, approved=approved, actor=cast.station_command, text="已向村委会核实")
    page = cast.client(cast.community_officer).get(f"/orders/{lost.order.no}/").content.decode()
    assert f"提请按失去联系办结（{said}）" in page
    assert "指挥室（值班代批）" in page and "已向村委会核实" in page


def test_the_timeline_calls_it_an_end_and_no_settlement(lost, cast, clock) -> None:
    decide(lost, cast, clock)
    event = CaseEvent.objects.get(case=lost.order.case_id, kind="case.settled")
    assert event_words.say(event).text == "案件办结：失去联系"
