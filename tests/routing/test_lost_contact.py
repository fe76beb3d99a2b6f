"""联系不上: three tries on different days, a visit, the officer's word, a leader's: ended, not 化解."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import RESOLVING, Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.time import BEIJING
from dispute_hub.outbox.models import OutboxRow
from reports import event_words
from reports.selectors import worklist
from routing import services
from routing.models import LostContact, WorkOrder
from tests.cast import Cast
from tests.routing.orders import Story

CALLED = [(1, "phone"), (1, "phone"), (1, "phone"), (0, "visit")]


def tried(order: WorkOrder, cast: Cast, clock: Any, *tries: tuple[int, str], side: int = 2) -> WorkOrder:
    """Looked for in vain: so many days later, in this way."""
    for days, mode in tries:
        clock.advance(days=days)
        services.record_try(
            order, side=side, mode=mode, said="无人接听", actor=cast.community_officer, at=clock.at
        )
    return order


def propose(order: WorkOrder, cast: Cast, clock: Any, **given: Any) -> LostContact:
    said = {
        "text": "对方已外出务工，电话停机。", "actor": cast.community_officer,
        "contacts": [services.SideSaid(1, "phone", "本人称无意见")], **given,
    }  # fmt: skip
    return services.propose_lost_contact(order, at=clock.at, **said)


def decide(lost: LostContact, cast: Cast, clock: Any, *, approved: bool = True, **given: Any) -> LostContact:
    said = {"actor": cast.station_chief, **given}
    return services.decide_lost_contact(lost, approved=approved, at=clock.at, **said)


def leave(actor: PostActor, *, is_active: bool = False) -> None:
    """He works here no more (or again)."""
    actor.user.is_active = is_active
    actor.user.save()


@pytest.fixture
def lost(story: Story, cast: Cast, clock: Any) -> LostContact:
    return propose(tried(story.to_verify(), cast, clock, *CALLED), cast, clock)


def test_approved_it_ends_order_and_case_without_counting_as_settled(lost, cast, clock) -> None:
    decide(lost, cast, clock)
    order = WorkOrder.objects.select_related("case").get(pk=lost.order_id)
    assert (order.status, order.case.status, order.case.settle_how) == ("done", "settled", "lost_contact")
    assert (order.settle_how, order.verified_by) == ("oral_agreement", cast.community_officer.post)
    assert order.case.settle_how not in RESOLVING
    assert not Deadline.objects.filter(kind="order.verify", state="open").exists()
    done = CaseEvent.objects.get(case=order.case, kind="order.done")
    assert (done.data["how"], done.actor_user_id) == ("lost_contact", cast.station_chief.user.pk)


def test_until_a_leader_decides_the_order_waits_in_verification(lost, cast, clock) -> None:
    lost.order.refresh_from_db()
    assert (lost.order.status, Case.objects.get(pk=lost.order.case_id).status) == ("to_verify", "verifying")
    assert Deadline.objects.filter(kind="order.verify", state="open").exists()
    with pytest.raises(Conflict, match="正在等待所领导审批"):
        propose(lost.order, cast, clock)


@pytest.mark.parametrize(
    ("tries", "missing"),
    [
        ([], "尚未登记联系未果"),
        ([(0, "phone"), (0, "phone"), (0, "visit")], "已在1天"),
        ([(0, "visit"), (1, "phone")], "已在2天"),
        ([(0, "phone"), (1, "phone"), (1, "phone")], "再上门一次"),
        ([(0, "visit"), (1, "phone"), (1, "phone")], "再上门一次"),
        ([(0, "phone"), (1, "phone"), (1, "visit")], "再上门一次"),
        ([(0, "phone"), (1, "phone"), (2, "visit")], "再上门一次"),
    ],
)
def test_three_days_and_then_a_visit_are_needed(story, cast, clock, tries, missing: str) -> None:
    order = tried(story.to_verify(), cast, clock, *tries)
    with pytest.raises(Invalid) as refused:
        propose(order, cast, clock)
    assert list(refused.value.fields) == ["said_2"]
    assert missing in refused.value.fields["said_2"][0]
    assert not order.contacts.filter(purpose="verify").exists()


def test_each_side_nobody_reached_must_have_been_looked_for(story, cast, clock) -> None:
    order = tried(story.to_verify(), cast, clock, *CALLED)
    with pytest.raises(Invalid) as refused:
        propose(order, cast, clock, contacts=[])
    assert list(refused.value.fields) == ["said_1"]


def test_tries_of_an_earlier_verification_count_no_more(story, cast, clock) -> None:
    order = tried(story.to_verify(), cast, clock, *CALLED)
    clock.advance(hours=1)
    order = story.act("settle", story.act("verify_no", order))
    with pytest.raises(Invalid):
        propose(order, cast, clock)


def test_whoever_was_reached_is_not_lost(story, cast, clock) -> None:
    order = story.to_verify()
    with pytest.raises(Invalid) as refused:
        propose(order, cast, clock, contacts=story.both_said(order))
    assert refused.value.code == "nobody_lost"


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


def test_refused_with_a_reason_the_officer_looks_on(lost, cast, clock) -> None:
    with pytest.raises(Invalid):
        decide(lost, cast, clock, approved=False)
    decide(lost, cast, clock, approved=False, text="请向其亲属了解去向")
    lost.order.refresh_from_db()
    assert lost.order.status == "to_verify"
    told = OutboxRow.objects.filter(topic="notice", payload__kind="order.lost_decided").get().payload
    assert told["post_id"] == cast.community_officer.post.pk
    with pytest.raises(Conflict):
        decide(lost, cast, clock)
    assert propose(lost.order, cast, clock).approved is None


def test_who_turns_up_after_all_ends_the_proposal(story, lost, cast, clock) -> None:
    order = story.act("verify_yes", lost.order)
    assert (order.status, order.case.settle_how) == ("done", "oral_agreement")
    lost.refresh_from_db()
    assert (lost.approved, lost.withdrawn_at) == (None, clock.at)
    trace = CaseEvent.objects.get(case=order.case, kind="order.lost_withdrawn")
    assert trace.actor_user_id == cast.community_officer.user.pk
    with pytest.raises(Conflict):
        decide(lost, cast, clock)


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


def test_it_waits_with_the_chief_and_he_decides_on_his_page(lost, cast, clock) -> None:
    assert "失去联系审批" in [row.name for row in worklist(cast.station_chief, at=clock.at).rows]
    chief = cast.client(cast.station_chief)
    page = chief.get("/approvals/orders/").content.decode()
    assert "对方已外出务工" in page and f"/approvals/lost/{lost.pk}/approve/" in page
    refused = chief.post(f"/approvals/lost/{lost.pk}/reject/", {"text": ""})
    assert (refused.status_code, "请填写不同意的理由" in refused.content.decode()) == (422, True)
    assert chief.post(f"/approvals/lost/{lost.pk}/approve/").status_code == 302
    assert "失去联系审批" not in [row.name for row in worklist(cast.station_chief, at=clock.at).rows]
    assert (
        cast.client(cast.other_station_chief).post(f"/approvals/lost/{lost.pk}/approve/").status_code == 404
    )


def test_the_officer_records_and_proposes_on_the_page_of_the_order(story, cast, clock) -> None:
    order = story.to_verify()
    page = f"/orders/{order.no}/"
    told = {"text": "电话停机", "mode_1": "phone", "said_1": "无意见", "mode_2": "phone", "said_2": ""}
    refused = cast.client(cast.community_officer).post(f"{page}lost/", told)
    assert (refused.status_code, "尚未登记联系未果" in refused.content.decode()) == (422, True)
    for days, mode in CALLED:
        clock.advance(days=days)
        officer = cast.client(cast.community_officer)
        officer.post(f"{page}tried/", {"side": "2", "mode": mode, "said": "敲门无人应答"})
    assert officer.post(f"{page}lost/", told).status_code == 302
    shown = officer.get(page).content.decode()
    assert "提请按失去联系办结（待审批）" in shown and shown.count("敲门无人应答") == 4
    assert "审批按失去联系办结的提请" in shown and f"{page}lost/" not in shown
    assert "敲门无人应答" not in cast.client(cast.centre).get(page).content.decode()
