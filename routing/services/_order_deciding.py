"""Third push, decided: by a leader of the station, or by the bureau's duty leader once it rose to him."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import SYSTEM, Actor, PostActor
from dispute_hub.accounts.models import Post, Role, User
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Deadline, Phase
from dispute_hub.common.errors import Conflict, NoRight
from dispute_hub.common.text import need_text
from routing.models import Grade, OrderKind, OrderStatus, ThirdPushFiling, WorkOrder
from routing.selectors._approvers import bureau_leaders, stays_away
from routing.selectors._filings import filing_of
from routing.selectors._packet import canonical, hash_of
from routing.services._filings import checked_packet
from routing.services._order_machine import back_to_station, lock_order, send, step, tell

O = OrderStatus  # noqa: E741 - as in the table of `_order_machine`
Risen = ThirdPushFiling.Risen


@transaction.atomic
def approve_order(order: WorkOrder, *, actor: PostActor, at: datetime, seen: str = "") -> WorkOrder:
    """Approve and send: never by the person who proposed it (the database refuses it too).

    `seen` is the hash of the packet the approver has read; without it, what was filed must still stand.
    """
    by_duty = policy.require(actor, "third_push.approve", at=at)
    case, row = lock_order(order, O.SENT)
    by_duty |= check_decider(case, row, actor, at=at)
    packet = checked_packet(row, case, seen=seen)
    data = {"no": row.no, "by_duty": by_duty}
    release(case, row, packet, "order.approved", data=data, approver=actor.post, actor=actor, at=at)
    return row


def release(
    case: Case,
    order: WorkOrder,
    packet: dict[str, Any],
    kind: str,
    *,
    data: dict[str, Any],
    approver: Post,
    actor: PostActor,
    at: datetime,
) -> None:
    """Write the approval of a locked order by `approver` and send exactly this packet."""
    step(
        order, O.SENT, approved_at=at, sent_at=at, approved_by=approver, approver_user=approver.user,
        approved_by_duty=bool(data["by_duty"]), packet=canonical(packet), packet_hash=hash_of(packet),
    )  # fmt: skip
    deadlines.meet(order, "order.approve", at=at)
    lifecycle.record(case, kind, actor=actor, at=at, subject=order, data=data)
    lifecycle.advance_phase(case, Phase.LATE)
    send(case, order, actor=actor, at=at)
    tell(order, "order.approved", f"三推已批准并发出：{order.no}", at=at, post_id=order.proposed_by_id)


@transaction.atomic
def reject_order(order: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> WorkOrder:
    """Not approved, with the reason: the case goes back to the responsible officer."""
    by_duty = policy.require(actor, "third_push.approve", at=at)
    case, row = lock_order(order, O.REJECTED)
    by_duty |= check_decider(case, row, actor, at=at)
    need_text(text, "请填写不批准的理由。")
    turn_down(case, row, text=text, by_duty=by_duty, approver=actor.post, actor=actor, at=at)
    return row


def turn_down(
    case: Case, order: WorkOrder, *, text: str, by_duty: bool, approver: Post, actor: Actor, at: datetime
) -> None:
    """End a locked proposal by the word of `approver`."""
    deadlines.meet(order, "order.approve", at=at)
    step(
        order, O.REJECTED, ended_at=at, end_text=text[:2000], approved_by=approver,
        approver_user=approver.user, approved_by_duty=by_duty,
    )  # fmt: skip
    back_to_station(case, order, "rejected", text=text, actor=actor, at=at)
    tell(
        order,
        "order.rejected",
        f"三推未获批准，请按意见修改：{order.no}",
        at=at,
        post_id=order.proposed_by_id,
    )


def check_decider(case: Case, order: WorkOrder, actor: PostActor, *, at: datetime) -> bool:
    """Refuse who may not decide this order; True when the bureau does it for the station (值班代批)."""
    if order.kind == OrderKind.DIVERSION:
        raise Conflict("分流由110值班长确认，不在此审批。", code="not_a_third_push")
    not_oneself(order, actor.user)
    if actor.user.pk in stays_away(case.pk):
        raise NoRight("您在本案中已批准回避，不能审批，请由其他所领导审批。", code="recused")
    if actor.post.unit_id == case.station_id:
        return False
    if actor.post.unit_id != case.bureau_id:
        raise NoRight("三推由案件所属派出所领导审批。", code="other_unit")
    filing = filing_of(order)
    if filing is not None and filing.risen_at is None:
        raise Conflict(
            "本件由派出所领导审批；特急超过2小时未批、或所内没有其他领导时，才由分局值班领导审批。",
            code="not_risen",
        )
    lead_bureau(case, actor, at=at)
    return True


def lead_bureau(case: Case, actor: PostActor, *, at: datetime) -> None:
    """At the bureau its duty leader decides, nobody else on post there (handbook 3)."""
    if actor.post.pk not in {post.pk for post in bureau_leaders(case, at=at)}:
        raise NoRight("请由分局当前值班领导审批。", code="not_on_duty")


def not_oneself(order: WorkOrder, user: User) -> None:
    """Approver ≠ proposer, always (handbook 3)."""
    if order.proposer_user_id == user.pk:
        raise NoRight("提请人不能审批自己提请的三推，请由其他所领导审批。", code="own_proposal")


def rise(case: Case, order: WorkOrder, *, why: str, at: datetime, cause: CaseEvent | None = None) -> None:
    """From now on the bureau's duty leader decides a proposed order; once, however often it is called."""
    risen = ThirdPushFiling.objects.filter(order=order, risen_at__isnull=True).update(
        risen_at=at, risen_why=why
    )
    if not risen:
        return
    deadlines.hand_over(order, holder=deadlines.Holder(unit_id=case.bureau_id, role=Role.BUREAU))
    lifecycle.record(
        case, "order.risen", actor=SYSTEM, at=at, subject=order, cause=cause,
        data={"no": order.no, "grade": order.grade, "why": Risen(why).label},
    )  # fmt: skip
    title = f"三推待分局值班领导审批（{order.get_grade_display()}，{Risen(why).label}）：{case.case_no}"
    for post in bureau_leaders(case, at=at, besides=[order.proposer_user_id]):
        tell(order, "order.risen", title, at=at, post_id=post.pk, link="/approvals/")


def raise_unapproved(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of deadline.approval_expired: an unapproved 特急 rises by itself (handbook 3)."""
    clock = Deadline.objects.filter(pk=event.subject_id or 0).first()
    row = (
        WorkOrder.objects.select_for_update(of=("self",))
        .filter(pk=clock.subject_id, status=O.PROPOSED, grade=Grade.EXTRA_URGENT)
        .first()
        if clock
        else None
    )
    if row is not None:
        row.case = case
        rise(case, row, why=Risen.OVERDUE, at=at, cause=event)
