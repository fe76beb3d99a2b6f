"""Who could not be reached at 核查: the tries so far, what is still to be tried, what waits for a leader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post, UnitKind
from dispute_hub.cases.models import CaseEvent, Party
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.time import BEIJING
from routing.models import LostContact, OrderContact, OrderStatus, WorkOrder
from routing.selectors._approvers import all_who_stay_away, station_leaders
from routing.selectors._orders import decides, of_unit
from routing.selectors._packet import Words

TRIED: Final = "order.contact_tried"
# handbook 10: unreachable after three tries on different days, then a visit.
DAYS_TRIED: Final = 3


def tries_of(order: WorkOrder) -> list[CaseEvent]:
    """The tries since the result came in, the oldest first; those before an earlier 核查 count no more."""
    rows = CaseEvent.objects.filter(
        case=order.case_id, kind=TRIED, subject_kind="workorder", subject_id=order.pk
    )
    return [] if order.settled_at is None else _tries_among(rows.order_by("at", "id"), order)


def _tries_among(events: Iterable[CaseEvent], order: WorkOrder) -> list[CaseEvent]:
    since = order.settled_at
    return [one for one in events if one.subject_id == order.pk and since is not None and one.at >= since]


def untried(tries: Iterable[CaseEvent], party: Party) -> str:
    """What must still be tried before this party counts as lost, in words; empty when all was."""
    mine = [one for one in tries if one.data["party"] == party.pk]
    days = sorted({one.at.astimezone(BEIJING).date() for one in mine})
    if len(days) < DAYS_TRIED:
        said = f"已在{len(days)}天登记联系未果" if days else "尚未登记联系未果"
        return f"本方{said}；须在{DAYS_TRIED}个不同日期联系未果，再上门一次，均登记后提请。"
    # What made up the third day is a try; the visit is one more, later that day or after it.
    third = next(n for n, one in enumerate(mine) if one.at.astimezone(BEIJING).date() == days[DAYS_TRIED - 1])
    if not any(one.data["mode"] == OrderContact.Mode.VISIT for one in mine[third + 1 :]):
        return f"本方已在{DAYS_TRIED}个不同日期联系未果；此后须再上门一次并登记，方可提请。"
    return ""


def reached_at_verification(order: WorkOrder) -> set[int]:
    """Ids of the parties who said something at this 核查 already."""
    rows = order.contacts.filter(purpose=OrderContact.Purpose.VERIFY, at__gte=order.settled_at)
    return set(rows.values_list("party_id", flat=True))


@dataclass(frozen=True, slots=True)
class Try:
    """One try as a page shows it: whom, in what way, and what is recorded of it."""

    who: str
    mode: str
    event: CaseEvent


@dataclass(frozen=True, slots=True)
class LostSide:
    """Whom the police did not reach: each try, and what was proposed of it."""

    tries: list[Try] = field(default_factory=list)
    proposals: list[LostContact] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Whether a leader is asked."""
        return any(one.waits for one in self.proposals)


@dataclass(frozen=True, slots=True)
class LostCard:
    """A proposal as a leader decides it: with the tries, and whether the station has nobody else for it."""

    row: LostContact
    tries: list[Try]
    is_risen: bool


def _shown(tries: Iterable[CaseEvent], parties: Iterable[Party], *, clear: bool) -> list[Try]:
    names = {one.pk: f"{one.get_role_display()} {one.shown_name(clear=clear)}" for one in parties}
    modes = dict(OrderContact.Mode.choices)
    return [
        Try(names.get(one.data["party"], "当事人"), str(modes.get(one.data["mode"], "")), one)
        for one in tries
    ]


def lost_side(order: WorkOrder, words: Words) -> LostSide:
    """Tries and proposals of an order, the oldest first; names as this page shows them."""
    tries = _shown(tries_of(order), words.parties, clear=words.sight != "masked")
    rows = order.lost_contacts.select_related("proposer_user", "approver_user", "withdrawn_by__user")
    rows = rows.select_related("withdrawn_by__unit", "approver__unit")
    return LostSide(tries, list(rows.order_by("id")))


def lost_cards(rows: Iterable[LostContact], *, at: datetime) -> list[LostCard]:
    """These proposals with what a leader reads before he decides; names masked, as on every list."""
    rows = list(rows)
    cases = [row.order.case_id for row in rows]
    told = CaseEvent.objects.filter(case__in=cases, kind=TRIED, subject_kind="workorder")
    tries = list(told.order_by("at", "id"))
    parties = list(Party.objects.filter(case__in=cases))
    leaders = deciders(rows, at=at)
    return [
        LostCard(row, _shown(_tries_among(tries, row.order), parties, clear=False), not leaders[row.pk])
        for row in rows
    ]


def deciders(rows: Iterable[LostContact], *, at: datetime) -> dict[int, list[Post]]:
    """Per proposal the leaders of its station who may decide it now; while nobody is left the bureau's
    duty leader does (handbook 3). Asked anew each time: who was there may have left since."""
    rows = list(rows)
    stations = {row.order.case.station_id: row.order.case for row in rows}
    leaders = {key: station_leaders(case, at=at, besides=()) for key, case in stations.items()}
    away = all_who_stay_away(row.order.case_id for row in rows)
    return {
        row.pk: [
            post
            for post in leaders[row.order.case.station_id]
            if post.user_id != row.proposer_user_id and (row.order.case_id, post.user_id) not in away
        ]
        for row in rows
    }


def pending_lost(actor: PostActor, *, at: datetime) -> QuerySet[LostContact]:
    """Proposals that wait for the unit's leaders, the oldest first; for a bureau those no station decides."""
    rows = _of_leaders(actor).filter(LostContact.WAITS, order__status=OrderStatus.TO_VERIFY)
    rows = rows.select_related("order__case__station", "proposer_user", "proposer__unit")
    if actor.unit.kind == UnitKind.BUREAU:
        rows = rows.filter(pk__in=[pk for pk, leaders in deciders(rows, at=at).items() if not leaders])
    return rows.order_by("proposed_at", "id")


def lost_to_decide(actor: PostActor, *, at: datetime, most: int) -> list[LostContact]:
    """The first of those this very post decides now; none for who proposed them or leads no duty."""
    rows = list(pending_lost(actor, at=at).exclude(proposer_user=actor.user)[:most])
    return rows if rows and decides(actor, at=at) else []


def get_lost(actor: PostActor, lost_id: int) -> LostContact:
    """One proposal of the unit's cases, ended ones included; OutOfScope otherwise."""
    found = _of_leaders(actor).select_related("order__case", "order__addressee").filter(pk=lost_id).first()
    if found is None:
        raise OutOfScope("没有找到该提请，或不在当前岗位的查看范围内。")
    return found


def _of_leaders(actor: PostActor) -> QuerySet[LostContact]:
    return LostContact.objects.filter(of_unit(actor, "order__case__"))
