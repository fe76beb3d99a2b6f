"""Questions about orders. The police side sees those of its cases, the other side those sent to it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import OutOfScope
from routing.models import OrderExtension, OrderStatus, OrderUnit, WorkOrder

ORDER_SIDE = (Role.CENTRE, Role.COUNTY_CENTRE, Role.DEPARTMENT, Role.GRID_WORKER)


def orders_visible_to(actor: Actor, *, at: datetime) -> QuerySet[WorkOrder]:
    """Orders in reach of the post; an order not yet sent does not exist for the other side."""
    rows = WorkOrder.objects.select_related("case", "addressee", "lead_unit").order_by("-proposed_at", "-id")
    if isinstance(actor, PostActor) and actor.role in ORDER_SIDE:
        unit_id = actor.post.unit_id
        mine = Exists(OrderUnit.objects.filter(order=OuterRef("pk"), unit_id=unit_id))
        sent = rows.filter(sent_at__isnull=False)
        return sent.filter(Q(addressee_id=unit_id) | mine)
    return rows.filter(case__in=visible_to(actor, at=at))


def get_order(actor: Actor, no: str, *, at: datetime) -> WorkOrder:
    """One order by its number; OutOfScope (404) when unknown or out of reach, alike."""
    order = orders_visible_to(actor, at=at).filter(no=no).first()
    if order is None:
        raise OutOfScope("没有找到该交办单，或不在当前岗位的查看范围内。")
    return order


def awaiting_approval(actor: PostActor) -> QuerySet[WorkOrder]:
    """Third pushes the station's leaders must decide, the gravest grade and oldest first."""
    return (
        WorkOrder.objects.filter(status=OrderStatus.PROPOSED, case__station=actor.post.unit_id)
        .select_related("case", "addressee", "proposer_user", "report")
        .order_by("proposed_at", "id")
    )


def pending_extensions(actor: PostActor) -> QuerySet[OrderExtension]:
    """Later dates the station's leaders must decide."""
    return (
        OrderExtension.objects.filter(approved__isnull=True, order__case__station=actor.post.unit_id)
        .select_related("order__case", "proposer__user", "proposer__unit")
        .order_by("proposed_at", "id")
    )


def open_order(case_id: int) -> WorkOrder | None:
    """The order the case is waiting on, if any."""
    return (
        WorkOrder.objects.filter(case_id=case_id)
        .exclude(status__in=[OrderStatus.REJECTED, OrderStatus.RETURNED, OrderStatus.RECALLED])
        .select_related("addressee")
        .order_by("-id")
        .first()
    )
