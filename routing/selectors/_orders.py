"""Questions about orders. The police side sees those of its cases, the other side those sent to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import DutyRoster, Role, Unit, UnitKind
from dispute_hub.cases.models import Case, Deadline
from dispute_hub.cases.selectors import kept_away, visible_to
from dispute_hub.common.errors import OutOfScope
from intake.selectors import alerts_visible_to
from routing.models import OPEN_ORDERS, OrderExtension, OrderKind, OrderStatus, OrderUnit, WorkOrder
from triage.selectors import item_name

ORDER_SIDE: Final = (Role.CENTRE, Role.COUNTY_CENTRE, Role.DEPARTMENT, Role.GRID_WORKER)


def no_orders_help(actor: Actor) -> str:
    """What an empty list of orders says to do."""
    if is_order_side(actor):
        return "派出所发来的交办单会出现在这里，请留意消息提醒，按时签收。"
    return "本所未能化解的案件，可在案件页或跟踪化解台账中“提请三推”。"


def is_order_side(actor: Actor) -> bool:
    """Whether this post belongs to who gets orders: no colour, no factors, nothing before it is sent."""
    return isinstance(actor, PostActor) and actor.role in ORDER_SIDE


def orders_visible_to(actor: Actor, *, at: datetime) -> QuerySet[WorkOrder]:
    """Orders in reach of the post; an order not yet sent does not exist for the other side.

    A county centre also sees, masked, those of the street centres below it (handbook 3).
    """
    rows = WorkOrder.objects.select_related("case", "addressee", "lead_unit").order_by("-proposed_at", "-id")
    # What goes the other way has pages of its own (`_counter_orders`).
    rows = rows.exclude(kind=OrderKind.COUNTER)
    if not isinstance(actor, PostActor) or actor.role not in ORDER_SIDE:
        return rows.filter(case__in=visible_to(actor, at=at))
    unit_id = actor.post.unit_id
    sent = WorkOrder.objects.filter(sent_at__isnull=False).order_by()
    mine = sent.filter(addressee_id=unit_id).values("pk")
    # A union, not an OR: each branch reads its own index, so that years of other units' orders cost nothing.
    working = OrderUnit.objects.filter(unit_id=unit_id).order_by()
    found: list[QuerySet[Any, Any]] = [working.values("order_id")]
    if actor.role == Role.COUNTY_CENTRE:
        below = Unit.objects.filter(parent_id=unit_id).values("pk")
        found.append(sent.filter(addressee__in=below).values("pk"))
    return rows.filter(pk__in=mine.union(*found))


def get_order(actor: Actor, no: str, *, at: datetime) -> WorkOrder:
    """One order by its number; OutOfScope (404) when unknown or out of reach, alike."""
    rows = orders_visible_to(actor, at=at).select_related(
        "case__station", "report__author__user", "notice", "filing",
        "phone_approval__leader__user", "phone_approval__recorder_user", "proposer_user", "approver_user",
        "approved_by__unit", "accepted_by__user", "accepted_by__unit", "verified_by__user",
        "verified_by__unit",
    )  # fmt: skip
    order = rows.filter(no=no).first()
    if order is None:
        raise OutOfScope("没有找到该交办单，或不在当前岗位的查看范围内。")
    return order


def listed(actor: PostActor, *, status: str, at: datetime) -> QuerySet[WorkOrder]:
    """The list view, newest first; every status unless one is named."""
    rows = orders_visible_to(actor, at=at)
    return rows.filter(status=status) if status in OrderStatus.values else rows


def awaiting_approval(actor: PostActor) -> QuerySet[WorkOrder]:
    """Third pushes the unit's leaders must decide, the oldest first; a bureau's those that rose to it."""
    rows = WorkOrder.objects.filter(of_unit(actor, "case__"), status=OrderStatus.PROPOSED)
    if actor.unit.kind == UnitKind.BUREAU:
        rows = rows.filter(filing__risen_at__isnull=False)
    return (
        rows.exclude(kind=OrderKind.DIVERSION)
        .select_related(
            "case", "addressee", "lead_unit", "proposer_user", "proposed_by__unit", "report", "filing"
        )
        .order_by("proposed_at", "id")
    )


def pending_extensions(actor: PostActor) -> QuerySet[OrderExtension]:
    """Later dates the unit's leaders must decide, the oldest first."""
    return (
        OrderExtension.objects.filter(
            of_unit(actor, "order__case__"), approved__isnull=True, order__status=OrderStatus.ACCEPTED
        )
        .select_related("order__case", "proposer__user", "proposer__unit")
        .order_by("proposed_at", "id")
    )


def get_extension(actor: PostActor, extension_id: int) -> OrderExtension:
    """One extension this unit may decide, decided ones included; OutOfScope otherwise."""
    rows = OrderExtension.objects.filter(of_unit(actor, "order__case__")).select_related(
        "order__case", "order__addressee", "proposer__user"
    )
    extension = rows.filter(pk=extension_id).first()
    if extension is None:
        raise OutOfScope("没有找到该延期申请，或不在当前岗位的查看范围内。")
    return extension


