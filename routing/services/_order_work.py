"""Third push, the other side: accepted, returned, fed back, reported settled."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor, post_id_of
from dispute_hub.accounts.models import Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Invalid
from dispute_hub.common.text import need_text
from routing.models import OrderKind, OrderProgress, OrderStatus, ReturnReason, WorkOrder
from routing.services._addressee import responsible_officer
from routing.services._holding import hold
from routing.services._order_contacts import start_contact_clock
from routing.services._order_machine import (
    accept_clock,
    at_work_on,
    back_to_station,
    lock_in_hand,
    lock_order,
    receiver,
    refuse_notice,
    step,
    tell,
    tell_station,
)
from routing.services._order_split import end_tasks, refuse_unfinished

O = OrderStatus  # noqa: E741 - as in the table of `_order_machine`


@transaction.atomic
def accept_order(order: WorkOrder, *, actor: Actor, at: datetime) -> WorkOrder:
    """签收: from now names, phones and address are clear, and the result clock runs."""
    policy.require(actor, "order.accept", at=at)
    case, row = lock_order(order, O.ACCEPTED, when=(O.SENT,), receiver=actor)
    signed = {"accepted_at": at, "accepted_by_id": post_id_of(actor)}
    deadlines.meet(row, accept_clock(row), at=at)
    if row.kind == OrderKind.NOTICE_ONLY:
        # It informs and asks for nothing more.
        step(row, O.DONE, ended_at=at, **signed)
    else:
        step(row, O.ACCEPTED, **signed)
        deadlines.start(case, row, "order.result", key=row.grade, holder=receiver(row), at=at)
        deadlines.start(case, row, "order.progress", key=row.grade, holder=receiver(row), at=at)
        if isinstance(actor, PostActor):
            # A platform's people call from the platform; what they hear comes back as progress.
            start_contact_clock(case, row, at=at)
    lifecycle.record(case, "order.accepted", actor=actor, at=at, subject=row, data={"no": row.no})
    tell_station(row, "order.accepted", f"交办单已签收：{row.no}", at=at)
    return row


@transaction.atomic
def return_order(order: WorkOrder, *, reason_code: str, text: str, actor: Actor, at: datetime) -> WorkOrder:
    """退回 with a reason code; the case goes back to the station, which decides anew."""
    policy.require(actor, "order.return", at=at)
    case, row = lock_order(order, O.RETURNED, receiver=actor)
    refuse_notice(row, "退回")
    if reason_code not in ReturnReason.values:
        raise Invalid("请选择退回原因。", fields={"reason_code": ["请从列表中选择退回原因。"]})
    need_text(text, "请写明退回的具体情况。")
    end_returned(case, row, reason_code=reason_code, text=text, actor=actor, at=at)
    return row


def end_returned(
    case: Case, row: WorkOrder, *, reason_code: str, text: str, actor: Actor, at: datetime
) -> None:
    """End a locked order as returned; also for a diversion nobody accepted in time."""
    step(row, O.RETURNED, ended_at=at, return_reason=reason_code, end_text=text)
    end_tasks(row, at=at)
    back_to_station(case, row, "returned", text=text, actor=actor, at=at)
    tell_station(row, "order.returned", f"交办单被退回，请重新指定：{row.no}", at=at)


@transaction.atomic
def feed_back_order(order: WorkOrder, *, text: str, actor: Actor, at: datetime) -> OrderProgress:
    """A progress report of the centre or of a unit on the order; the progress clock starts again."""
    policy.require(actor, "order.feed_back", at=at)
    case, row = lock_in_hand(order, act="填报进展")
    at_work_on(row, actor)
    need_text(text, "请填写进展情况。")
    progress = OrderProgress.objects.create(order=row, post_id=post_id_of(actor), text=text, at=at)
    deadlines.meet(row, "order.progress", at=at)
    deadlines.start(case, row, "order.progress", key=row.grade, holder=receiver(row), at=at)
    data = {"no": row.no, "text": text}
    lifecycle.record(case, "order.fed_back", actor=actor, at=at, subject=row, data=data)
    tell_station(row, "order.fed_back", f"交办单有新进展：{row.no}", at=at)
    return progress


@transaction.atomic
def settle_order(order: WorkOrder, *, how: str, text: str, actor: Actor, at: datetime) -> WorkOrder:
    """The centre reports the dispute settled; the responsible officer verifies with both parties.

    Results go to the station and to 110 (handbook 7).
    """
    policy.require(actor, "order.settle", at=at)
    case, row = lock_order(order, O.TO_VERIFY, receiver=actor)
    refuse_notice(row, "报结")
    refuse_unfinished(row)
    cases.check_settlement(case, how=how, text=text)
    step(row, O.TO_VERIFY, settle_how=how, settle_text=text, settled_at=at)
    deadlines.meet(row, "order.result", at=at)
    deadlines.end(row, at=at, kinds=["order.progress", "order.contact"])
    _hand_to_verifier(case, row, at=at)
    data = {"no": row.no, "how": how, "text": text}
    lifecycle.record(case, "order.to_verify", actor=actor, at=at, subject=row, data=data)
    lifecycle.move(case, Status.VERIFYING, actor=actor, at=at, subject=row)
    row.extensions.filter(approved__isnull=True).delete()
    _tell_reception(case, row, at=at)
    return row


def _hand_to_verifier(case: Case, row: WorkOrder, *, at: datetime) -> None:
    """Verifying is held by the responsible officer, without one by the command room (handbook 4)."""
    post = responsible_officer(case, at=at)
    holder = deadlines.Holder(
        unit_id=post.unit_id if post else case.station_id,
        post_id=post.pk if post else None,
        role="" if post else Role.STATION_COMMAND,
    )
    deadlines.start(case, row, "order.verify", key=row.grade, holder=holder, at=at)
    hold(case, unit_id=holder.unit_id, post=post)
    title = f"交办单报结，请核查双方当事人：{row.no}"
    tell_station(row, "order.to_verify", title, at=at)
    if post:
        tell(row, "order.to_verify", title, at=at, post_id=post.pk)


def _tell_reception(case: Case, row: WorkOrder, *, at: datetime) -> None:
    """The 110 centres that took the case's calls hear of the result; they may not open the order."""
    found = case.alerts.exclude(reception=None).values_list("reception_id", flat=True)
    for reception_id in sorted(set(found)):
        title = f"交办事项已报结：{case.case_no}"
        tell(row, "order.result", title, at=at, unit_id=reception_id, role=Role.DUTY_COMMANDER,
             link="/alerts/")  # fmt: skip
