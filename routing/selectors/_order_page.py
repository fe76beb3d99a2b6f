"""What the page of one order shows, and what this post may do with it now: 该谁办, 做什么, 何时到期."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import CaseEvent, Deadline, Party
from dispute_hub.outbox.selectors import deliveries_of
from routing.models import (
    Grade,
    OrderContact,
    OrderExtension,
    OrderKind,
    OrderProgress,
    OrderStatus,
    WorkOrder,
)
from routing.selectors._approvers import may_decide
from routing.selectors._drafting import assignable_by, span_words
from routing.selectors._filings import changed_since_filed
from routing.selectors._lost_contact import LostSide, lost_side
from routing.selectors._order_sides import contacts_of, sides_among
from routing.selectors._order_turn import TaskLine, Turn, turn_of
from routing.selectors._orders import clocks_of_order, is_order_side
from routing.selectors._packet import Words, packet_of, words_for

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
        ("contact", "order.contact", "worker"),
        ("complete", "order.feed_back", "own"),
        ("assign", "order.assign", "addressee"),
        ("feedback", "order.feed_back", "worker"),
        ("settle", "order.settle", "addressee"),
        ("extend", "order.extend", "addressee"),
        ("return", "order.return", "addressee"),
    ),
    O.TO_VERIFY: (
        ("verify", "order.verify", "anybody"),
        ("tried", "order.verify", "anybody"),
        ("lost", "order.verify", "unasked"),
    ),
}
FOR_NOTICE: Final = ("approve", "reject", "accept", "recall")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """The order as this post sees it now; `own_only` is a unit that sees and reports its own part alone."""

    order: WorkOrder
    packet: dict[str, Any]
    words: Words
    clocks: list[tuple[str, Deadline]]
    lines: list[TaskLine]
    progress: list[OrderProgress]
    extensions: list[OrderExtension]
    sides: list[Party]
    contacts: list[OrderContact]
    # Whom 核查 did not reach; for the police side.
    lost: LostSide
    counters: list[WorkOrder]
    urged: list[CaseEvent]
    acts: tuple[str, ...]
    turn: Turn
    # In what time the parties are to be called; empty for a unit's own part, a notice, and once they were.
    contact_within: str
    shows_colour: bool
    own_only: bool
    leads: bool
    proposed_assisting: list[Unit]
    assignable: list[Unit]
    reassigned_by: str
    may_phone: bool
    # What went to platforms about it and whether it arrived; for the police side.
    deliveries: list[dict[str, Any]]
    # For who approves: the hash of what he reads here, and what changed since it was filed.
    seen: str
    changed: list[str]


def page_of(order: WorkOrder, actor: PostActor, *, at: datetime) -> OrderPage:
    """Everything of the order page; the same number of queries however long the order's story is."""
    here = actor.post.unit_id
    own_only = is_order_side(actor) and here != order.addressee_id and actor.role != Role.COUNTY_CENTRE
    clocks = clocks_of_order(order)
    lines = _lines(order, here, own_only=own_only)
    words = words_for(order, order.case, actor)
    sides = sides_among(words.parties)
    contacts = [] if actor.role == Role.GRID_WORKER else contacts_of(order, here if own_only else None)
    running = {clock.kind: clock for clock in clocks}
    lost = LostSide() if is_order_side(actor) else lost_side(order, words)
    turn = turn_of(
        order, lines, running, own_only=own_only, uncalled=_uncalled(sides, contacts), is_lost=lost.waits
    )
    acts = possible_acts(order, actor, at=at, lines=lines, is_lost=lost.waits)
    seen, changed = changed_since_filed(order, order.case) if "approve" in acts else ("", [])
    return OrderPage(
        order=order, words=words, lines=lines, sides=sides, contacts=contacts, lost=lost, turn=turn,
        packet=packet_of(order, order.case, sight=words.sight),
        clocks=[] if own_only else [(clock_table.name_of(clock.kind), clock) for clock in clocks],
        progress=_progress(order, here if own_only else None),
        extensions=[] if own_only else list(order.extensions.order_by("id")),
        counters=[] if own_only else counters_about(order),
        urged=urged(order),
        acts=tuple(sorted(acts, key=lambda name: name != turn.act)),
        contact_within=_asked_to_call(order, own_only=own_only),
        shows_colour=not is_order_side(actor),
        own_only=own_only,
        leads="assign" in acts,
        proposed_assisting=list(order.proposed_assisting.all()) if "assign" in acts else [],
        assignable=assignable_by(order) if "assign" in acts else [],
        reassigned_by=reassigned_by(order) if "return" in acts else "",
        deliveries=_deliveries(order, actor),
        may_phone=may_phone(order, actor, at=at),
        seen=seen,
        changed=changed,
    )  # fmt: skip


