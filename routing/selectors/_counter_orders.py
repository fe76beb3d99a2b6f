"""反向交办 as the centre and the station see it: the centre what it sent and whether somebody went."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind, UnitLink
from dispute_hub.cases.models import Deadline
from dispute_hub.cases.selectors import kept_away, visible_to
from dispute_hub.common.errors import OutOfScope
from routing.models import OrderKind, OrderStatus, WorkOrder
from routing.selectors._orders import get_order

NEWEST_FIRST = ("-proposed_at", "-id")


def counter_orders(actor: PostActor, *, at: datetime) -> QuerySet[WorkOrder]:
    """Those this unit sent, those sent to this station (an officer's: of cases in his reach), or for the
    bureau all of its stations'; newest first."""
    rows = WorkOrder.objects.filter(kind=OrderKind.COUNTER).select_related(
        "case", "addressee", "matter__from_unit", "matter__alert", "matter__about", "proposed_by__user",
        "accepted_by__user",
    )  # fmt: skip
    unit_id = actor.post.unit_id
    if actor.role in (Role.CENTRE, Role.COUNTY_CENTRE):
        rows = rows.filter(matter__from_unit=unit_id)
    elif actor.role == Role.BUREAU:
        rows = rows.filter(addressee__bureau=unit_id)
    elif actor.role in (Role.COMMUNITY_OFFICER, Role.OFFICER):
        rows = rows.filter(case__in=visible_to(actor, at=at))
    else:
        rows = rows.filter(addressee=unit_id)
    return rows.exclude(case__in=kept_away(actor)).order_by(*NEWEST_FIRST)


def is_counter_order(actor: PostActor, no: str, *, at: datetime) -> bool:
    """Whether the number is a counter-order's in this post's reach."""
    return counter_orders(actor, at=at).filter(no=no).exists()


def get_counter_order(actor: PostActor, no: str, *, at: datetime) -> WorkOrder:
    """One by its number; OutOfScope (404) when unknown or out of reach, alike."""
    order = counter_orders(actor, at=at).filter(no=no).first()
    if order is None:
        raise OutOfScope("没有找到该反向交办，或不在当前岗位的查看范围内。")
    return order


def clocks_for(orders: list[WorkOrder]) -> dict[int, Deadline]:
    """The running clock of each, by order."""
    rows = Deadline.objects.filter(
        subject_kind="workorder", subject_id__in=[order.pk for order in orders], state=Deadline.State.OPEN
    )
    return {clock.subject_id: clock for clock in rows}


def state_of(order: WorkOrder) -> str:
    """One line for the centre: whether somebody was sent, never what the police found."""
    alert = order.matter.alert
    if order.status == OrderStatus.ACCEPTED and order.matter.is_emergency and alert is not None:
        return f"已转警情，{alert.get_dispatch_status_display()}"
    words = {
        OrderStatus.SENT: "待派出所签收",
        OrderStatus.ACCEPTED: "派出所办理中",
        OrderStatus.RETURNED: "已退回，请重新研究",
        OrderStatus.DONE: "已反馈结果",
    }
    return words.get(OrderStatus(order.status), order.get_status_display())


def stations_of_centre(unit: Unit) -> list[Unit]:
    """The stations a centre may turn to: those serving its street, for the county all of it."""
    stations = Unit.objects.filter(kind=UnitKind.STATION, is_active=True)
    if unit.kind == UnitKind.COUNTY_CENTRE:
        return list(stations.filter(bureau=unit.bureau_id).order_by("name"))
    links = UnitLink.objects.filter(kind=UnitLink.Kind.STATION_STREET, governance=unit.pk)
    return list(stations.filter(pk__in=links.values("police")).order_by("name"))


def about_order(actor: PostActor, no: str, *, at: datetime) -> WorkOrder | None:
    """The order in hand a counter-order starts from, if one is named."""
    return get_order(actor, no, at=at) if no else None
