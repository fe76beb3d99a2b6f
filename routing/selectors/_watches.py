"""盯办台账: the diverted orders somebody at the bureau watches, overdue first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import Deadline
from dispute_hub.common.errors import OutOfScope
from routing.models import OrderStatus, OrderUnit, OrderWatch, WorkOrder
from triage.selectors import item_name

WATCH_ORDER: Final = ("due_at", "id")


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One watched order: one line of state, its next clock with name, and since when nothing moved."""

    watch: OrderWatch
    order: WorkOrder
    item: str
    state: str
    clock: Deadline | None
    clock_name: str
    moved_at: datetime
    is_stalled: bool


def watches(actor: PostActor, *, mine: bool) -> QuerySet[OrderWatch]:
    """Open watches of this bureau, of this post alone if `mine`; the nearest or longest overdue first."""
    rows = OrderWatch.objects.filter(unit=actor.post.unit_id, ended_at__isnull=True)
    rows = rows.filter(post=actor.post) if mine else rows
    running = Deadline.objects.filter(
        subject_kind="workorder", subject_id=OuterRef("order_id"), state=Deadline.State.OPEN
    )
    nearest = running.order_by().values("subject_id").annotate(due=Min("due_at")).values("due")
    return (
        rows.annotate(due_at=Coalesce(Subquery(nearest), "assigned_at"))
        .select_related("post__user", "order__case", "order__addressee", "order__lead_unit")
        .order_by(*WATCH_ORDER)
    )


def watch_rows(found: list[OrderWatch], *, at: datetime) -> list[WatchRow]:
    """The page's rows; two queries however many."""
    orders = [watch.order_id for watch in found]
    clocks: dict[int, Deadline] = {}
    own: dict[int, Deadline] = {}
    of_orders = Q(subject_kind="workorder", subject_id__in=orders)
    of_watches = Q(subject_kind="orderwatch", subject_id__in=[watch.pk for watch in found])
    running = Deadline.objects.filter(of_orders | of_watches, state=Deadline.State.OPEN)
    for clock in running.order_by("-due_at"):
        kept = own if clock.subject_kind == "orderwatch" else clocks
        kept[clock.subject_id] = clock
    waiting = Counter(
        OrderUnit.objects.filter(
            order__in=orders, done_at__isnull=True, excused_at__isnull=True
        ).values_list("order_id", flat=True)
    )  # fmt: skip
    return [
        _row(watch, clocks.get(watch.order_id), own.get(watch.pk), waiting[watch.order_id], at)
        for watch in found
    ]


def _row(
    watch: OrderWatch, clock: Deadline | None, own: Deadline | None, waiting: int, at: datetime
) -> WatchRow:
    order = watch.order
    words = {
        OrderStatus.SENT: f"待{order.addressee}签收",
        OrderStatus.ACCEPTED: f"办理中，{waiting}个单位未办结" if waiting else "办理中",
        OrderStatus.TO_VERIFY: "已报结，待派出所核查",
    }
    return WatchRow(
        watch=watch,
        order=order,
        item=item_name(order.case.item_code),
        state=words.get(OrderStatus(order.status), order.get_status_display()),
        clock=clock,
        clock_name=clock_table.name_of(clock.kind) if clock else "",
        moved_at=own.starts_at if own else watch.assigned_at,
        is_stalled=own is not None and own.due_at <= at,
    )


def get_watched(actor: PostActor, no: str) -> WorkOrder:
    """The order behind a watch of this bureau, ended ones included; OutOfScope otherwise."""
    rows = WorkOrder.objects.select_related("case", "addressee", "watch__post__user")
    order = rows.filter(no=no, watch__unit=actor.post.unit_id).first()
    if order is None:
        raise OutOfScope("没有找到该盯办件，或不在当前岗位的查看范围内。")
    return order


def watchers_of(actor: PostActor, *, at: datetime) -> list[Post]:
    """Who of this bureau may watch."""
    return people.posts_at(actor.post.unit_id, Role.BUREAU, at)