def _lines(order: WorkOrder, here: int, *, own_only: bool) -> list[TaskLine]:
    """Each unit's part with its clock, the lead first; for a unit on the order its own part alone."""
    entries = order.units.select_related("unit", "done_by__unit").order_by("-part", "id")
    tasks = list(entries.filter(unit=here) if own_only else entries)
    running = Deadline.objects.filter(
        subject_kind="orderunit", subject_id__in=[task.pk for task in tasks], state=Deadline.State.OPEN
    )
    clocks = {clock.subject_id: clock for clock in running} if tasks else {}
    return [TaskLine(task, clocks.get(task.pk), task.unit_id == here) for task in tasks]


def _progress(order: WorkOrder, unit_id: int | None) -> list[OrderProgress]:
    rows = order.progress.select_related("post__unit", "post__user").order_by("-id")
    return list((rows.filter(post__unit=unit_id) if unit_id else rows)[:50])


def _uncalled(sides: list[Party], contacts: list[OrderContact]) -> list[Party]:
    reached = {contact.party_id for contact in contacts if contact.purpose == OrderContact.Purpose.FIRST}
    return [party for party in sides if party.pk not in reached]


def counters_about(order: WorkOrder) -> list[WorkOrder]:
    """What the centre sent to the police about this order, the newest first."""
    rows = WorkOrder.objects.filter(matter__about=order).select_related("addressee", "matter")
    return list(rows.order_by("-id")[:10])


def _deliveries(order: WorkOrder, actor: PostActor) -> list[dict[str, Any]]:
    """Each with whether this post may look at the reconciliation, where one did not arrive."""
    if is_order_side(actor):
        return []
    reads = policy.allows(actor.role, "reconciliation.read")
    rows = deliveries_of(order.case_id, order.no)
    return [{**row, "reconciles": reads and row["row"].sent_at is None} for row in rows]


def urged(order: WorkOrder) -> list[CaseEvent]:
    """What the watcher asked for, the newest first; only a diversion is watched."""
    if order.kind != OrderKind.DIVERSION:
        return []
    rows = CaseEvent.objects.filter(
        case=order.case_id, kind="order.urged", subject_kind="workorder", subject_id=order.pk
    )
    return list(rows.order_by("-id")[:10])


def possible_acts(
    order: WorkOrder, actor: PostActor, *, at: datetime, lines: Sequence[TaskLine], is_lost: bool = False
) -> tuple[str, ...]:
    """The only acts this post may do in this status, in the order a person would look for them.

    `is_lost`: a leader is asked already whether somebody counts as 联系不上.
    """
    here = actor.post.unit_id
    whose = {
        "anybody": True,
        "unasked": not is_lost,
        # A diversion the desk proposed is confirmed by its duty commander, not here.
        "other": order.status == O.PROPOSED and may_decide(order, actor, at=at),
        "addressee": order.addressee_id == here,
        "worker": order.addressee_id == here or any(line.is_own for line in lines),
        "own": any(line.is_own and line.task.is_open for line in lines),
    }
    return tuple(
        name
        for name, act, holder in ACTS.get(order.status, ())
        if whose[holder]
        and (order.kind != OrderKind.NOTICE_ONLY or name in FOR_NOTICE)
        and _may(actor, act, at=at)
    )


def may_phone(order: WorkOrder, actor: PostActor, *, at: datetime) -> bool:
    """Whether this post may record 先推后批: a 特急 order that waits, by who may ask a leader."""
    waits = order.status == O.PROPOSED and order.grade == Grade.EXTRA_URGENT
    return waits and _may(actor, "third_push.record_phone", at=at)


def _may(actor: PostActor, act: str, *, at: datetime) -> bool:
    if policy.allows(actor.role, act):
        return True
    return act in policy.BY_DUTY_LEADER and people.leads_duty(actor.post, at)


def _asked_to_call(order: WorkOrder, *, own_only: bool) -> str:
    over = order.status not in (O.PROPOSED, O.SENT, O.ACCEPTED)
    return "" if own_only or over or order.kind == OrderKind.NOTICE_ONLY else contact_within(order)


def contact_within(order: WorkOrder) -> str:
    """How soon the parties are to be called after 签收, by grade."""
    return span_words(clock_table.limit_of("order.contact", order.grade))


def reassigned_by(order: WorkOrder) -> str:
    """Who names the next receiver once this order is returned (handbook 7: after two returns the county)."""
    returned = WorkOrder.objects.filter(
        case=order.case_id, status=O.RETURNED, kind=OrderKind.THIRD_PUSH
    ).count()
    coming = returned + (order.kind == OrderKind.THIRD_PUSH and order.status in (O.SENT, O.ACCEPTED))
    return "县级综治中心" if coming >= 2 else "派出所"
