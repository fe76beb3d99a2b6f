"""What every verb on an order shares: its table of statuses, its lock, who is told, how a case comes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from dispute_hub.accounts.actor import Actor, unit_id_of
from dispute_hub.accounts.models import Post, Role, Unit
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.errors import Conflict, OutOfScope
from dispute_hub.common.time import BEIJING
from dispute_hub.outbox import services as outbox
from routing.models import Grade, OrderKind, OrderStatus, OrderUnit, WorkOrder
from routing.services._holding import hold
from routing.services._night import leave_night

O = OrderStatus  # noqa: E741 - the table below reads like the handbook's
TRANSITIONS: Final = Transitions(
    {
        O.PROPOSED: {O.SENT, O.REJECTED},
        # 抄告 is done once it is signed for.
        O.SENT: {O.ACCEPTED, O.DONE, O.RETURNED, O.RECALLED},
        O.ACCEPTED: {O.TO_VERIFY, O.RETURNED},
        O.TO_VERIFY: {O.DONE, O.ACCEPTED},
    }
)
GRANT: Final = "order"
# While an order stands so, its receivers see the case.
IN_SIGHT: Final = (O.SENT, O.ACCEPTED, O.TO_VERIFY, O.DONE)
ROLE_AT: Final[dict[str, str]] = {
    "county_centre": Role.COUNTY_CENTRE,
    "centre": Role.CENTRE,
    "department": Role.DEPARTMENT,
    "grid": Role.GRID_WORKER,
    "mediation_org": Role.MEDIATOR,
}


def lock_order(
    order: WorkOrder, to: str, *, when: Iterable[str] = (), receiver: Actor | None = None
) -> tuple[Case, WorkOrder]:
    """Case first, then order (lock order); Conflict for a step the table does not have.

    `when` narrows the statuses an act starts from: to accepted leads 签收 as well as a failed 核查.
    `receiver` must still be at the unit the order was sent to: a redirect may have come in between.
    """
    case, row = lock_both(order, receiver=receiver)
    if not TRANSITIONS.allows(row.status, to) or (when and row.status not in when):
        raise _moved_on(row, "办理此项")
    return case, row


def _moved_on(row: WorkOrder, act: str) -> Conflict:
    """The refusal of an act that came too late: what the order is now, who made it so and when (C1)."""
    last = CaseEvent.objects.filter(case=row.case_id, subject_kind="workorder", subject_id=row.pk).last()
    who = f"（{last.actor_label} {last.at.astimezone(BEIJING):%m-%d %H:%M}）" if last else ""
    message = f"交办单当前为“{O(row.status).label}”{who}，不能{act}。请刷新后按当前状态办理。"
    return Conflict(message, code="illegal_transition")


def lock_both(order: WorkOrder, *, receiver: Actor | None = None) -> tuple[Case, WorkOrder]:
    """Case and order as they stand now, locked; OutOfScope when the order is not `receiver`'s (any more)."""
    case = cases.lock(order.case_id)
    row = WorkOrder.objects.select_for_update(of=("self",)).select_related("addressee").get(pk=order.pk)
    row.case = case
    if receiver is not None:
        addressed_to(row, receiver)
    return case, row


def lock_in_hand(order: WorkOrder, *, act: str, receiver: Actor | None = None) -> tuple[Case, WorkOrder]:
    """Case and order, locked, for an act that leaves the order accepted; Conflict in any other status."""
    case, row = lock_both(order, receiver=receiver)
    if row.status != O.ACCEPTED:
        raise _moved_on(row, act)
    refuse_notice(row, act)
    return case, row


def refuse_notice(order: WorkOrder, act: str) -> None:
    """抄告 informs and asks for nothing; it is signed for and no more."""
    if order.kind == OrderKind.NOTICE_ONLY:
        raise Conflict(f"抄告件仅供知悉，不需{act}。")


def step(order: WorkOrder, to: str, **columns: object) -> None:
    """Write a checked step of a locked order."""
    order.status, order.version = to, order.version + 1
    for name, value in columns.items():
        setattr(order, name, value)
    order.save(update_fields=["status", "version", *columns])


def addressed_to(order: WorkOrder, actor: Actor) -> None:
    """Only the unit an order was sent to may act on it; for others it does not exist."""
    if order.addressee_id != unit_id_of(actor) or order.sent_at is None:
        raise OutOfScope("没有找到该交办单，或不在当前岗位的查看范围内。")


def at_work_on(order: WorkOrder, actor: Actor) -> None:
    """The addressee and the units it put on the order may act; for others it does not exist."""
    unit_id = unit_id_of(actor)
    if order.addressee_id != unit_id and not order.units.filter(unit_id=unit_id or 0).exists():
        raise OutOfScope("没有找到该交办单，或不在当前岗位的查看范围内。")


def role_at(unit: Unit) -> str:
    """Who handles orders at a unit of this kind."""
    return ROLE_AT.get(unit.kind, Role.CENTRE)


