"""How an order comes to be proposed as 失去联系 and decided, through the real services."""

from __future__ import annotations

from typing import Any

from dispute_hub.accounts.actor import PostActor
from routing import services
from routing.models import LostContact, WorkOrder
from tests.cast import Cast

# Three days, and then the visit.
CALLED = [(1, "phone"), (1, "phone"), (1, "phone"), (0, "visit")]


def tried(order: WorkOrder, cast: Cast, clock: Any, *tries: tuple[int, str], side: int = 2) -> WorkOrder:
    """Looked for in vain: so many days later, in this way."""
    for days, mode in tries:
        clock.advance(days=days)
        services.record_try(
            order, side=side, mode=mode, said="无人接听", actor=cast.community_officer, at=clock.at
        )
    return order


def propose(order: WorkOrder, cast: Cast, clock: Any, **given: Any) -> LostContact:
    said = {
        "text": "对方已外出务工，电话停机。", "actor": cast.community_officer,
        "contacts": [services.SideSaid(1, "phone", "本人称无意见")], **given,
    }  # fmt: skip
    return services.propose_lost_contact(order, at=clock.at, **said)


def decide(lost: LostContact, cast: Cast, clock: Any, *, approved: bool = True, **given: Any) -> LostContact:
    said = {"actor": cast.station_chief, **given}
    return services.decide_lost_contact(lost, approved=approved, at=clock.at, **said)


def leave(actor: PostActor, *, is_active: bool = False) -> None:
    """He works here no more (or again)."""
    actor.user.is_active = is_active
    actor.user.save()
