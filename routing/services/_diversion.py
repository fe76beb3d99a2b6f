"""非警务分流: a calm matter that is not for the police goes straight to who can settle it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import SYSTEM, PostActor
from dispute_hub.accounts.models import Line, Unit, UnitKind
from dispute_hub.cases import clock_table, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Colour, Status
from dispute_hub.common.errors import Conflict, Invalid
from routing.models import HandoverNotice, OrderKind, OrderStatus, ReturnReason, WorkOrder
from routing.selectors._packet import canonical, hash_of, packet_of
from routing.services._order_machine import lock_order, send, tell_station
from routing.services._order_work import end_returned

log = logging.getLogger(__name__)
DIVERTIBLE = (Status.POOL, Status.SCENE, Status.TRACKING)
CALM = (Colour.YELLOW, Colour.BLUE)


@dataclass(frozen=True, slots=True)
class Diversion:
    """Where a matter goes, why the police do not handle it, and how the parties were told."""

    target: Unit | None
    reason: str
    demand: str = ""
    delivery: str = ""


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
    order = WorkOrder.objects.create(
        no=numbers.issue("order", at), case=case, kind=OrderKind.DIVERSION, status=OrderStatus.SENT,
        addressee=target, demand=diversion.demand[:1000] or case.title, proposed_at=at,
        proposed_by=actor.post, proposer_user=actor.user, sent_at=at,
    )  # fmt: skip
    HandoverNotice.objects.create(
        number=numbers.issue("notice", at), order=order, demand=order.demand,
        why_not_police=diversion.reason, receiver=target.name, receiver_address=target.address,
        receiver_phone=target.phone, delivery=diversion.delivery,
        delivered_at=at if diversion.delivery else None, issued_at=at,
    )  # fmt: skip
    lifecycle.record(
        case, "case.diverted", actor=actor, at=at, subject=order,
        data={"to": target.name, "reason": diversion.reason},
    )  # fmt: skip
    case.alerts.filter(diverted_at__isnull=True).update(diverted_at=at)
    packet = packet_of(order, case, sight="clear")
    order.packet, order.packet_hash = canonical(packet), hash_of(packet)
    order.save(update_fields=["packet", "packet_hash"])
    send(case, order, actor=actor, at=at)
    tell_station(order, "case.diverted", f"警情已分流，抄送派出所：{case.case_no}", at=at)
    return order


def _checked(case: Case, diversion: Diversion) -> Unit:
    if case.colour not in CALM or case.side != "non_police":
        raise Invalid(
            "红色、橙色警情和公安职责类警情须先派警处置，不能直接分流。", code="dispatch_before_diversion"
        )
    if case.status not in DIVERTIBLE:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，不能分流。")
    fields = {}
    if diversion.target is None or not may_receive(diversion.target):
        fields["target"] = ["请选择综治中心或职能部门作为接收单位。"]
    if not diversion.reason.strip():
        fields["reason"] = ["请写明为何不属公安职责。"]
    if diversion.delivery and diversion.delivery not in HandoverNotice.Delivery.values:
        fields["delivery"] = ["请从列表中选择告知方式。"]
    if fields or diversion.target is None:
        raise Invalid("请补全分流信息。", fields=fields)
    return diversion.target


def may_receive(unit: Unit) -> bool:
    """Whether a matter may be diverted to this unit: the centres and the departments."""
    centres = (UnitKind.CENTRE, UnitKind.COUNTY_CENTRE)
    return unit.is_active and (unit.kind in centres or unit.line == Line.DEPARTMENT)


def return_unaccepted(*, at: datetime, limit: int = 100) -> int:
    """Diversions nobody accepted in their thirty minutes come back to the station. Returns how many."""
    within = clock_table.limit_of("diversion.accept", "")
    late = WorkOrder.objects.filter(
        kind=OrderKind.DIVERSION, status=OrderStatus.SENT, sent_at__lte=clock_table.started_by(at, within)
    ).order_by("sent_at", "id")
    return sum(_attempt(order, at) for order in list(late[:limit]))


def _attempt(order: WorkOrder, at: datetime) -> int:
    """One that cannot be returned must not keep the others waiting; the next minute tries it again."""
    try:
        return _return(order, at)
    except Exception:
        log.exception("diversion not returned", extra={"order": order.no})
        return 0


@transaction.atomic
def _return(order: WorkOrder, at: datetime) -> int:
    try:
        case, row = lock_order(order, OrderStatus.RETURNED, when=(OrderStatus.SENT,))
    except Conflict:
        return 0
    text = "接收单位未在规定时间内签收，自动退回派出所继续办理"
    end_returned(case, row, reason_code=ReturnReason.NOT_OURS, text=text, actor=SYSTEM, at=at)
    return 1
