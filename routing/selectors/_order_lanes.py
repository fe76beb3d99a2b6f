"""Orders by what they wait for: lanes and cards, each with the clock this post must look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.cases.models import Deadline
from routing.models import OrderStatus, OrderUnit, WorkOrder
from routing.selectors._orders import is_order_side, orders_visible_to
from triage.selectors import item_name

CARDS_A_LANE: Final = 20
# Ended orders stay on the lanes for a month; older ones are in the list.
ENDED_WITHIN: Final = timedelta(days=30)
LANES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("待审批", (OrderStatus.PROPOSED,)),
    ("待签收", (OrderStatus.SENT,)),
    ("办理中", (OrderStatus.ACCEPTED,)),
    ("待核查", (OrderStatus.TO_VERIFY,)),
    ("已办结", (OrderStatus.DONE,)),
    ("已退回", (OrderStatus.RETURNED, OrderStatus.RECALLED, OrderStatus.REJECTED)),
)
CLOCK_KINDS: Final = (
    "order.approve", "order.accept", "diversion.accept", "order.contact", "order.progress", "order.verify",
    "order.result",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """One order in a lane or list: its clock, its colour where it may be shown, this unit's own `task`."""

    order: WorkOrder
    clock: Deadline | None
    item: str
    colour: str
    task: OrderUnit | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    title: str
    count: int
    cards: list[Card]
    more_url: str


def lanes(actor: PostActor, *, at: datetime) -> list[Lane]:
    """The orders of this post by what they wait for, the nearest clock first; three queries however many."""
    rows = orders_visible_to(actor, at=at).filter(_lately(at))
    counts = dict(rows.order_by().values_list("status").annotate(number=Count("id")))
    nearest = _running().filter(subject_id=OuterRef("pk")).values("subject_id").annotate(due=Min("due_at"))
    due_at = Subquery(nearest.values("due"))
    placed = rows.annotate(due_at=Coalesce(_own_task_due(actor), due_at)).annotate(
        place=Window(
            RowNumber(),
            partition_by=F("status"),
            order_by=[F("due_at").asc(nulls_last=True), F("proposed_at").desc(), F("id").desc()],
        )
    )
    cards: dict[str, list[Card]] = {}
    for card in _cards(placed.filter(place__lte=CARDS_A_LANE).order_by("place", "id"), actor):
        cards.setdefault(card.order.status, []).append(card)
    hidden = (OrderStatus.PROPOSED,) if is_order_side(actor) else ()
    return [
        Lane(
            title=title,
            count=sum(counts.get(status, 0) for status in statuses),
            cards=[card for status in statuses for card in cards.get(status, [])][:CARDS_A_LANE],
            more_url=f"/orders/?view=list&lane={statuses[0]}",
        )
        for title, statuses in LANES
        if not set(statuses) <= set(hidden)
    ]


def of_lane(actor: PostActor, lane: str, *, at: datetime) -> QuerySet[WorkOrder]:
    """The list behind a lane, named by its first status: as many as the lane counts."""
    rows = orders_visible_to(actor, at=at).filter(_lately(at))
    statuses = next((found for _, found in LANES if found[0] == lane), ())
    return rows.filter(status__in=statuses)


def _lately(at: datetime) -> Q:
    return Q(ended_at__isnull=True) | Q(ended_at__gte=at - ENDED_WITHIN)


def _running() -> QuerySet[Deadline]:
    return Deadline.objects.filter(
        subject_kind="workorder", state=Deadline.State.OPEN, kind__in=CLOCK_KINDS
    ).order_by()


def _own_task_due(actor: PostActor) -> Subquery:
    """When the part of this post's own unit is due: what a unit on an order looks at first."""
    own = OrderUnit.objects.filter(order=OuterRef(OuterRef("pk")), unit=actor.post.unit_id)
    clocks = Deadline.objects.filter(
        subject_kind="orderunit", state=Deadline.State.OPEN, subject_id__in=own.values("pk")
    )
    return Subquery(clocks.order_by().values("due_at")[:1])


def _cards(orders: Iterable[WorkOrder], actor: Actor) -> list[Card]:
    found = list(orders)
    tasks = _own_tasks(found, actor)
    wanted = Q(subject_kind="workorder", kind__in=CLOCK_KINDS, subject_id__in=[order.pk for order in found])
    if tasks:
        wanted |= Q(subject_kind="orderunit", subject_id__in=[task.pk for task in tasks.values()])
    running = Deadline.objects.filter(wanted, state=Deadline.State.OPEN).order_by("-due_at")
    clocks = {(clock.subject_kind, clock.subject_id): clock for clock in running}
    shows = not is_order_side(actor)
    return [
        Card(
            order=order,
            clock=_clock_of(order, tasks.get(order.pk), clocks),
            item=item_name(order.case.item_code),
            colour=order.case.colour if shows else "",
            task=tasks.get(order.pk),
        )
        for order in found
    ]


def _clock_of(
    order: WorkOrder, task: OrderUnit | None, clocks: dict[tuple[str, int], Deadline]
) -> Deadline | None:
    """A unit with a part of its own looks at that part's clock, and at none once it is done."""
    if task is not None:
        return clocks.get(("orderunit", task.pk)) if order.status == OrderStatus.ACCEPTED else None
    return clocks.get(("workorder", order.pk))


def _own_tasks(orders: list[WorkOrder], actor: Actor) -> dict[int, OrderUnit]:
    """The part of this post's unit in each order it was not itself sent, by order; one query, if any."""
    if not is_order_side(actor) or not isinstance(actor, PostActor):
        return {}
    unit_id = actor.post.unit_id
    others = [order.pk for order in orders if order.addressee_id != unit_id]
    rows = OrderUnit.objects.filter(order__in=others, unit=unit_id) if others else ()
    return {task.order_id: task for task in rows}


def order_cards(orders: Iterable[WorkOrder], actor: Actor) -> list[Card]:
    """Orders already fetched with their cases, each with its clock; one query."""
    return _cards(orders, actor)