def sees_approvals(actor: PostActor, *, at: datetime) -> bool:
    """Whether the lists of a leader are shown: to chiefs and the bureau, and to who leads the duty."""
    return policy.allows(actor.role, "third_push.approve") or people.leads_duty(actor.post, at)


def decides(actor: PostActor, *, at: datetime) -> bool:
    """Whether this post approves third pushes now: a chief, or who leads the duty (handbook 3)."""
    if actor.unit.kind == UnitKind.BUREAU:
        leaders = people.on_duty(actor.post.unit_id, DutyRoster.Duty.LEADER, at)
        return actor.post.pk in {post.pk for post in leaders}
    return sees_approvals(actor, at=at)


def decides_extensions(actor: PostActor, *, at: datetime) -> bool:
    """Whether this post decides on later dates: a chief of the station, or who leads the duty."""
    return policy.allows(actor.role, "order.approve_extension") or people.leads_duty(actor.post, at)


def of_unit(actor: PostActor, path: str) -> Q:
    """The station's own cases; for a bureau duty leader those of the whole bureau."""
    column = "bureau" if actor.unit.kind == UnitKind.BUREAU else "station"
    return Q(**{f"{path}{column}": actor.post.unit_id}) & ~Q(**{f"{path}pk__in": kept_away(actor)})


def open_order(case_id: int) -> WorkOrder | None:
    """The order the case is waiting on, if any."""
    rows = WorkOrder.objects.filter(case_id=case_id, status__in=OPEN_ORDERS)
    return (
        rows.exclude(kind__in=(OrderKind.NOTICE_ONLY, OrderKind.COUNTER))
        .select_related("addressee")
        .order_by("-id")
        .first()
    )


def orders_of(case: Case) -> QuerySet[WorkOrder]:
    """Every order of a case, newest first."""
    return WorkOrder.objects.filter(case=case).select_related("addressee", "lead_unit").order_by("-id")


def case_to_divert(actor: PostActor, case_no: str, *, at: datetime) -> Case:
    """A case this post may divert: in its scope, or (at the desk) born of an alert of its own centre."""
    in_reach = Q(pk__in=visible_to(actor, at=at).values("pk"))
    in_reach |= Q(pk__in=alerts_visible_to(actor, at=at).filter(case__case_no=case_no).values("case_id"))
    rows = Case.objects.filter(in_reach, case_no=case_no)
    case = rows.select_related("station", "street", "bureau").first()
    if case is None:
        raise OutOfScope("没有找到该案件，或不在当前岗位的查看范围内。")
    return case


def get_diversion(actor: Actor, no: str, *, at: datetime) -> WorkOrder:
    """One diverted order with its hand-over notice; OutOfScope when it has none."""
    order = get_order(actor, no, at=at)
    if getattr(order, "notice", None) is None or order.sent_at is None:
        raise OutOfScope("该交办单没有移交告知单。")
    return order


def item_of(case: Case) -> str:
    """The matter of a case in words."""
    return item_name(case.item_code) if case.item_code else "未归类"


def after_diversion(actor: PostActor, order: WorkOrder) -> str:
    """Where somebody who diverted a case goes on: to the notice, the desk back to its alerts."""
    return "/alerts/" if actor.role == Role.DUTY_COMMANDER else f"/orders/{order.no}/notice/"


def clocks_of_order(order: WorkOrder) -> list[Deadline]:
    """The running clocks of an order, the nearest first."""
    rows = Deadline.objects.filter(subject_kind="workorder", subject_id=order.pk, state=Deadline.State.OPEN)
    return list(rows.order_by("due_at", "id"))


def answer_of(order: WorkOrder, clocks: list[Deadline]) -> dict[str, Any]:
    """An order as the API answers it: where it stands and which clocks run; no personal data."""
    due = {clock.kind: clock.due_at.isoformat() for clock in clocks}
    units = _units(order)
    return {
        "no": order.no,
        "case_no": order.case.case_no,
        "case_status": order.case.status,
        "kind": order.kind,
        "status": order.status,
        "grade": order.grade,
        "difficulty": order.difficulty,
        "addressee": order.addressee.code,
        "lead_unit": order.lead_unit.code if order.lead_unit else None,
        "assisting_units": [entry.unit.code for entry in units if entry.part == "assisting"],
        # Codes and states alone: what a unit was asked and what it said is between it and the centre.
        "tasks": [
            {"id": entry.pk, "unit": entry.unit.code, "part": entry.part, "is_open": entry.is_open}
            for entry in units
        ],
        "approve_due_at": due.get("order.approve"),
        "accept_due_at": due.get("order.accept") or due.get("diversion.accept"),
        "progress_due_at": due.get("order.progress"),
        "contact_due_at": due.get("order.contact"),
        "result_due_at": due.get("order.result"),
        "verify_due_at": due.get("order.verify"),
    }


def _units(order: WorkOrder) -> list[OrderUnit]:
    return list(order.units.select_related("unit").order_by("-part", "id"))
