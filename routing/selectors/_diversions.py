"""分流确认 at the 110 desk: what waits for the duty commander, and what he decided today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import CaseEvent, Colour, Deadline
from dispute_hub.common.errors import OutOfScope
from routing.models import OrderKind, OrderStatus, WorkOrder
from triage.selectors import item_name

# Dispatch comes before diversion: the graver colours never go this way (handbook 4).
CALM: Final = (Colour.YELLOW, Colour.BLUE)
DECIDED_WITHIN: Final = timedelta(hours=24)
MOST_DECIDED: Final = 20


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal with its ten minutes; `calls` are its three-party calls, `hindrance` why it may not go."""

    order: WorkOrder
    item: str
    clock: Deadline | None
    calls: list[CaseEvent]
    hindrance: str


def waiting_diversions(actor: PostActor) -> list[Proposal]:
    """What this desk proposed and nobody has decided, the oldest first; three queries however many."""
    orders = list(_of_desk(actor).filter(status=OrderStatus.PROPOSED).order_by("proposed_at", "id")[:100])
    numbers = [order.pk for order in orders]
    clocks = {
        clock.subject_id: clock
        for clock in Deadline.objects.filter(
            subject_kind="workorder", subject_id__in=numbers, state=Deadline.State.OPEN
        )
    }
    calls: dict[int | None, list[CaseEvent]] = {}
    found = CaseEvent.objects.filter(
        case__in=[order.case_id for order in orders], kind="diversion.three_party_call"
    )
    for event in found.order_by("id"):
        calls.setdefault(event.subject_id, []).append(event)
    return [
        Proposal(
            order, item_name(order.case.item_code), clocks.get(order.pk), calls.get(order.pk, []),
            _hindrance(order),
        )
        for order in orders
    ]  # fmt: skip


def decided_diversions(actor: PostActor, *, at: datetime) -> list[WorkOrder]:
    """What this desk's commanders decided in the last day, the newest first."""
    rows = _of_desk(actor).filter(proposed_at__gte=at - DECIDED_WITHIN, approver_user__isnull=False)
    return list(rows.order_by("-proposed_at", "-id")[:MOST_DECIDED])


def get_proposal(actor: PostActor, no: str) -> WorkOrder:
    """One proposal of this desk; OutOfScope (404) when unknown or another desk's."""
    order = _of_desk(actor).filter(no=no).first()
    if order is None:
        raise OutOfScope("没有找到该分流提请，或不在当前岗位的查看范围内。")
    return order


def alert_no_of(order: WorkOrder) -> str:
    """The number of the alert the matter came in with, as the caller's paper names it."""
    numbers = order.case.alerts.order_by("received_at", "id").values_list("alert_no", flat=True)
    return numbers.first() or ""


def _of_desk(actor: PostActor) -> QuerySet[WorkOrder]:
    rows = WorkOrder.objects.filter(kind=OrderKind.DIVERSION, proposed_by__unit=actor.post.unit_id)
    return rows.select_related("case__station", "addressee", "notice", "proposer_user", "approver_user")


def _hindrance(order: WorkOrder) -> str:
    """What changed since the desk proposed, in words; "" while it may still go."""
    if order.case.colour not in CALM or order.case.side != "non_police":
        return "研判已变化：红色、橙色或公安职责类警情须先派警处置，请选“不予分流”。"
    return ""
