"""非警务分流: a calm matter that is not for the police goes straight to who can settle it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db import models, transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import SYSTEM, PostActor
from dispute_hub.accounts.models import Line, Role, Unit, UnitKind
from dispute_hub.cases import deadlines, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Deadline, Status
from dispute_hub.common.alone import each_alone
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.outbox import services as outbox
from intake import services as intake
from intake.models import DispatchStatus
from routing.models import HandoverNotice, OrderKind, OrderStatus, Push, ReturnReason, WorkOrder
from routing.selectors._diversions import CALM
from routing.selectors._packet import canonical, hash_of, packet_of
from routing.services import _machine as pushes
from routing.services._handover_notices import note_delivery
from routing.services._order_machine import lock_order, send, step, tell_station
from routing.services._order_work import end_returned

DIVERTIBLE = (Status.POOL, Status.SCENE, Status.TRACKING)


@dataclass(frozen=True, slots=True)
class Diversion:
    """Where a matter goes, why the police do not handle it, and how the parties were told."""

    target: Unit | None
    reason: str
    demand: str = ""
    delivery: str = ""
    second_officer: str = ""


@transaction.atomic
def divert(
    case: Case, diversion: Diversion, *, actor: PostActor, at: datetime, version: int | None = None
) -> WorkOrder:
    """Divert with a hand-over notice, without the third push's approval [law: 国办发〔2022〕12号].

    Refused for red, orange and police-side matters: those are dispatched first.
    """
    policy.require(actor, "case.divert", at=at)
    case = cases.lock_version(case.pk, version)
    target = _checked(case, diversion)
    order = _create(case, diversion, target, actor=actor, at=at)
    if diversion.delivery:
        note_delivery(
            case, order, delivery=diversion.delivery, second_officer=diversion.second_officer, text="",
            actor=actor, at=at,
        )  # fmt: skip
    send_diversion(case, order, actor=actor, at=at)
    return order


@transaction.atomic
def propose_diversion(
    case: Case, diversion: Diversion, *, actor: PostActor, at: datetime, version: int | None = None
) -> WorkOrder:
    """The desk proposes; its duty commander decides within ten minutes. Dispatch goes on meanwhile."""
    policy.require(actor, "diversion.propose", at=at)
    case = cases.lock_version(case.pk, version)
    target = _checked(case, diversion)
    open_ones = WorkOrder.objects.filter(case=case, kind=OrderKind.DIVERSION, status=OrderStatus.PROPOSED)
    if open_ones.exists():
        raise Conflict("该案件已提请分流，正待值班长确认。", code="diversion_pending")
    order = _create(case, diversion, target, actor=actor, at=at)
    data = {"no": order.no, "to": target.name, "reason": diversion.reason}
    lifecycle.record(case, "diversion.proposed", actor=actor, at=at, subject=order, data=data)
    desk = deadlines.Holder(unit_id=actor.post.unit_id, role=Role.DUTY_COMMANDER)
    deadlines.start(case, order, "diversion.confirm", key="", holder=desk, at=at)
    message = outbox.Message(
        kind="diversion.proposed", title=f"分流待确认（10分钟）：{case.case_no}", link="/diversions/",
        urgency="alarm", unit_id=desk.unit_id, role=desk.role,
    )  # fmt: skip
    outbox.notify(message, at=at, case_id=case.pk)
    return order


def _create(case: Case, diversion: Diversion, target: Unit, *, actor: PostActor, at: datetime) -> WorkOrder:
    """The order, not sent yet, and its hand-over notice."""
    order = WorkOrder.objects.create(
        no=numbers.issue("order", at), case=case, kind=OrderKind.DIVERSION, status=OrderStatus.PROPOSED,
        addressee=target, demand=diversion.demand[:1000] or case.title, proposed_at=at,
        proposed_by=actor.post, proposer_user=actor.user,
    )  # fmt: skip
    HandoverNotice.objects.create(
        number=numbers.issue("notice", at), order=order, demand=order.demand,
        why_not_police=diversion.reason, receiver=target.name, receiver_address=target.address,
        receiver_phone=target.phone, issued_at=at,
    )  # fmt: skip
    return order


def send_diversion(
    case: Case, order: WorkOrder, *, actor: PostActor, at: datetime, **columns: object
) -> None:
    """Send a locked, checked diversion; the station gets a copy, and no crew is waited for any more."""
    packet = packet_of(order, case, sight="clear")
    step(
        order, OrderStatus.SENT, sent_at=at, packet=canonical(packet), packet_hash=hash_of(packet), **columns
    )
    HandoverNotice.objects.filter(order=order).update(issued_at=at)
    lifecycle.record(
        case, "case.diverted", actor=actor, at=at, subject=order,
        data={"to": order.addressee.name, "reason": order.notice.why_not_police},
    )  # fmt: skip
    case.alerts.filter(diverted_at__isnull=True).update(diverted_at=at)
    _stand_down(case, actor=actor, at=at)
    send(case, order, actor=actor, at=at)
    tell_station(order, "case.diverted", f"警情已分流，抄送派出所：{case.case_no}", at=at)


def _stand_down(case: Case, *, actor: PostActor, at: datetime) -> None:
    """A push 1 nobody has signed is pointless now; a crew under way reports as always."""
    unsigned = Push.objects.select_for_update(of=("self",)).select_related("alert").filter(
        case=case, tier=Push.Tier.FIRST, status=Push.Status.ISSUED
    )  # fmt: skip
    for push in unsigned.order_by("pk"):
        pushes.change(push, Push.Status.ENDED, ended_at=at)
        deadlines.end(push, at=at)
        if push.alert is not None:
            intake.set_dispatch(push.alert, DispatchStatus.NONE, at=at)
        data = {"tier": push.tier, "why": "case.diverted"}
        lifecycle.record(case, "push.ended", actor=actor, at=at, subject=push, data=data)


def checked_case(case: Case) -> None:
    """Raise unless the case may be diverted now: calm, not for the police, and in nobody else's hands."""
    if case.colour not in CALM or case.side != "non_police":
        raise Invalid(
            "红色、橙色警情和公安职责类警情须先派警处置，不能直接分流。", code="dispatch_before_diversion"
        )
    if case.status not in DIVERTIBLE:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，不能分流。")


