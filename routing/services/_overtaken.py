"""What was told to a platform about an order and no longer holds: it must not be told once more."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Exists, OuterRef

from dispute_hub.outbox.models import OutboxRow
from dispute_hub.outbox.selectors import Overtaken
from routing.models import OPEN_ORDERS, OrderStatus, WorkOrder
from routing.services._outward import IN_HAND, is_sent_to

O = OrderStatus  # noqa: E741 - the table below reads like the handbook's
# Topic → how the order stands while the message holds; a topic that is not here holds while in hand.
HOLDS_WHILE: Final[dict[str, tuple[str, ...]]] = {
    "order.sent": (O.SENT, O.ACCEPTED),
    "order.noticed": (O.SENT, O.DONE),
    "order.recalled": (O.RECALLED,),
    "order.verified": (O.DONE,),
    "order.reopened": (O.ACCEPTED,),
}


def overtaken(row_ids: list[int]) -> dict[int, Overtaken]:
    """Why deliveries about orders must not go once more, by row id; two queries.

    A delivery that still waits in its case's line needs no such question: what takes it back waits
    behind it. One that was given up has been passed by the later ones.
    """
    rows = list(OutboxRow.objects.filter(pk__in=row_ids).annotate(is_passed=Exists(_later())))
    orders = WorkOrder.objects.filter(no__in={row.payload.get("no", "") for row in rows})
    found = {(order.case_id, order.no): order for order in orders.select_related("addressee")}
    told = ((row, found.get((row.case_id or 0, row.payload.get("no", "")))) for row in rows)
    judged = {row.pk: _judge(row, order) for row, order in told if order is not None}
    return {pk: one for pk, one in judged.items() if one is not None}


def _later() -> Any:
    """A later message of the same kind about the same order to the same platform and unit."""
    same = {
        name: OuterRef(name) for name in ("target", "case_id", "topic", "payload__no", "payload__addressee")
    }
    # An index holds what went to platforms; that the outer row has a target does not lead to it.
    return OutboxRow.objects.filter(**same, pk__gt=OuterRef("pk")).exclude(target="")


def _judge(row: Any, order: WorkOrder) -> Overtaken | None:
    """In words for the person who wanted it sent; None while the message holds.

    An order that is not over may come back to where the message holds: 待核查 becomes 办理中 once more.
    """
    is_theirs, is_recall = is_sent_to(row, order), row.topic == "order.recalled"
    if row.is_passed:
        return Overtaken("所涉交办单已有更新的同类内容，不能再次发送", is_final=True)
    if not is_theirs:
        return None if is_recall else Overtaken("所涉交办单已改由其他单位办理，不能再次发送", is_final=True)
    if order.status in HOLDS_WHILE.get(row.topic, IN_HAND):
        return None
    words = f"所涉交办单当前为“{order.get_status_display()}”，不能再次发送"
    return Overtaken(words, is_final=order.status not in OPEN_ORDERS)
