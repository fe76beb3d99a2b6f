"""Both parties reached, each what he said: by the centre after 签收, by the station when it verifies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases.models import Case, Party
from dispute_hub.common.errors import Invalid
from routing.models import OrderContact, WorkOrder
from routing.selectors._order_sides import sides_of
from routing.services._order_machine import at_work_on, lock_in_hand, receiver

CLOCK = "order.contact"


@dataclass(frozen=True, slots=True)
class SideSaid:
    """What one side said: `side` counts the parties of the case (witnesses apart) from 1."""

    side: int
    mode: str
    said: str


def start_contact_clock(case: Case, order: WorkOrder, *, at: datetime) -> None:
    """签收后请在○日内联系双方; nothing to wait for while nobody is known."""
    if sides_of(case.pk):
        deadlines.start(case, order, CLOCK, key=order.grade, holder=receiver(order), at=at)


@transaction.atomic
def record_order_contact(
    order: WorkOrder, *, side: int, mode: str, said: str, actor: PostActor, at: datetime
) -> OrderContact:
    """The centre or a department on the order reached one party; both reached, the contact clock stops."""
    policy.require(actor, "order.contact", at=at)
    case, row = lock_in_hand(order, act="记录联系情况")
    at_work_on(row, actor)
    kept = keep(
        case, row, [SideSaid(side, mode, said)], purpose=OrderContact.Purpose.FIRST, actor=actor, at=at
    )
    data = {"no": row.no, "side": side, "mode": mode, "text": said}
    lifecycle.record(case, "order.contacted", actor=actor, at=at, subject=row, data=data)
    reached = set(row.contacts.filter(purpose=OrderContact.Purpose.FIRST).values_list("party_id", flat=True))
    if {party.pk for party in sides_of(case.pk)} <= reached:
        deadlines.meet(row, CLOCK, at=at)
    return kept[0]


def keep(
    case: Case, order: WorkOrder, told: Sequence[SideSaid], *, purpose: str, actor: PostActor, at: datetime
) -> list[OrderContact]:
    """Write what each side said on a locked order. Invalid names the side whose words are missing."""
    sides = sides_of(case.pk)
    check_said(sides, told, missing="请写明其本人怎么说。")
    return OrderContact.objects.bulk_create(
        OrderContact(
            order=order, party=sides[one.side - 1], purpose=purpose, mode=one.mode, said=one.said[:1000],
            at=at, post=actor.post,
        )
        for one in told
    )  # fmt: skip


def check_said(sides: Sequence[Party], told: Sequence[SideSaid], *, missing: str) -> None:
    """Invalid unless each names a side and a way and has words; `missing` says which words."""
    fields: dict[str, list[str]] = {}
    for one in told:
        if not 1 <= one.side <= len(sides):
            fields["side"] = ["请选择当事人。"]
            continue
        if one.mode not in OrderContact.Mode.values:
            fields[f"mode_{one.side}"] = ["请选择电话、上门或当面约谈。"]
        if not one.said.strip():
            fields[f"said_{one.side}"] = [missing]
    if fields:
        raise Invalid("请补全联系情况。", fields=fields)


def need_both(case: Case, told: Sequence[SideSaid]) -> None:
    """核查属实 means every side was reached (handbook 4): Invalid names the sides left out."""
    reached = {one.side for one in told if one.said.strip()}
    missing = [number for number, _ in enumerate(sides_of(case.pk), start=1) if number not in reached]
    if missing:
        said = "核查须联系到双方当事人，请写明本方怎么说；联系不上的，请登记联系未果后提请办结。"
        raise Invalid(
            "核查须分别联系到双方当事人。", code="both_sides_needed",
            fields={f"said_{number}": [said] for number in missing},
        )  # fmt: skip
