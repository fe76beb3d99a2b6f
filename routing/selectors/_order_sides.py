"""The sides of a dispute as an order counts them, and what each has said so far."""

from __future__ import annotations

from collections.abc import Iterable

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Party
from routing.models import OrderContact, WorkOrder


def sides_of(case_id: int) -> list[Party]:
    """The sides of a case, in the order in which forms and the API number them."""
    return sides_among(Party.objects.filter(case=case_id))


def sides_among(parties: Iterable[Party]) -> list[Party]:
    """Who must be asked. Once two parties are known, a neighbour who only called is no side, nor is
    somebody 身份待查 whom nobody could reach; before that whoever is not a witness may be one."""
    found = sorted(parties, key=lambda party: party.pk)
    known = [party for party in found if party.role == Party.PartyRole.PARTY and not party.is_unidentified]
    if len(known) > 1:
        return known
    return [party for party in found if party.role != Party.PartyRole.WITNESS]


def contacts_of(order: WorkOrder, unit_id: int | None = None) -> list[OrderContact]:
    """Who was reached about an order, the newest first.

    `unit_id`: a unit put on the order reads its own first calls, neither the others' nor the police's.
    """
    rows = order.contacts.select_related("party", "post__unit", "post__user").order_by("-id")
    if unit_id is not None:
        rows = rows.filter(post__unit=unit_id, purpose=OrderContact.Purpose.FIRST)
    return list(rows[:50])


def own_task_id(order: WorkOrder, actor: PostActor) -> int:
    """The part of this post's unit in an order; 0 when it has none."""
    found = order.units.filter(unit=actor.post.unit_id).values_list("pk", flat=True).first()
    return found or 0
