"""Who could not be reached at 核查: the tries so far, what is still to be tried, what waits for a leader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import UnitKind
from dispute_hub.cases.models import CaseEvent, Party
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.time import BEIJING
from routing.models import LostContact, OrderContact, OrderStatus, WorkOrder
from routing.selectors._orders import of_unit
from routing.selectors._packet import Words

TRIED: Final = "order.contact_tried"
# handbook 10: unreachable after three tries on different days, then a visit.
DAYS_TRIED: Final = 3


def tries_of(order: WorkOrder) -> list[CaseEvent]:
    """The tries since the result came in, the oldest first; those before an earlier 核查 count no more."""
    if order.settled_at is None:
        return []
    rows = CaseEvent.objects.filter(
        case=order.case_id, kind=TRIED, subject_kind="workorder", subject_id=order.pk
    )
    return list(rows.filter(at__gte=order.settled_at).order_by("at", "id"))


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
class LostSide:
    """Whom the police did not reach: each try with the name of its party, and what was proposed of it."""

    tries: list[tuple[str, CaseEvent]] = field(default_factory=list)
    proposals: list[LostContact] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Whether a leader is asked."""
        return any(one.approved is None for one in self.proposals)


def lost_side(order: WorkOrder, words: Words) -> LostSide:
    """Tries and proposals of an order, the oldest first; names as this page shows them."""
    clear = words.sight != "masked"
    names = {one.pk: f"{one.get_role_display()} {one.shown_name(clear=clear)}" for one in words.parties}
    tries = [(names.get(one.data["party"], "当事人"), one) for one in tries_of(order)]
    return LostSide(tries, list(order.lost_contacts.select_related("proposer_user").order_by("id")))


def pending_lost(actor: PostActor) -> QuerySet[LostContact]:
    """Proposals the unit's leaders must decide, the oldest first."""
    rows = _of_leaders(actor).filter(approved__isnull=True, order__status=OrderStatus.TO_VERIFY)
    return rows.select_related("order__case", "proposer_user", "proposer__unit").order_by("proposed_at", "id")


def get_lost(actor: PostActor, lost_id: int) -> LostContact:
    """One proposal this unit may decide, decided ones included; OutOfScope otherwise."""
    found = _of_leaders(actor).select_related("order__case", "order__addressee").filter(pk=lost_id).first()
    if found is None:
        raise OutOfScope("没有找到该提请，或不在当前岗位的查看范围内。")
    return found


def _of_leaders(actor: PostActor) -> QuerySet[LostContact]:
    """Those of the station's cases; for a bureau those that rose to it."""
    rows = LostContact.objects.filter(of_unit(actor, "order__case__"))
    return rows.filter(risen_at__isnull=False) if actor.unit.kind == UnitKind.BUREAU else rows