def _checked(case: Case, diversion: Diversion) -> Unit:
    checked_case(case)
    fields = {}
    if diversion.target is None or not may_receive(case, diversion.target):
        fields["target"] = ["请选择本县综治中心或职能部门作为接收单位。"]
    if not diversion.reason.strip():
        fields["reason"] = ["请写明为何不属公安职责。"]
    if diversion.delivery and diversion.delivery not in HandoverNotice.Delivery.values:
        fields["delivery"] = ["请从列表中选择告知方式。"]
    if fields or diversion.target is None:
        raise Invalid("请补全分流信息。", fields=fields)
    return diversion.target


def may_receive(case: Case, unit: Unit) -> bool:
    """Whether a matter may be diverted to this unit: the centres and the departments of its county."""
    centres = (UnitKind.CENTRE, UnitKind.COUNTY_CENTRE)
    is_fit = unit.kind in centres or unit.line == Line.DEPARTMENT
    return unit.is_active and is_fit and unit.bureau_id == case.bureau_id


def return_unaccepted(*, at: datetime, limit: int = 100) -> int:
    """Diversions nobody accepted in their thirty minutes come back to the station. Returns how many."""
    late = _unaccepted(at).order_by("sent_at", "id")
    return each_alone(list(late[:limit]), partial(_return, at=at), named=lambda order: order.no)


def _unaccepted(at: datetime) -> models.QuerySet[WorkOrder]:
    """Diversions whose time to sign is over; a redirect has started it anew for the new receiver."""
    over = Deadline.objects.filter(
        subject_kind="workorder", kind="diversion.accept", state=Deadline.State.OPEN, due_at__lte=at
    )
    return WorkOrder.objects.filter(
        kind=OrderKind.DIVERSION, status=OrderStatus.SENT, pk__in=over.values("subject_id")
    )


@transaction.atomic
def _return(order: WorkOrder, at: datetime) -> int:
    try:
        case, row = lock_order(order, OrderStatus.RETURNED, when=(OrderStatus.SENT,))
    except Conflict:
        return 0
    if not _unaccepted(at).filter(pk=row.pk).exists():
        return 0
    text = "接收单位未在规定时间内签收，自动退回派出所继续办理"
    end_returned(case, row, reason_code=ReturnReason.NOT_OURS, text=text, actor=SYSTEM, at=at)
    _alarm(case, row, at=at)
    return 1


def _alarm(case: Case, order: WorkOrder, *, at: datetime) -> None:
    """Nobody took it in time: the command room goes on with it, the desk that diverted it hears of it."""
    message = outbox.Message(
        kind="diversion.unaccepted", title=f"分流30分钟未签收，已退回：{case.case_no} 请立即处置",
        link=f"/cases/{case.case_no}/", urgency="alarm", unit_id=case.station_id, role=Role.STATION_COMMAND,
    )  # fmt: skip
    told = [message] if case.station_id else []
    desks = set(case.alerts.exclude(reception=None).values_list("reception_id", flat=True))
    told += [
        replace(message, unit_id=desk, role=Role.DUTY_COMMANDER, link="/alerts/") for desk in sorted(desks)
    ]
    outbox.notify_many([(one, case.pk) for one in told], at=at)
