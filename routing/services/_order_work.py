"""Third push, the other side: accepted, returned, assigned, fed back, extended, settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from routing.models import (
    OrderExtension,
    OrderKind,
    OrderProgress,
    OrderStatus,
    OrderUnit,
    ReturnReason,
    WorkOrder,
)
from routing.services._orders import (
    GRANT,
    back_to_station,
    lock_order,
    notice_to_station,
    role_at,
    step,
)

O = OrderStatus  # noqa: E741 - as in the table of `_orders`
# handbook 7: at most two extensions, counted apart.
MOST_EXTENSIONS = 2


def _addressed_to(order: WorkOrder, actor: PostActor) -> None:
    """Only the unit an order was sent to may act on it; for others it does not exist."""
    if order.addressee_id != actor.post.unit_id:
        raise OutOfScope("没有找到该交办单，或不在当前岗位的查看范围内。")


@transaction.atomic
def accept_order(order: WorkOrder, *, actor: PostActor, at: datetime) -> WorkOrder:
    """签收: from now names, phones and address are clear, and the result clock runs."""
    policy.require(actor, "order.accept", at=at)
    _addressed_to(order, actor)
    case, row = lock_order(order, O.ACCEPTED)
    if row.status != O.SENT:
        raise Conflict("该交办单已签收。")
    step(row, O.ACCEPTED, accepted_at=at, accepted_by=actor.post)
    _meet_accept(row, at)
    holder = deadlines.Holder(unit_id=row.addressee_id, role=role_at(row.addressee))
    deadlines.start(case, row, "order.result", key=row.grade, holder=holder, at=at)
    deadlines.start(case, row, "order.progress", key=row.grade, holder=holder, at=at)
    lifecycle.record(case, "order.accepted", actor=actor, at=at, subject=row, data={"no": row.no})
    notice_to_station(row, "order.accepted", f"交办单已签收：{row.no}", at=at)
    return row


def _meet_accept(order: WorkOrder, at: datetime) -> None:
    kind = "diversion.accept" if order.kind == OrderKind.DIVERSION else "order.accept"
    deadlines.meet(order, kind, at=at)


@transaction.atomic
def return_order(
    order: WorkOrder, *, reason_code: str, text: str, actor: PostActor, at: datetime
) -> WorkOrder:
    """退回 with a reason code; the case goes back to the station, which decides anew."""
    policy.require(actor, "order.return", at=at)
    _addressed_to(order, actor)
    case, row = lock_order(order, O.RETURNED)
    if reason_code not in ReturnReason.values:
        raise Invalid("请选择退回原因。", fields={"reason_code": ["请从列表中选择退回原因。"]})
    _need_text(text, "请写明退回的具体情况。")
    end_returned(case, row, reason_code=reason_code, text=text, actor=actor, at=at)
    return row


def end_returned(
    case: Case, row: WorkOrder, *, reason_code: str, text: str, actor: Actor, at: datetime
) -> None:
    """End a locked order as returned; also for a diversion nobody accepted in time."""
    step(row, O.RETURNED, ended_at=at, return_reason=reason_code, end_text=text)
    deadlines.end(row, at=at)
    grants.end(case, GRANT, ends_at=at)
    back_to_station(case, row, "returned", text=text, actor=actor, at=at)
    notice_to_station(row, "order.returned", f"交办单被退回，请重新处理：{row.no}", at=at)


@transaction.atomic
def assign_order(
    order: WorkOrder,
    *,
    lead_unit: Unit | None,
    assisting_units: Sequence[Unit],
    actor: PostActor,
    at: datetime,
) -> WorkOrder:
    """分类交办: the lead and the assisting units see the order and work on it."""
    policy.require(actor, "order.assign", at=at)
    _addressed_to(order, actor)
    case = cases.lock(order.case_id)
    row = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if row.status != O.ACCEPTED:
        raise Conflict("请先签收交办单，再分派办理单位。")
    if lead_unit is None:
        raise Invalid("请选择牵头单位。", fields={"lead_unit": ["请选择一个牵头单位。"]})
    row.units.all().delete()
    parts = [(lead_unit, OrderUnit.Part.LEAD)]
    parts += [(unit, OrderUnit.Part.ASSISTING) for unit in assisting_units if unit.pk != lead_unit.pk]
    OrderUnit.objects.bulk_create(
        OrderUnit(order=row, unit=unit, part=part, assigned_at=at) for unit, part in parts
    )
    for unit, _ in parts:
        grants.give(case, GRANT, at=at, unit_id=unit.pk)
    step(row, O.ACCEPTED, lead_unit=lead_unit)
    lifecycle.record(
        case, "order.assigned", actor=actor, at=at, subject=row,
        data={"lead": lead_unit.name, "assisting": [unit.name for unit, _ in parts[1:]]},
    )  # fmt: skip
    return row


@transaction.atomic
def feed_back_order(order: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> OrderProgress:
    """A progress report of the centre or of a unit on the order; the progress clock starts again."""
    policy.require(actor, "order.feed_back", at=at)
    case = cases.lock(order.case_id)
    row = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if row.status != O.ACCEPTED:
        raise Conflict("交办单不在办理中，不能填报进展。")
    on_order = row.units.filter(unit_id=actor.post.unit_id).exists()
    if row.addressee_id != actor.post.unit_id and not on_order:
        raise OutOfScope("没有找到该交办单，或不在当前岗位的查看范围内。")
    _need_text(text, "请填写进展情况。")
    progress = OrderProgress.objects.create(order=row, post=actor.post, text=text, at=at)
    deadlines.meet(row, "order.progress", at=at)
    holder = deadlines.Holder(unit_id=row.addressee_id, role=role_at(row.addressee))
    deadlines.start(case, row, "order.progress", key=row.grade, holder=holder, at=at)
    lifecycle.record(case, "order.fed_back", actor=actor, at=at, subject=row, data={"text": text})
    return progress


@transaction.atomic
def extend_order(
    order: WorkOrder, *, until_at: datetime, reason: str, actor: PostActor, at: datetime
) -> OrderExtension:
    """Ask for a later result date; the clock keeps running until somebody at the station approves."""
    policy.require(actor, "order.extend", at=at)
    _addressed_to(order, actor)
    case = cases.lock(order.case_id)
    row = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if row.status != O.ACCEPTED:
        raise Conflict("交办单不在办理中，不能申请延期。")
    if row.extensions.filter(approved=True).count() >= MOST_EXTENSIONS:
        raise Conflict("该交办单已延期两次，不能再延。")
    if row.extensions.filter(approved__isnull=True).exists():
        raise Conflict("已有一份延期申请待审批。")
    _need_text(reason, "请填写延期理由。")
    if until_at <= at:
        raise Invalid("延期日期须晚于现在。", fields={"until": ["请选择今天以后的日期。"]})
    extension = OrderExtension.objects.create(
        order=row, until_at=until_at, reason=reason, proposer=actor.post, proposed_at=at
    )
    lifecycle.record(
        case, "order.extension_asked", actor=actor, at=at, subject=row,
        data={"until": until_at.isoformat(), "reason": reason},
    )  # fmt: skip
    return extension


@transaction.atomic
def decide_extension(
    extension: OrderExtension, *, approved: bool, actor: PostActor, at: datetime
) -> OrderExtension:
    """The station approves or refuses a later date; approval moves the clock."""
    policy.require(actor, "order.approve_extension", at=at)
    case = cases.lock(extension.order.case_id)
    extension = OrderExtension.objects.select_for_update(of=("self",)).get(pk=extension.pk)
    if extension.approved is not None:
        raise Conflict("该延期申请已审批。")
    if extension.proposer.user_id == actor.user.pk:
        raise NoRight("申请人不能审批自己的延期申请。")
    extension.approved, extension.approver, extension.decided_at = approved, actor.post, at
    extension.save()
    if approved:
        deadlines.postpone(extension.order, "order.result", until_at=extension.until_at)
    kind = "order.extended" if approved else "order.extension_refused"
    lifecycle.record(
        case, kind, actor=actor, at=at, subject=extension.order,
        data={"until": extension.until_at.isoformat()},
    )  # fmt: skip
    return extension


@transaction.atomic
def settle_order(order: WorkOrder, *, how: str, text: str, actor: PostActor, at: datetime) -> WorkOrder:
    """The centre reports the dispute settled; the station verifies with both parties."""
    policy.require(actor, "order.settle", at=at)
    _addressed_to(order, actor)
    case, row = lock_order(order, O.TO_VERIFY)
    cases.check_settlement(case, how=how, text=text)
    step(row, O.TO_VERIFY, settle_how=how, settle_text=text, settled_at=at)
    deadlines.meet(row, "order.result", at=at)
    deadlines.end(row, at=at, kinds=["order.progress"])
    holder = deadlines.Holder(unit_id=case.station_id, role=Role.STATION_COMMAND)
    deadlines.start(case, row, "order.verify", key=row.grade, holder=holder, at=at)
    lifecycle.record(
        case, "order.to_verify", actor=actor, at=at, subject=row, data={"how": how, "text": text}
    )
    cases.hold(case, unit_id=case.station_id, post=None)
    lifecycle.move(case, Status.VERIFYING, actor=actor, at=at, subject=row)
    notice_to_station(row, "order.to_verify", f"交办单报结，请核查双方当事人：{row.no}", at=at)
    return row


def _need_text(text: str, message: str) -> None:
    if not text.strip():
        raise Invalid(message, fields={"text": [message]})
