"""Third push, back at the station: verified with both parties, and later dates asked for and decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import clock_table, deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Deadline, Status
from dispute_hub.common.errors import Conflict
from dispute_hub.common.text import need_text
from routing.models import Grade, OrderContact, OrderExtension, OrderStatus, WorkOrder
from routing.services._holding import hold
from routing.services._lost_contact import withdraw_lost
from routing.services._order_contacts import SideSaid, keep, need_both
from routing.services._order_machine import (
    lock_in_hand,
    lock_order,
    receiver,
    step,
    tell,
)
from routing.services._recusals import refuse_recused

O = OrderStatus  # noqa: E741 - as in the table of `_order_machine`


@transaction.atomic
def verify_order(
    order: WorkOrder,
    *,
    accepted: bool,
    text: str,
    actor: PostActor,
    at: datetime,
    contacts: Sequence[SideSaid] = (),
) -> WorkOrder:
    """核查 with both parties: the case is settled as the centre proposed, or goes back to work.

    `contacts` is what each side said; without every side of the case reached nothing is confirmed.
    """
    policy.require(actor, "order.verify", at=at)
    case, row = lock_order(order, O.DONE if accepted else O.ACCEPTED, when=(O.TO_VERIFY,))
    refuse_recused(case, actor)
    need_text(text, "请写明核查结论。", hint="请写明核查结论；不属实的写明哪些还要继续办理。")
    if accepted:
        need_both(case, contacts)
    keep(case, row, contacts, purpose=OrderContact.Purpose.VERIFY, actor=actor, at=at)
    deadlines.meet(row, "order.verify", at=at)
    withdraw_lost(case, row, actor=actor, at=at)
    said = {"verified_at": at, "verified_by": actor.post, "verify_text": text}
    data = {"no": row.no, "text": text}
    if accepted:
        step(row, O.DONE, ended_at=at, **said)
        lifecycle.record(case, "order.done", actor=actor, at=at, subject=row, data=data)
        cases.mark_settled(case, how=row.settle_how, text=row.settle_text, actor=actor, at=at)
        outcome = "已通过核查办结"
    else:
        times = row.verify_failed_count + 1
        step(row, O.ACCEPTED, settled_at=None, verify_failed_count=times, **said)
        said_why = {**data, "times": times}
        lifecycle.record(case, "order.verify_failed", actor=actor, at=at, subject=row, data=said_why)
        lifecycle.move(case, Status.JOINT, actor=actor, at=at, subject=row)
        hold(case, unit_id=row.addressee_id, post=None)
        _resume_clocks(case, row, at=at)
        outcome = f"第{times}次未通过核查，请按核查意见继续办理"
    tell(row, "order.verified", f"交办单{outcome}：{row.no}", at=at, unit=row.addressee)
    return row


def _resume_clocks(case: Case, order: WorkOrder, *, at: datetime) -> None:
    """Work goes on towards the former result date, but never with less than the weekly report's time."""
    former = Deadline.objects.filter(subject_kind="workorder", subject_id=order.pk, kind="order.result")
    last = former.order_by("-id").values_list("due_at", flat=True).first()
    week = clock_table.due_at(at, clock_table.limit_of("order.progress", Grade.URGENT), safety=True)
    due_at = max(last, week) if last else week
    deadlines.start(
        case, order, "order.result", key=order.grade, holder=receiver(order), at=at, due_at=due_at
    )
    deadlines.start(case, order, "order.progress", key=order.grade, holder=receiver(order), at=at)


@transaction.atomic
def extend_order(
    order: WorkOrder, *, until_at: datetime, reason: str, actor: PostActor, at: datetime
) -> OrderExtension:
    """Ask for a later result date; the clock keeps running until somebody at the station approves."""
    policy.require(actor, "order.extend", at=at)
    case, row = lock_in_hand(order, act="申请延期", receiver=actor)
    running = Deadline.objects.filter(
        subject_kind="workorder", subject_id=row.pk, kind="order.result", state=Deadline.State.OPEN
    ).first()
    cases.check_asked(
        row.extensions.all(), noun="交办单", until_at=until_at, due_at=running.due_at if running else at,
        reason=reason, at=at, field="until",
    )  # fmt: skip
    extension = OrderExtension.objects.create(
        order=row, until_at=until_at, reason=reason, proposer=actor.post, proposed_at=at
    )
    lifecycle.record(
        case, "order.extension_asked", actor=actor, at=at, subject=row,
        data={"no": row.no, "until": until_at.isoformat(), "reason": reason},
    )  # fmt: skip
    tell(row, "order.extension_asked", f"交办单申请延期，待审批：{row.no}", at=at,
         unit_id=case.station_id, role=Role.STATION_CHIEF, link="/approvals/")  # fmt: skip
    return extension


@transaction.atomic
def decide_extension(
    extension: OrderExtension, *, approved: bool, actor: PostActor, at: datetime, text: str = ""
) -> OrderExtension:
    """The station approves or refuses a later date; approval moves the clock."""
    by_duty = policy.require(actor, "order.approve_extension", at=at)
    case = cases.lock(extension.order.case_id)
    order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=extension.order_id)
    extension = OrderExtension.objects.select_for_update(of=("self",)).get(pk=extension.pk)
    if order.status != O.ACCEPTED:
        raise Conflict("交办单已不在办理中，无需审批延期。")
    cases.check_decided(
        extension.approved, proposer_user_id=extension.proposer.user_id, approved=approved, text=text,
        actor=actor,
    )  # fmt: skip
    proposer = extension.proposer.user_id
    policy.leave_to_station(by_duty, actor, case.station, besides_user_id=proposer, at=at)
    extension.approved, extension.approver, extension.decided_at = approved, actor.post, at
    extension.save(update_fields=["approved", "approver", "decided_at"])
    if approved:
        deadlines.postpone(order, "order.result", until_at=extension.until_at, at=at)
    kind = "order.extended" if approved else "order.extension_refused"
    lifecycle.record(
        case, kind, actor=actor, at=at, subject=order,
        data={"no": order.no, "until": extension.until_at.isoformat(), "text": text, "by_duty": by_duty},
    )  # fmt: skip
    said = "已同意延期" if approved else "未同意延期，请按原期限办理"
    tell(order, kind, f"{said}：{order.no}", at=at, unit=order.addressee)
    return extension
