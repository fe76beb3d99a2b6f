"""The sides of a dispute as an order counts them, and what each has said so far."""

from __future__ import annotations

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Party
from routing.models import OrderContact, WorkOrder


def sides_of(case_id: int) -> list[Party]:
    """The parties of a case without its witnesses, in the order in which forms and the API number them."""
    rows = Party.objects.filter(case=case_id).exclude(role=Party.PartyRole.WITNESS)
    return list(rows.order_by("id"))


def contacts_of(order: WorkOrder) -> list[OrderContact]:
    """Who was reached about an order, the newest first."""
    return list(order.contacts.select_related("party", "post__unit", "post__user").order_by("-id")[:50])


def own_task_id(order: WorkOrder, actor: PostActor) -> int:
    """The part of this post's unit in an order; 0 when it has none."""
    found = order.units.filter(unit=actor.post.unit_id).values_list("pk", flat=True).first()
    return found or 0
