"""先推后批: a 特急 order goes on a leader's word by telephone; his written word follows by noon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import SYSTEM, Actor, PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from routing.models import Grade, OrderStatus, PhoneApproval, WorkOrder
from routing.selectors._approvers import phone_leaders, stays_away
from routing.selectors._filings import filing_of
from routing.services._addressee import responsible_officer
from routing.services._filings import checked_packet
from routing.services._order_deciding import lead_bureau, not_oneself, release, turn_down
from routing.services._order_machine import back_to_station, lock_order, step, tell, tell_station

O = OrderStatus  # noqa: E741 - as in the table of `_order_machine`
Verdict = PhoneApproval.Verdict
# handbook 3: written approval by 12:00 of the next day.
WRITTEN_BY: Final = timedelta(hours=12)
# A call is recorded while it is fresh; an older one is no approval of what was written since.
CALLED_WITHIN: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """Who was asked, when, and what he said; recorded by the actor of the service."""

    leader: Post | None
    asked_at: datetime
    agreed: bool
    answer: str


@transaction.atomic
def record_phone_approval(
    order: WorkOrder, said: PhoneAnswer, *, actor: PostActor, at: datetime, seen: str = ""
) -> WorkOrder:
    """Record a leader's answer by telephone: yes sends the 特急 order at once, no ends the proposal.

    `seen` is the hash of the packet that was in sight during the call, as for `approve_order`.
    """
    policy.require(actor, "third_push.record_phone", at=at)
    case, row = lock_order(order, O.SENT, when=(O.PROPOSED,))
    if row.grade != Grade.EXTRA_URGENT:
        raise Conflict(
            f"“{row.get_grade_display()}”件须书面审批后发出；确属特急的，请退回后按特急重新提请。",
            code="not_extra_urgent",
        )
    leader = _checked(row, case, said, actor, at)
    by_duty = leader.role != Role.STATION_CHIEF
    if not said.agreed:
        text = f"电话请示未同意：{said.answer}"
        turn_down(case, row, text=text, by_duty=by_duty, approver=leader, actor=actor, at=at)
        return row
    packet = checked_packet(row, case, seen=seen)
    word = PhoneApproval.objects.create(
        order=row, proposer_user_id=row.proposer_user_id, leader=leader, leader_user=leader.user,
        asked_at=said.asked_at, answer=said.answer[:500], recorder=actor.post, recorder_user=actor.user,
        recorded_at=at,
    )  # fmt: skip
    data = {"no": row.no, "by_duty": by_duty, "leader_post_id": leader.pk, "text": said.answer[:500]}
    release(case, row, packet, "order.phone_approved", data=data, approver=leader, actor=actor, at=at)
    holder = deadlines.Holder(unit_id=leader.unit_id, post_id=leader.pk, role=leader.role)
    deadlines.start(
        case, word, "order.written", key="", holder=holder, at=at, due_at=written_by(said.asked_at)
    )
    title = f"先推后批，请于次日12:00前补办书面审批：{row.no}"
    tell(row, "order.written_asked", title, at=at, post_id=leader.pk, link="/approvals/")
    return row


def written_by(asked_at: datetime) -> datetime:
    """12:00 Beijing of the day after the call."""
    _, next_day_at = time.day_bounds(time.beijing_date(asked_at))
    return next_day_at + WRITTEN_BY


def _checked(order: WorkOrder, case: Case, said: PhoneAnswer, actor: PostActor, at: datetime) -> Post:
    fields: dict[str, list[str]] = {}
    leader = said.leader
    offered = phone_leaders(order, at=at, besides=[actor.user.pk])
    if leader is None or leader.pk not in {post.pk for post in offered}:
        fields["leader"] = ["请选择其他所领导、值班所领导或分局值班领导；不能是提请人或记录人本人。"]
    if not at - CALLED_WITHIN <= said.asked_at <= at:
        fields["asked_at"] = ["请填写12小时以内的实际通话时间，不能晚于现在。"]
    if not said.answer.strip():
        fields["answer"] = ["请记录领导的答复原话或要点。"]
    if fields or leader is None:
        raise Invalid("电话请示记录不完整，请补齐标出的部分。", fields=fields)
    return leader


@transaction.atomic
def decide_in_writing(
    order: WorkOrder, *, agreed: bool, actor: PostActor, at: datetime, text: str = ""
) -> PhoneApproval:
    """补书面审批: confirms what went by telephone, or refuses it: recalled, or both sides are told."""
    by_duty = policy.require(actor, "third_push.approve", at=at)
    case = cases.lock(order.case_id)
    row = WorkOrder.objects.select_for_update(of=("self",)).select_related("addressee").get(pk=order.pk)
    row.case = case
    word = PhoneApproval.objects.select_for_update(of=("self",)).filter(order=row).first()
    if word is None or word.verdict != Verdict.PENDING:
        raise Conflict("该件没有待补办的书面审批，请刷新后查看。", code="nothing_pending")
    _check_decider(case, row, word, actor, at=at)
    if not agreed:
        need_text(text, "请填写不同意的理由。")
    word.verdict = Verdict.CONFIRMED if agreed else Verdict.REFUSED
    word.decided_at, word.decider, word.decider_user, word.text = at, actor.post, actor.user, text
    word.save(update_fields=["verdict", "decided_at", "decider", "decider_user", "text"])
    deadlines.meet(word, "order.written", at=at)
    kind = "order.written_confirmed" if agreed else "order.written_refused"
    data = {"no": row.no, "text": text, "by_duty": by_duty or actor.post.unit_id == case.bureau_id}
    lifecycle.record(case, kind, actor=actor, at=at, subject=row, data=data)
    if not agreed:
        _take_back(case, row, text, actor=actor, at=at)
    return word


def _check_decider(
    case: Case, order: WorkOrder, word: PhoneApproval, actor: PostActor, *, at: datetime
) -> None:
    """A leader of the station, the one who was asked, or the bureau's duty leader once it is his."""
    not_oneself(order, actor.user)
    if word.recorder_user_id == actor.user.pk:
        raise NoRight("电话请示的记录人不能补办书面审批，请由其他领导办理。", code="own_record")
    if actor.user.pk in stays_away(case.pk):
        raise NoRight("您在本案中已批准回避，不能审批。", code="recused")
    if actor.post.unit_id == case.station_id or actor.post.pk == word.leader_id:
        return
    if actor.post.unit_id != case.bureau_id:
        raise NoRight("请由案件所属派出所领导或分局值班领导补办。", code="other_unit")
    filing = filing_of(order)
    has_risen = filing is not None and filing.risen_at is not None
    if not has_risen and word.flagged_at is None and word.leader.unit_id != case.bureau_id:
        raise Conflict("书面审批由派出所领导补办；逾期未补的，由分局值班领导办理。", code="not_risen")
    lead_bureau(case, actor, at=at)


