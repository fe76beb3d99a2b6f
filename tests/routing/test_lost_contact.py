"""失去联系: three tries on different days, a visit, the officer's word, a leader's: ended, not 化解."""

from __future__ import annotations

import pytest

from dispute_hub.cases.models import RESOLVING, Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.outbox.models import OutboxRow
from reports.selectors import worklist
from routing.models import WorkOrder
from tests.routing.lost import CALLED, decide, propose, tried


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
