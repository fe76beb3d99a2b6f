"""What the page of one order shows, and what this post may do with it now: 该谁办, 做什么, 何时到期."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import Deadline
from routing.models import OrderExtension, OrderKind, OrderProgress, OrderStatus, OrderUnit, WorkOrder
from routing.selectors._drafting import assignable_units, span_words
from routing.selectors._orders import clocks_of_order, is_order_side
from routing.selectors._packet import packet_for

O = OrderStatus  # noqa: E741 - reads like the handbook's table
# What may be done in a status, the usual act first: name of the act, its right, and whose it is.
ACTS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    O.PROPOSED: (("approve", "third_push.approve", "other"), ("reject", "third_push.approve", "other")),
    O.SENT: (
        ("accept", "order.accept", "addressee"),
        ("return", "order.return", "addressee"),
        ("recall", "order.recall", "anybody"),
    ),
    O.ACCEPTED: (
        ("assign", "order.assign", "addressee"),
        ("feedback", "order.feed_back", "worker"),
        ("settle", "order.settle", "addressee"),
        ("extend", "order.extend", "addressee"),
        ("return", "order.return", "addressee"),
    ),
    O.TO_VERIFY: (("verify", "order.verify", "anybody"),),
}
FOR_NOTICE: Final = ("approve", "reject", "accept", "recall")
# Who must act in a status, and what: the two first lines of the right panel.
NEXT: Final[dict[str, tuple[str, str]]] = {
    O.PROPOSED: ("派出所领导", "审批三推（提请人不能审批自己的提请）"),
    O.SENT: ("接收单位", "签收；不属职责的注明原因退回"),
    O.ACCEPTED: ("接收单位", "分派办理单位，联系双方，按时反馈进展和结果"),
    O.TO_VERIFY: ("派出所责任民警", "与双方当事人核查，属实办结，不属实退回办理"),
}


@dataclass(frozen=True, slots=True)
class OrderPage:
    """The order as this post sees it now."""

    order: WorkOrder
    packet: dict[str, Any]
    clocks: list[tuple[str, Deadline]]
    units: list[OrderUnit]
    progress: list[OrderProgress]
    extensions: list[OrderExtension]
    acts: tuple[str, ...]
    who: str
    what: str
    contact_within: str
    shows_colour: bool
    proposed_assisting: list[Unit]
    assignable: list[Unit]
    reassigned_by: str


def page_of(order: WorkOrder, actor: PostActor, *, at: datetime) -> OrderPage:
    """Everything of the order page; the same number of queries however long the order's story is."""
    units = list(order.units.select_related("unit").order_by("-part", "id"))
    acts = possible_acts(order, actor, at=at, unit_ids=[entry.unit_id for entry in units])
    who, what = NEXT.get(order.status, ("—", "已结束，无需办理"))
    lead = [entry.unit.name for entry in units if entry.part == OrderUnit.Part.LEAD]
    if order.status == O.SENT or (order.status == O.ACCEPTED and not lead):
        who = order.addressee.name
    elif order.status == O.ACCEPTED:
        who = f"{order.addressee.name}（牵头：{'、'.join(lead)}）"
    return OrderPage(
        order=order,
        packet=packet_for(order, order.case, actor),
        clocks=[(clock_table.name_of(clock.kind), clock) for clock in clocks_of_order(order)],
        units=units,
        progress=list(order.progress.select_related("post__unit", "post__user").order_by("-id")[:50]),
        extensions=list(order.extensions.order_by("id")),
        acts=acts,
        who=who,
        what=what,
        contact_within=contact_within(order),
        shows_colour=not is_order_side(actor),
        proposed_assisting=list(order.proposed_assisting.all()),
        assignable=assignable_units(order.case) if "assign" in acts else [],
        reassigned_by=reassigned_by(order),
    )


def possible_acts(
    order: WorkOrder, actor: PostActor, *, at: datetime, unit_ids: list[int]
) -> tuple[str, ...]:
    """The only acts this post may do in this status, in the order a person would look for them."""
    here = actor.post.unit_id
    whose = {
        "anybody": True,
        "other": order.proposer_user_id != actor.user.pk,
        "addressee": order.addressee_id == here,
        "worker": order.addressee_id == here or here in unit_ids,
    }
    return tuple(
        name
        for name, act, holder in ACTS.get(order.status, ())
        if whose[holder]
        and (order.kind != OrderKind.NOTICE_ONLY or name in FOR_NOTICE)
        and _may(actor, act, at=at)
    )


def _may(actor: PostActor, act: str, *, at: datetime) -> bool:
    if policy.allows(actor.role, act):
        return True
    return act in policy.BY_DUTY_LEADER and people.leads_duty(actor.post, at)


def contact_within(order: WorkOrder) -> str:
    """How soon the parties are to be called after 签收; the first contact's limit of the case's colour."""
    limit = clock_table.limit_of("push_second.contact", order.case.colour or "blue")
    amount, _, unit = limit.partition(" ")
    if amount == "until":
        return "当日"
    return f"{int(amount) // 24}日" if unit == "hours" and int(amount) % 24 == 0 else span_words(limit)


def reassigned_by(order: WorkOrder) -> str:
    """Who names the next receiver once this order is returned (handbook 7: after two returns the county)."""
    returned = WorkOrder.objects.filter(
        case=order.case_id, status=O.RETURNED, kind=OrderKind.THIRD_PUSH
    ).count()
    coming = returned + (order.kind == OrderKind.THIRD_PUSH and order.status in (O.SENT, O.ACCEPTED))
    return "县级综治中心" if coming >= 2 else "派出所"
