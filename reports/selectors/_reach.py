"""Whom a post is to the case: police side, mediator, or the other side of the border gateway."""

from __future__ import annotations

from typing import Final

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role

# They get the order's least-data packet, never the case itself (handbook 3).
ORDER_SIDE: Final = frozenset({Role.CENTRE, Role.COUNTY_CENTRE, Role.DEPARTMENT, Role.GRID_WORKER})
# Colour, level, factors and earlier alerts stay on the police side; outside units get the instruction.
OUTSIDE: Final = ORDER_SIDE | {Role.MEDIATOR}
# They look, but ask the holder for names (handbook 3, reliability 4.2).
MASKED_ALWAYS: Final = frozenset({Role.LEADER, Role.OFFICE_CLERK})


def is_order_side(actor: PostActor) -> bool:
    return actor.role in ORDER_SIDE


def is_outside(actor: PostActor) -> bool:
    return actor.role in OUTSIDE