def _take_back(case: Case, order: WorkOrder, text: str, *, actor: PostActor, at: datetime) -> None:
    """Recalled while nobody has accepted it; else it goes on and both sides know (handbook 3)."""
    said = f"先推后批的书面审批未同意：{text}"
    if order.status == O.SENT:
        step(order, O.RECALLED, ended_at=at, end_text=said[:2000])
        back_to_station(case, order, "recalled", text=said, actor=actor, at=at)
        tell(order, "order.recalled", f"交办单已由派出所撤回：{order.no}", at=at, unit=order.addressee)
        tell_station(order, "order.recalled", f"书面审批未同意，交办单已撤回：{order.no}", at=at)
        return
    title = f"书面审批未同意，请双方协商后续办理：{order.no}"
    if order.status in (O.ACCEPTED, O.TO_VERIFY):
        tell(order, "order.written_refused", title, at=at, unit=order.addressee)
    tell_station(order, "order.written_refused", title, at=at)
    officer = responsible_officer(case, at=at)
    if officer is not None:
        tell(order, "order.written_refused", title, at=at, post_id=officer.pk)


def flag_unwritten(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of deadline.written_expired: flagged and listed; the ladder itself tells the bureau."""
    clock = Deadline.objects.filter(pk=event.subject_id or 0).first()
    words = PhoneApproval.objects.select_for_update(of=("self",)).filter(
        pk=(clock.subject_id or 0) if clock else 0, verdict=Verdict.PENDING, flagged_at__isnull=True
    )
    word = words.select_related("order").first()
    if word is None:
        return
    word.flagged_at = at
    word.save(update_fields=["flagged_at"])
    order = word.order
    order.case = case
    lifecycle.record(
        case, "order.unwritten", actor=SYSTEM, at=at, subject=order, cause=event, data={"no": order.no}
    )
    title = f"先推后批逾期未补书面审批：{order.no}"
    chief = Role.STATION_CHIEF
    tell(order, "order.unwritten", title, at=at, unit_id=case.station_id, role=chief, link="/approvals/")
