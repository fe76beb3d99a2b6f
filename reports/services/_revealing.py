"""查看明文 on the case file: which fields of which parties each side may ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Party
from dispute_hub.cases.services import Revealed
from dispute_hub.common.errors import NoRight, OutOfScope
from routing.selectors import orders_visible_to, sight_of

POLICE_FIELDS: Final = frozenset({"name", "phone", "id_number"})
# Identity numbers never leave the police side (handbook 3).
OUTSIDE_FIELDS: Final = frozenset({"name", "phone"})


@transaction.atomic
def reveal(
    case: Case, *, party_id: int, field: str, purpose: str, actor: PostActor, at: datetime
) -> Revealed:
    """Show one field of one party to a person who says what for.

    Raises OutOfScope for a party of another case, NoRight for a field this side may not see; further
    as `cases.services.reveal`.
    """
    if field not in fields_open_to(actor, case, at=at):
        raise NoRight("当前岗位不能查看该项明文。")
    party = Party.objects.filter(case=case, pk=party_id).first()
    if party is None:
        raise OutOfScope()
    return cases.reveal(party, case=case, field=field, purpose=purpose, actor=actor, at=at)


def fields_open_to(actor: PostActor, case: Case, *, at: datetime) -> frozenset[str]:
    """Which fields of a party this post may ask for in clear."""
    if actor.role == Role.MEDIATOR:
        return OUTSIDE_FIELDS
    if actor.role == Role.CENTRE:
        order = orders_visible_to(actor, at=at).filter(case=case).first()
        in_hand = order is not None and sight_of(order, case, actor) == "clear"
        return OUTSIDE_FIELDS if in_hand else frozenset()
    return POLICE_FIELDS