def receiver(order: WorkOrder) -> deadlines.Holder:
    """The other side as the holder of a clock."""
    return deadlines.Holder(unit_id=order.addressee_id, role=role_at(order.addressee))


def accept_clock(order: WorkOrder) -> str:
    """Diversions are taken in half an hour, orders by their grade (handbook 4 and 7)."""
    return "diversion.accept" if order.kind == OrderKind.DIVERSION else "order.accept"


def send(case: Case, order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    """Hand an approved or diverted order to its addressee: sight of the case, clock, inbox."""
    is_notice = order.kind == OrderKind.NOTICE_ONLY
    if is_notice:
        lifecycle.move(case, Status.TRACKING, actor=actor, at=at, subject=order, data={"entry": "assigned"})
    else:
        lifecycle.move(case, Status.JOINT, actor=actor, at=at, subject=order)
        leave_night(case, at=at)
        hold(case, unit_id=order.addressee_id, post=None)
        deadlines.start(case, order, accept_clock(order), key=order.grade, holder=receiver(order), at=at)
    grants.give(case, GRANT, at=at, unit_id=order.addressee_id)
    data = {"no": order.no, "grade": order.grade, "addressee": order.addressee.name}
    lifecycle.record(case, "order.sent", actor=actor, at=at, subject=order, data=data)
    what = "新抄告件" if is_notice else f"新交办单（{order.get_grade_display()}）"
    tell(order, "order.sent", f"{what}待签收：{order.no}", at=at, unit=order.addressee)


def back_to_station(
    case: Case, order: WorkOrder, entry: str, *, text: str, actor: Actor, at: datetime
) -> None:
    """Record how the order ended and give the case back to its responsible officer."""
    deadlines.end(order, at=at)
    if order.sent_at is not None:
        end_sight(case, order, [order.addressee_id, *order.units.values_list("unit_id", flat=True)], at=at)
    # Nobody decides any more on a later date of what is over.
    order.extensions.filter(approved__isnull=True).delete()
    if order.kind == OrderKind.DIVERSION:
        # Diverted means moved on and accepted; what came back counts as police work again (handbook 8).
        case.alerts.filter(diverted_at=order.sent_at).update(diverted_at=None)
    data = {"no": order.no, "text": text, "reason": order.return_reason}
    lifecycle.record(case, f"order.{entry}", actor=actor, at=at, subject=order, data=data)
    if order.kind != OrderKind.NOTICE_ONLY or case.status == Status.REVIEW:
        hold(case, unit_id=case.station_id, post=None)
        lifecycle.move(case, Status.TRACKING, actor=actor, at=at, subject=order, data={"entry": entry})


def end_sight(case: Case, order: WorkOrder, unit_ids: Iterable[int], *, at: datetime) -> None:
    """End the units' sight of the case, but of those that have it by another order of the same case."""
    others = WorkOrder.objects.filter(case=case, status__in=IN_SIGHT).exclude(pk=order.pk)
    kept = set(others.values_list("addressee_id", flat=True))
    kept |= set(OrderUnit.objects.filter(order__in=others).values_list("unit_id", flat=True))
    for unit_id in set(unit_ids) - kept:
        grants.end(case, GRANT, ends_at=at, unit_id=unit_id)


def tell(
    order: WorkOrder,
    kind: str,
    title: str,
    *,
    at: datetime,
    unit: Unit | None = None,
    unit_id: int | None = None,
    role: str = "",
    post_id: int | None = None,
    link: str = "",
) -> None:
    """Put a line into the inbox of a unit's role or of a post; no names, only the order's number."""
    if unit is not None:
        unit_id, role = unit.pk, role_at(unit)
    if unit_id is None and post_id is None:
        return
    message = outbox.Message(
        kind=kind, title=title, link=link or f"/orders/{order.no}/", unit_id=unit_id, role=role,
        post_id=post_id, urgency="alarm" if order.grade == Grade.EXTRA_URGENT else "important",
    )  # fmt: skip
    outbox.notify(message, at=at, case_id=order.case_id)


def tell_leaders(order: WorkOrder, kind: str, title: str, leaders: Iterable[Post], *, at: datetime) -> None:
    """Tell who may decide: the chiefs of the station as one, the duty leader and a stand-in by name."""
    here, chief, link = order.case.station_id, Role.STATION_CHIEF, "/approvals/"
    tell(order, kind, title, at=at, unit_id=here, role=chief, link=link)
    for post in leaders:
        if post.role != chief or post.unit_id != here:
            tell(order, kind, title, at=at, post_id=post.pk, link=link)


def tell_station(order: WorkOrder, kind: str, title: str, *, at: datetime) -> None:
    """Tell the command room of the case's station what the other side did."""
    tell(order, kind, title, at=at, unit_id=order.case.station_id, role=Role.STATION_COMMAND)
